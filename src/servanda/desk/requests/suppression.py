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
from servanda.kernel.identity import region_of, require
from servanda.state.connection import guard
from servanda.state.models import Request, Suppression

RIGHTS = ("object", "withdraw")
MARKETING = ("marketing",)
"""Purposes to which an objection is absolute."""


def begin(book: Book, row: Request, told: Told, now: datetime) -> None:
    """Within the caller's transaction."""
    if row.right not in RIGHTS:
        return
    for kind, value in told.identities:
        Suppression.objects.get_or_create(
            mark=book.vault.mark(kind, value),
            purpose=told.purpose,
            request=row.id,
            defaults={"since": now},
        )


def end(book: Book, row: Request, told: Told, now: datetime) -> None:
    """Lift what a refused request began; of an objection to everything, marketing stays stopped."""
    Suppression.objects.filter(request=row.id, lifted_at=None).update(lifted_at=now)
    if row.right == "object" and not told.purpose:
        for kind, value in told.identities:
            for purpose in MARKETING:
                Suppression.objects.get_or_create(
                    mark=book.vault.mark(kind, value),
                    purpose=purpose,
                    request=row.id,
                    defaults={"since": row.opened_at},
                )


def absolute(row: Request, told: Told) -> bool:
    """Whether it may not be refused at all."""
    return row.right == "withdraw" or (row.right == "object" and told.purpose in MARKETING)


def suppressed(book: Book, kind: str, value: str, purpose: str) -> bool:
    """Whether this identity must not be used for the purpose."""
    found = require(kind, value, region_of(book.policy.country))
    with guard():
        return Suppression.objects.filter(
            mark=book.vault.mark(kind, found),
            purpose__in=("", purpose),
            lifted_at=None,
        ).exists()
