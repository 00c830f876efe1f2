"""Set right what was taken down wrong: before anything is decided, and never without evidence.

The danger: a code or a link that went to one person verifies another, because the request names
somebody else by the time it comes back. What guards it: where identities change, every code and
link that was sent before is over. Test: tests/desk/requests/test_edit_ends_codes.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from servanda import law
from servanda.desk.requests import opening, suppression
from servanda.desk.requests.book import Book
from servanda.desk.requests.view import Key
from servanda.kernel.canonical import canonical
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import commit
from servanda.state.models import MailArrival, PersonMark, Request

TEXTS = ("name", "contact", "text", "purpose")


def edit(
    book: Book,
    ref: str,
    *,
    by: str,
    right: str | None = None,
    place: str | None = None,
    identities: Iterable[tuple[str, str]] | None = None,
    corrections: Iterable[tuple[str, str]] | None = None,
    now: datetime | None = None,
    **texts: str | None,
) -> None:
    """`identities` and `corrections` replace those there are. `texts`: see TEXTS."""
    moment = now or datetime.now(UTC)
    changes: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    if not set(changes) <= set(TEXTS):
        raise TypeError("unknown texts")
    if identities is not None:
        changes["identities"] = opening.identities_of(book, identities)
    if corrections is not None:
        changes["corrections"] = tuple(corrections)
    opening.check_purpose(changes.get("purpose", ""))
    if not changes and right is None and place is None:
        raise UsageError("nothing was given to change", "see servanda request edit --help")
    with book.change(ref, "edit") as row:
        told = replace(book.told(row), **changes)
        more: dict[str, Any] = {"changed": sorted(changes)}
        if right is not None:
            row.right = more["right"] = law.right_id(right)
        if place is not None:
            row.place = opening.place_of(place) or ""
            more["place"] = row.place or None
        if identities is not None:
            more["person"] = _name_anew(book, row, told.identities)
            row.verified = False  # whoever was verified was another
            row.challenges.filter(used_at=None, expires_at__gt=moment).update(expires_at=moment)
            MailArrival.objects.filter(request=row).update(token="")
            row.state = "received" if row.state == "verified" else row.state
        book.write(row, told)
        suppression.lift(row, moment)
        suppression.begin(book, row, told, moment)
        book.happened(row, "edited", book.today(now), by, now=now, **more)


def choose(
    book: Book,
    ref: str,
    only: Iterable[tuple[str, Key]],
    *,
    by: str,
    now: datetime | None = None,
) -> None:
    """Which records are meant, where people share a name or an address: (collection, key)."""
    chosen = tuple(dict.fromkeys(only))
    with book.change(ref, "choose") as row:
        book.write(row, replace(book.told(row), only=chosen))
        book.happened(row, "chosen", book.today(now), by, now=now, records=len(chosen))


def _name_anew(book: Book, row: Request, identities: tuple[tuple[str, str], ...]) -> str:
    PersonMark.objects.filter(person=row.person).delete()
    marks = book.marks(identities)
    PersonMark.objects.bulk_create(PersonMark(person=row.person, mark=mark) for mark in marks)
    return commit(canonical([list(pair) for pair in identities]), bytes(row.person.salt))
