"""How many requests are open and how many overdue: one entry for each scheduled run."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from servanda import ledger
from servanda.desk.requests.book import Book
from servanda.desk.requests.states import ANSWERED
from servanda.state.connection import guard
from servanda.state.models import Request


def census(book: Book, *, now: datetime | None = None) -> dict[str, int]:
    """Count, and leave the count in the ledger. A request is overdue from the day after `due`;
    what was handed on to a customer is theirs to answer."""
    moment = now or datetime.now(UTC)
    today = moment.astimezone(ZoneInfo(book.policy.zone)).date()
    with guard():
        open_ = Request.objects.exclude(state__in=ANSWERED)
        found = {
            "open": open_.count(),
            "overdue": open_.exclude(state="routed").filter(due__lt=today).count(),
            "acting": open_.filter(state="acting").count(),
        }
    ledger.append([{"kind": "requests.census", **found}], now=now)
    return found
