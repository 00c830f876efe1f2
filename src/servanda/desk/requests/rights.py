"""The rights by the names used everywhere, and what people call them."""

from __future__ import annotations

from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean

RIGHTS = (
    "access",
    "portability",
    "rectification",
    "erasure",
    "restriction",
    "object",
    "withdraw",
    "complaint",
)
ALIASES = {
    "objection": "object",
    "withdrawal": "withdraw",
    "correction": "rectification",
    "deletion": "erasure",
}


def right_id(word: str) -> str:
    """UsageError for what is no right."""
    found = ALIASES.get(word, word)
    if found not in RIGHTS:
        raise UsageError(
            f'there is no right "{word[:40]}"', did_you_mean(word, (*RIGHTS, *ALIASES))
        )
    return found
