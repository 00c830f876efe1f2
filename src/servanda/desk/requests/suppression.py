"""Who objected to a use, or withdrew consent: known again by keyed hashes, honoured at once.

The danger: somebody who said no is written to again because a list was not asked. So a use is
stopped from the moment the request arrives, before anybody decides; only a refusal on a ground
of the law lifts it, and an objection to marketing is never refused (GDPR art. 21(3)).
Tests: tests/desk/requests/test_suppression.py.
"""

from __future__ import annotations

from datetime import datetime

from servanda.desk.requests.book import Book
from servanda.desk.requests.view import Told
from servanda.state.connection import guard
from servanda.state.models import Request, Suppression

RIGHTS = ("object", "withdraw")
MARKETING = ("marketing",)
"""Purposes to which an objection is absolute."""


def begin(book: Book, row: Request, told: Told, now: datetime) -> None:
    """Within the caller's transaction. What was lifted before is in force again."""
    if row.right in RIGHTS:
        _stop(book, row, told, told.purpose, now)


def end(book: Book, row: Request, told: Told, now: datetime) -> None:
    """Lift what a refused request began; of an objection to everything, marketing stays stopped."""
    lift(row, now)
    if row.right == "object" and not told.purpose:
        for purpose in MARKETING:
            _stop(book, row, told, purpose, row.opened_at)


def lift(row: Request, now: datetime) -> None:
    Suppression.objects.filter(request=row.id, lifted_at=None).update(lifted_at=now)


def _stop(book: Book, row: Request, told: Told, purpose: str, since: datetime) -> None:
    for mark in book.marks(told.identities):
        Suppression.objects.update_or_create(
            mark=mark,
            purpose=purpose,
            request=row.id,
            defaults={"lifted_at": None},
            create_defaults={"since": since},
        )


def absolute(row: Request, told: Told) -> bool:
    """Whether it may not be refused at all."""
    return row.right == "withdraw" or (row.right == "object" and told.purpose in MARKETING)


def suppressed(book: Book, kind: str, value: str, purpose: str) -> bool:
    """Whether this identity must not be used for the purpose."""
    with guard():
        return Suppression.objects.filter(
            mark=book.mark(kind, value),
            purpose__in=("", purpose),
            lifted_at=None,
        ).exists()
