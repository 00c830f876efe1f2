"""Near misses: what the person probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 80  # longer words are never near misses, and comparing them costs time


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to `word`, or None when nothing is close."""
    if len(word) > _LONGEST:
        return None
    by_lower = {each.lower().replace("-", "_"): each for each in sorted(known)}
    folded = word.lower().replace("-", "_")
    if folded in by_lower:
        return by_lower[folded]
    found = get_close_matches(folded, by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], *, show: int = 12) -> str:
    """A remedy: `did you mean "delete"?`, or else the words there are (at most `show`)."""
    words = sorted(known)
    near = nearest(word, words)
    if near is not None:
        return f'did you mean "{near}"?'
    if not words:
        return ""
    listed = ", ".join(words[:show])
    return f"known: {listed}{', …' if len(words) > show else ''}"
