"""Requests with their seals opened; the soonest cautious date first."""

from __future__ import annotations

from servanda.desk.requests import bounces
from servanda.desk.requests.book import Book
from servanda.desk.requests.states import ENDED
from servanda.desk.requests.view import CameBack, Happened, RequestView, Told
from servanda.state.connection import guard
from servanda.state.models import Request


def view(book: Book, row: Request, *, events: bool = True) -> RequestView:
    """Of a request whose key is destroyed only what was never personal."""
    readable = row.person.destroyed_at is None
    told = book.told(row) if readable else Told()
    due = book.due(row)
    return RequestView(
        ref=str(row.id),
        right=row.right,
        state=row.state,
        place=row.place,
        tenant=row.tenant,
        via=row.via,
        received=row.received,
        identities=told.identities,
        name=told.name,
        text=told.text,
        contact=told.contact,
        corrections=told.corrections,
        purpose=told.purpose,
        only=told.only,
        spare=told.spare,
        decision=row.decision,
        grounds=tuple(row.grounds),
        decided_by=row.decided_by,
        statutory_due=row.statutory_due,
        safe_due=row.safe_due,
        due=row.due,
        waiting=due.waiting or row.state == "waiting",
        because=(*_opened_by_itself(row), *due.steps),
        verified=row.verified,
        closed_at=row.closed_at,
        waiting_for=row.waiting_for,
        outcome=row.outcome,
        child=told.child,
        readable=readable,
        events=_events(book, row, readable) if events else (),
        bounced=tuple(CameBack(b.kind, b.code, b.at) for b in bounces.listed(row.id))
        if events
        else (),
    )


def listed(book: Book, *, open_only: bool) -> list[RequestView]:
    with guard():
        rows = Request.objects.select_related("person").prefetch_related("events")
        if open_only:
            rows = rows.exclude(state__in=ENDED)
        found = [view(book, row, events=False) for row in rows]
    # Where no date is set, the day of arrival stands in: what nobody counts must not sink down.
    return sorted(found, key=lambda each: (each.safe_due or each.received, int(each.ref)))


def others(book: Book, row: Request) -> list[str]:
    """Numbers of other requests that name one of the same identities. Never merged: two people
    may share an address."""
    with guard():
        marks = row.person.marks.values_list("mark", flat=True)
        found = Request.objects.filter(person__marks__mark__in=list(marks)).exclude(id=row.id)
        return [
            str(number) for number in found.order_by("id").values_list("id", flat=True).distinct()
        ]


def _opened_by_itself(row: Request) -> list[str]:
    if not row.because:
        return []
    if row.origin_id is None:
        return ["opened because a child's data was found"]
    return [f"opened by itself, with request {row.origin_id}: a child's data"]


def _events(book: Book, row: Request, readable: bool) -> tuple[Happened, ...]:
    return tuple(
        Happened(
            each.kind,
            each.on,
            each.by,
            book.vault.unseal(row.person, row.id, f"note {each.id}", bytes(each.note)).decode()
            if readable and each.note
            else "",
        )
        for each in row.events.order_by("id")
    )
