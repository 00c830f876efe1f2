"""What happened to a request, for people: one line for each thing, in words, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from servanda.desk.requests.events import KINDS
from servanda.desk.requests.view import RequestView

_SAYS: Mapping[str, str] = {
    **{kind: each.says for kind, each in KINDS.items()},
    "identity_asked": "we asked who they are",
    "identity_received": "it was shown who they are",
    "routed": "handed on to the customer whose data it is",
    "edited": "what was taken down was set right",
    "chosen": "it was said whose records are meant",
    "act_begun": "acting on it began",
    "lifted": "the restriction was lifted",
    "fetched": "the person fetched the package",
    "answered": "answered",
    "closed": "closed",
    "cancelled": "the person took it back",
}
_DECISIONS = {
    "act": "decided: to do what was asked",
    "part": "decided: to do it in part",
    "refuse": "decided: to refuse it",
}


@dataclass(frozen=True, slots=True)
class Line:
    on: date
    says: str
    by: str = ""
    note: str = ""


def lines(view: RequestView) -> list[Line]:
    """From its arrival on. Of several decisions only the last still says what it was."""
    decided = [number for number, each in enumerate(view.events) if each.kind == "decided"]
    found = [Line(view.received, "arrived")]
    for number, each in enumerate(view.events):
        says = _SAYS.get(each.kind, each.kind.replace("_", " "))
        if each.kind == "decided":
            last = number == decided[-1]
            says = _DECISIONS.get(view.decision, each.kind) if last else "decided"
        found.append(Line(each.on, says, each.by, each.note))
    return found
