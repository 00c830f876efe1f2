"""What holds for somebody now: for each purpose and channel the newest word, in a few letters.

    {"marketing": {"email": "g2027-03-01/3", "": "w/"}, "terms": {"": "g/4"}}

A value is a letter, the first day on which it counts no more, and the number of the edition of the
policy. `?` counts how often somebody was asked, `#child` is the day a child stops being one.
People with the same standing have the same text, so that whoever reads many reads each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import orjson

GIVEN, RENEWED, REFUSED, WITHDRAWN = "given", "renewed", "refused", "withdrawn"
EXPIRED, INVALIDATED, REQUESTED = "expired", "invalidated", "requested"
STATES = (GIVEN, RENEWED, REFUSED, WITHDRAWN, EXPIRED, INVALIDATED, REQUESTED)
"""As ISO/IEC TS 27560 and the W3C vocabulary have them."""
HOLDING = frozenset((GIVEN, RENEWED))
"""Only in these states may data be used."""
STOPPING = frozenset((REFUSED, WITHDRAWN, INVALIDATED))

_LETTERS = dict(zip("gnrweiq", STATES, strict=True))
_LETTER_OF = {state: letter for letter, state in _LETTERS.items()}
ASKED, CHILD = "?", "#child"

Standing: TypeAlias = dict[str, dict[str, str | int]]


@dataclass(frozen=True, slots=True)
class Word:
    """One state: `until` is the first day on which it counts no more."""

    state: str
    until: date | None = None
    edition: int | None = None

    def holds(self, today: date) -> bool:
        return self.state in HOLDING and not self.ended(today)

    def ended(self, today: date) -> bool:
        return self.until is not None and self.until <= today


def dump(standing: Mapping[str, Mapping[str, str | int]]) -> str:
    return orjson.dumps(standing, option=orjson.OPT_SORT_KEYS).decode()


def load(text: str) -> Standing:
    found: Standing = orjson.loads(text) if text else {}
    return found


def put(standing: Standing, purpose: str, channel: str, word: Word) -> None:
    until = word.until.isoformat() if word.until else ""
    edition = "" if word.edition is None else str(word.edition)
    standing.setdefault(purpose, {})[channel] = f"{_LETTER_OF[word.state]}{until}/{edition}"


def word(standing: Standing, purpose: str, channel: str) -> Word | None:
    """What was said of this purpose and channel itself; None where nothing was."""
    found = standing.get(purpose, {}).get(channel)
    if not isinstance(found, str):
        return None
    until, _, edition = found[1:].partition("/")
    return Word(
        _LETTERS[found[0]],
        date.fromisoformat(until) if until else None,
        int(edition) if edition else None,
    )


def words(standing: Standing) -> list[tuple[str, str, Word]]:
    """(purpose, channel, word) of all, in order."""
    return [
        (purpose, channel, found)
        for purpose, channels in sorted(standing.items())
        if purpose != CHILD
        for channel in sorted(channels)
        if channel != ASKED and (found := word(standing, purpose, channel))
    ]


def said(standing: Standing, purpose: str, channel: str) -> Word | None:
    """What counts for this channel: its own word, or else that of all. Without a channel a no to
    any single one counts, as whoever asks may use just that one."""
    own, all_ = word(standing, purpose, channel), word(standing, purpose, "")
    if not channel and (all_ is None or all_.state not in STOPPING):
        found = (each for p, _, each in words(standing) if p == purpose and each.state in STOPPING)
        return next(found, all_)
    if own is None or own.state == REQUESTED:  # being asked ends no earlier word
        return all_ or own
    return own


def asked(standing: Standing, purpose: str) -> int:
    """How often somebody was asked for their consent to it."""
    return int(standing.get(purpose, {}).get(ASKED, 0))


def count_asked(standing: Standing, purpose: str) -> None:
    standing.setdefault(purpose, {})[ASKED] = asked(standing, purpose) + 1


def child_until(standing: Standing) -> date | None:
    found = standing.get(CHILD, {}).get("", "")
    return date.fromisoformat(str(found)) if found else None


def set_child(standing: Standing, until: date | None) -> None:
    if until is None:
        standing.pop(CHILD, None)
    else:
        standing[CHILD] = {"": until.isoformat()}
