"""Restriction: a shield over all that is the person's, until it is lifted, told beforehand.

It is a hold whose origin is the request: sweeps, exports and erasures leave its records alone as
they do any hold's. Nobody lifts it by hand (`hold release` refuses), and `lift` does so only once
it is recorded that the person was told (GDPR art. 18(3)).
"""

from __future__ import annotations

from datetime import datetime

from servanda.desk import holds
from servanda.desk.requests.book import Book
from servanda.desk.requests.view import Told
from servanda.kernel.errors import UsageError
from servanda.state.models import Hold, Request

TOLD = "told_before_lifting"


def begin(book: Book, row: Request, told: Told, by: str, now: datetime | None) -> str | None:
    """Within the caller's transaction; the hold's id, or None where the right is another."""
    if row.right != "restriction":
        return None
    return holds.add_person(
        book.master,
        told.identities,
        reason=f"restriction, request {row.id}",
        by=by,
        origin=origin(row),
        now=now,
    )


def lift(book: Book, ref: str, *, by: str, reason: str, now: datetime | None = None) -> None:
    """UsageError where there is nothing to lift, or the person was not told before."""
    with book.change(ref) as row:
        in_force = Hold.objects.filter(origin=origin(row), released_at=None)
        ids = list(in_force.values_list("id", flat=True))
        if not ids:
            raise UsageError(f"request {row.id} restricts nothing now", "see `servanda hold list`")
        if not row.events.filter(kind=TOLD).exists():
            raise UsageError(
                "the person must be told before a restriction is lifted",
                f"tell them, then record it: servanda request event {row.id} {TOLD}",
            )
        for id_ in ids:
            holds.release(id_, by=by, reason=reason, origin=origin(row), now=now)
        book.happened(row, "lifted", book.today(now), by, reason, now)


def restricting(row: Request) -> bool:
    return Hold.objects.filter(origin=origin(row), released_at=None).exists()


def origin(row: Request) -> str:
    return f"request {row.id}"
