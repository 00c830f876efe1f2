"""Acceptance of a new version of the policy: a consent record, of purpose `terms`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servanda.desk import editions
from servanda.desk.consents import Act, history, record, standing
from servanda.desk.consents.acts import TERMS, marked

if TYPE_CHECKING:
    from servanda.desk.requests.book import Book
    from servanda.policy.differing import Difference


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that asks somebody to accept it. `changes`: all that is new since the one they
    accepted, or since the first."""

    number: int
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """`editions.Keeper`: what people accepted is kept with their consents."""

    book: Book
    language: str = "en"

    def keep(self, who: Sequence[str], edition: int, sha256: str, now: datetime) -> str:
        choices = {TERMS: {"": True}}
        act = Act(marked(who[0]), choices, "preferences", sha256, edition, self.language)
        return record(self.book, act).id

    def accepted(self, who: Sequence[str]) -> int:
        known = (history.person(self.book, each) for each in who)
        return max((_number(self.book, each.standing) for each in known if each), default=0)


def offer(book: Book, has: standing.Standing, now: datetime | None = None) -> Offer | None:
    """The newest version that asks to be accepted, in force or soon, unless this person has."""
    moment = now or datetime.now(UTC)
    found = [each for each in (editions.pending(moment), editions.asking(moment)) if each]
    newest = max((each.number for each in found if each.asks), default=0)
    known = _number(book, has)
    if newest <= known:
        return None
    return Offer(newest, editions.between(known or 1, newest))


def accept(book: Book, mark: str, number: int, language: str = "en") -> str:
    """The record's id. UsageError where that version asks nobody."""
    return editions.accept(Records(book, language), [mark], number, datetime.now(UTC))


def _number(book: Book, has: standing.Standing) -> int:
    said = standing.word(has, TERMS, "")
    return (said.edition or 0) if said is not None and said.holds(book.today()) else 0
