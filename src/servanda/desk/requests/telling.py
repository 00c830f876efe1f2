"""Mails to the person of a request, in the company's words.

    telling.tell(book, ref, "received", link=…)      # reference, due date, where to follow it
    telling.tell(book, ref, "ready", link=…, until=…)
    telling.tell(book, ref, "letter", letter=text, attachments=[…])

They go to the request's own address, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from servanda import state
from servanda.desk import mailwords
from servanda.desk.requests import compose, outbox
from servanda.desk.requests.book import Book
from servanda.kernel.errors import UsageError
from servanda.state.models import Request

SAID = {
    "access": "a copy of your data",
    "erasure": "to erase your data",
    "rectification": "to correct your data",
    "restriction": "to restrict the use of your data",
    "portability": "your data in a form for machines",
    "object": "an objection",
    "withdraw": "to withdraw consent",
    "complaint": "a complaint",
}
"""Rights, as a person may know them; others by their own name."""

Attachments = Sequence[tuple[str, str, bytes]]


def tell(
    book: Book,
    ref: str,
    kind: str,
    *,
    link: str = "",
    until: date | None = None,
    letter: str = "",
    attachments: Attachments = (),
    now: datetime | None = None,
) -> int:
    """Put the mail down; its number. Joins the caller's transaction. UsageError where the request
    names no single e-mail address."""
    row = book.row(ref)
    said = book.told(row)
    known = [value for name, value in said.identities if name == "email"]
    if said.contact in known:
        known = [said.contact]
    if len(known) != 1:
        raise UsageError(f"request {ref} names no single e-mail address", "write by post")
    values = {
        **about(row),
        "link": link,
        "until": until.isoformat() if until else "",
        "letter": letter.rstrip(),
    }
    for name in mailwords.KINDS[kind].required & {"link", "until", "letter"}:
        if not values[name]:
            raise ValueError(f"a mail of this kind needs {name}")
    with state.transaction():
        return put(book, row, kind, known[0], values, now or datetime.now(UTC), attachments)


def about(row: Request) -> dict[str, str]:
    """What words may say of a request."""
    return {
        "reference": str(row.id),
        "right": SAID.get(row.right, row.right.replace("_", " ")),
        "received": row.received.isoformat(),
        "due": f"by {row.due}" if row.due else "as soon as we can, without undue delay",
    }


def put(
    book: Book,
    row: Request,
    kind: str,
    to: str,
    values: Mapping[str, str],
    now: datetime,
    attachments: Attachments = (),
) -> int:
    """Within the caller's transaction."""
    subject, text = said(book, kind, {"reference": str(row.id), **values})
    message = compose.ours(book, to, subject, text, attachments, now)
    return outbox.put(book, row, kind, message, now)


def said(book: Book, kind: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of a mail of that kind. A template that is wrong keeps nobody waiting: then
    it is our own words, and the worker tells of the template."""
    always = {"organisation": book.policy.organisation, "contact": book.policy.contact}
    try:
        chosen = mailwords.words(book.settings.mail.templates, kind)
    except UsageError:
        chosen = mailwords.ours(kind)
    return chosen.say({**values, **always})
