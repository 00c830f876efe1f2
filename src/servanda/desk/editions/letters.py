"""What a mail about a change says. Plain English, and no more than what has to be said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from servanda.desk import recipients
from servanda.desk.changenotices import Addressee, Letter
from servanda.desk.editions.rows import get
from servanda.desk.editions.waiting import changes_of
from servanda.desk.requests.book import Book
from servanda.kernel.errors import ServandaError
from servanda.policy.differing.model import place, term


def letter(book: Book, about: str) -> Callable[[Addressee], Letter]:
    """The mail about an edition, or about a proposed recipient."""
    what, _, number = about.partition(":")
    if what == "edition":
        made = _edition(book, int(number))
        return lambda _: made
    if what == "recipient":
        return _recipient(book, int(number))
    raise ServandaError(f"there is no mail about {what}")


def _day(book: Book, when: datetime) -> str:
    return f"{when.astimezone(ZoneInfo(book.policy.zone)):%-d %B %Y}"


def _edition(book: Book, number: int) -> Letter:
    row, us = get(number), book.policy.organisation
    day = _day(book, row.binds_at)
    changes = "\n".join(f"- {each}" for each in changes_of(row))
    lines = [
        f"{us} changes its privacy policy. The new version counts from {day}.",
        f"What changes:\n{changes}",
        f"Read it here:\n{book.settings.address}/privacy/policy/versions/{number}/",
    ]
    if row.asks:
        lines.append("What is new counts for you only if you accept it. You need not.")
    lines.append(f"Questions: {book.policy.contact}")
    return Letter(f"Our privacy policy changes on {day}", "\n\n".join(lines) + "\n")


def _recipient(book: Book, number: int) -> Callable[[Addressee], Letter]:
    row = recipients.one(number, datetime.now(UTC)).row
    us, kind = book.policy.organisation, term("recipient", row.kind)

    def made(to: Addressee) -> Letter:
        lines = [
            f"{us} wants to give data to a new {kind}: {row.name}, in {place(row.country)}.",
            f"It gets none for {row.window} from now. Until then you may object.",
        ]
        if to.customer is not None:
            token = recipients.link(book.master, number, to.customer)
            lines.append(f"To object:\n{book.settings.address}/privacy/objection/{token}/")
        lines.append(f"Questions: {book.policy.contact}")
        return Letter(f"A new recipient of data: {row.name}", "\n\n".join(lines) + "\n")

    return made
