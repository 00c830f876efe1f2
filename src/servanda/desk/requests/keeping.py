"""The desk's own retention: some time after a request is closed nobody can read it any more.

The danger: a key destroyed while it is needed, or one that outlives its time. What guards it: a
request whose restriction is in force is kept, whatever its age; the key's bytes are overwritten,
every sealed column blanked and every mark removed in the transaction that says so in the ledger;
what stays are dates, states and grounds, and the mark of the mail it came by, so that it is not
opened once more. Tests: tests/desk/requests/test_keeping.py.

Objections and withdrawals are kept on (`Suppression`): they are hashes, and must be honoured.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from servanda import ledger, state
from servanda.desk.requests import outbox, restriction, vault
from servanda.desk.requests.book import Book
from servanda.desk.requests.shred import shred
from servanda.kernel.errors import UsageError
from servanda.kernel.period import Period
from servanda.state.connection import guard
from servanda.state.models import (
    Evidence,
    Letter,
    OutboxMail,
    PortalLink,
    PortalParcel,
    Request,
    RequestEvent,
)

LEAST = {"US-CA": (Period(months=24), "11 CCR 7101(a)")}
"""How long records of requests must be kept, by jurisdiction."""

SEALED = (
    *("request", "requestevent", "letter", "evidence", "outboxmail"),
    *("portallink", "portalparcel", "person"),
)


def check(keep: Period, jurisdictions: Iterable[str]) -> None:
    """UsageError where a law asks for longer than `requests.keep`."""
    for code in jurisdictions:
        least, source = LEAST.get(code, (None, ""))
        if least is not None and not keep.at_least_as_long_as(least):
            raise UsageError(
                f"servanda.toml: requests.keep ({keep}) is shorter than the {least} for which "
                f"{code} wants records of requests kept ({source})",
                f'write keep = "{least}" or longer',
            )


def forget(book: Book, *, now: datetime | None = None) -> list[str]:
    """Destroy what is past its time; the numbers of those requests. Never in a transaction."""
    moment = now or datetime.now(UTC)
    check(book.settings.requests.keep, book.policy.jurisdictions)
    before = book.settings.requests.keep.cutoff(moment, ZoneInfo(book.policy.zone))
    with guard():
        old = Request.objects.filter(closed_at__lt=before, person__destroyed_at=None)
        rows = list(old.select_related("person").order_by("id"))
    gone = [str(row.id) for row in rows if _forget(book, row, moment)]
    if gone:
        vault.scrub(*(f"servanda_{name}" for name in SEALED))
    return gone


def _forget(book: Book, row: Request, now: datetime) -> bool:
    if restriction.restricting(row):
        return False
    folder = Path(book.settings.mail.folder)
    for mail in row.mails.all():
        with suppress(UsageError):  # it was taken away already
            shred(outbox.file_of(folder, mail))
    with state.transaction():
        vault.destroy(row.person, now)
        Request.objects.filter(id=row.id).update(data=b"")
        RequestEvent.objects.filter(request=row).update(note=b"")
        Letter.objects.filter(request=row).update(content=b"")
        Evidence.objects.filter(request=row).update(note=b"")
        OutboxMail.objects.filter(request=row).update(content=b"")
        row.challenges.all().delete()
        PortalLink.objects.filter(request=row).delete()
        PortalParcel.objects.filter(request=row).delete()
        ledger.append([{"kind": "key.destroyed", "request": str(row.id)}], now=now)
    return True
