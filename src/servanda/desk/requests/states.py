"""The life of a request: which move is possible in which state, and where it leads. All as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from servanda.kernel.errors import UsageError

OPEN_EARLY = frozenset(("received", "waiting", "verified"))
ENDED = frozenset(("closed", "cancelled"))
ANSWERED = frozenset(("replied", *ENDED))
WITHOUT_IDENTITY = frozenset(("object", "withdraw", "complaint"))
"""Rights that may be granted to whoever asks: nothing is given away or lost by it."""


@dataclass(frozen=True, slots=True)
class Move:
    """`to`: blank where the state stays. `says`: the command that makes it, for messages."""

    since: frozenset[str]
    to: str
    says: str


MOVES: Mapping[str, Move] = {
    "wait": Move(OPEN_EARLY, "waiting", "verify --sent, event scope_asked"),
    "verify": Move(frozenset(("received", "waiting")), "verified", "verify"),
    "answered": Move(frozenset(("waiting",)), "received", "event scope_answered"),
    "edit": Move(OPEN_EARLY, "", "edit"),
    "choose": Move(OPEN_EARLY | {"decided", "acting"}, "", "choose"),
    "act": Move(frozenset(("verified",)), "decided", "decide --act"),
    "part": Move(frozenset(("verified",)), "decided", "decide --part"),
    "refuse": Move(OPEN_EARLY, "refused", "decide --refuse"),
    "route": Move(OPEN_EARLY, "routed", "route"),
    "instruct": Move(frozenset(("routed",)), "verified", "event instructed"),
    "pending": Move(frozenset(("decided", "acting")), "acting", "act"),
    "acted": Move(frozenset(("decided", "acting")), "acted", "act"),
    "reply": Move(frozenset(("decided", "acted", "refused")), "replied", "reply"),
    "reply_early": Move(frozenset(("decided", "acting", "routed")), "", "reply"),
    "close": Move(frozenset(("replied", "routed")), "closed", "close"),
    "cancel": Move(OPEN_EARLY | {"decided"}, "cancelled", "cancel"),
}


def moved(state: str, move: str, right: str) -> str:
    """The state after the move; UsageError, saying what is possible, where it is none."""
    if not possible(state, move, right):
        ways = [each.says for name, each in MOVES.items() if possible(state, name, right)]
        if state in OPEN_EARLY and move in ("act", "part"):
            raise UsageError(
                f"who asks is not verified yet (the request is {state})",
                "verify first: servanda request verify N --sent (or --phone, --seen)",
            )
        raise UsageError(
            f"a request that is {state} cannot be changed that way",
            f"possible now: {', '.join(dict.fromkeys(ways))}" if ways else "it is over",
        )
    return MOVES[move].to or state


def possible(state: str, move: str, right: str) -> bool:
    if move in ("act", "part") and right in WITHOUT_IDENTITY:
        return state in OPEN_EARLY
    return state in MOVES[move].since
