"""Send a one-time code by mail: the code, its event and the mail are one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from servanda import state
from servanda.desk.requests import telling
from servanda.desk.requests.book import Book
from servanda.desk.requests.identity import send_code
from servanda.kernel import identity
from servanda.kernel.errors import UsageError


def mail_code(
    book: Book, ref: str, *, by: str, to: str | None = None, now: datetime | None = None
) -> int:
    """To the request's e-mail address (`to`: which, where there are several). The mail's number.

    To no other: whoever names an address of their own would be sent somebody else's code.
    """
    moment = now or datetime.now(UTC)
    row = book.row(ref)
    known = [value for kind, value in book.told(row).identities if kind == "email"]
    if to is not None:
        wanted = identity.normal("email", to)
        known = [each for each in known if each == wanted]
    if len(known) != 1:
        raise UsageError(
            "the request names several e-mail addresses" if known else "it names no such address",
            "say which with --to" if known else "verify by --phone or --seen",
        )
    with state.transaction():
        code = send_code(book, ref, "mail", by=by, now=now)
        until = row.challenges.latest("id").expires_at
        values = {"code": code, "until": f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"}
        return telling.put(book, row, "code", known[0], values, moment)
