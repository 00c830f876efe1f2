"""What happens to a request between its arrival and its decision, told by staff.

Each event moves the request (or not), may set the law's clock, and is evidence. Those that need
more than a date have commands of their own: `verify`, `decide`, `lift`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from servanda.desk.requests import restriction, states
from servanda.desk.requests.book import Book
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.models import Request


@dataclass(frozen=True, slots=True)
class Kind:
    """`move`: see `states.MOVES`. `waits`: for what the request waits from then on."""

    says: str
    move: str = ""
    waits: str = ""


KINDS: Mapping[str, Kind] = {
    "scope_asked": Kind("we asked what is meant", "wait", "scope"),
    "scope_answered": Kind("the person said what is meant", "answered"),
    "fee_asked": Kind("we asked for the fee", "wait", "fee"),
    "fee_paid": Kind("the fee was paid", "answered"),
    "extended": Kind("the person was told that it takes longer, and why"),
    "acknowledged": Kind("the person was told that it arrived"),
    "outcome_told": Kind("the person was told what came of the complaint"),
    "customer_told": Kind("the customer whose data it is was told"),
    "instructed": Kind("the customer told us to act", "instruct"),
    "customer_answers": Kind("the customer answers it without us"),
    restriction.TOLD: Kind("the person was told that the restriction will be lifted"),
}
OWN_COMMAND = {
    "identity_received": "servanda request verify",
    "identity_asked": "servanda request verify --sent or --doubt",
    "lifted": "servanda request lift",
    "routed": "servanda request route",
}


def event(
    book: Book,
    ref: str,
    kind: str,
    on: date,
    *,
    by: str,
    note: str = "",
    now: datetime | None = None,
) -> None:
    """UsageError, and nothing recorded, where it cannot have happened like that."""
    known = KINDS.get(kind)
    if known is None:
        hint = OWN_COMMAND.get(kind) or did_you_mean(kind, KINDS)
        raise UsageError(f'"{kind[:40]}" is no event that is told like this', hint)
    with book.change(ref, known.move) as row:
        _check(book, row, kind, on, note, now)
        if known.waits:
            row.waiting_for = known.waits
        elif known.move == "answered":
            _go_on(row, kind)
        book.happened(row, kind, on, by, note, now)


def _go_on(row: Request, kind: str) -> None:
    """What was asked is answered; what else is asked still counts."""
    if row.waiting_for != kind.partition("_")[0]:
        raise UsageError(
            f"request {row.id} waits for {row.waiting_for}, not for that", "see request show"
        )
    asked = list(row.events.values_list("kind", flat=True))
    row.waiting_for = "" if row.verified or "identity_asked" not in asked else "identity"
    if row.waiting_for:
        row.state = "waiting"
    elif row.verified:
        row.state = "verified"


def _check(book: Book, row: Request, kind: str, on: date, note: str, now: datetime | None) -> None:
    if on > book.today(now):
        raise UsageError("it cannot have happened after today", "check the date of --on")
    if on < row.received:
        raise UsageError("it lies before the request arrived", "check the date of --on")
    if row.state in states.ENDED and kind != restriction.TOLD:
        raise UsageError(f"request {row.id} is {row.state}", "open a new one")
    if kind == "extended":
        _extendable(book, row, on, note)
    if kind == restriction.TOLD and not restriction.restricting(row):
        raise UsageError(f"request {row.id} restricts nothing now", "see `servanda hold list`")
    if kind in ("customer_told", "customer_answers") and row.tenant is None:
        raise UsageError("it is not about a customer's data", "route it first")
    if kind == "outcome_told" and row.right != "complaint":
        raise UsageError("only a complaint has an outcome to tell", "see request show")


def _extendable(book: Book, row: Request, on: date, note: str) -> None:
    if not note.strip():
        raise UsageError("an extension needs its reason", "give --note: it goes into the letter")
    last = book.due(row).extend_by
    if last is None:
        raise UsageError("no law here allows more time for this", "answer by the date it has")
    if on > last:
        raise UsageError(
            f"more time must be told by {last}, before the first date; it was told {on}",
            "the first date stands: answer as soon as you can",
        )
    if row.events.filter(kind="extended").exists():
        raise UsageError("it was extended already, which is possible once", "answer by then")
