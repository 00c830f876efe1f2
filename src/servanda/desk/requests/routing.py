"""A request about data we hold for a customer is that customer's to answer: it is handed on.

Where the customer then instructs us (`event N instructed`), it is acted on among that customer's
records alone: `RequestView.tenant` bounds what is found.
"""

from __future__ import annotations

from datetime import datetime

from servanda import ledger
from servanda.desk.requests import states
from servanda.desk.requests.book import Book, need
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.models import Request


def check_tenant(book: Book, tenant: str) -> None:
    """UsageError for a customer nobody declared."""
    if tenant not in book.tenants:
        raise UsageError(f'there is no tenant "{tenant[:40]}"', did_you_mean(tenant, book.tenants))


def route(book: Book, ref: str, tenant: str, *, by: str, now: datetime | None = None) -> None:
    """To be called as well where a person is found in that tenant's records only."""
    check_tenant(book, tenant)
    need(by)
    with book.change(ref) as row:
        row.tenant = tenant
        hand_on(row, by, now)


def hand_on(row: Request, by: str, now: datetime | None) -> None:
    """Within the caller's transaction; the row is theirs to save."""
    row.state = states.moved(row.state, "route", row.right)
    row.waiting_for = ""
    entry = {"kind": "request.routed", "request": str(row.id), "tenant": row.tenant, "by": by}
    ledger.append([entry], now=now)
