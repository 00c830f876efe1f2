"""Send a one-time code by mail: the code, its event and the mail are one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from servanda import state
from servanda.desk.requests import compose, outbox
from servanda.desk.requests.book import Book
from servanda.desk.requests.identity import send_code
from servanda.kernel import identity
from servanda.kernel.errors import UsageError

TEXT = """\
Dear Sir or Madam,

somebody asked {organisation} to act on personal data that belong to this address (our number
{number}). If it was you, please tell us this code, by an answer to this mail or by telephone:

    {code}

It counts until {until} UTC, and once. We ask so that nobody else gets or erases your data.
If it was not you, you need not do anything: nothing happens without the code.

{organisation}
{contact}
"""


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
    settings = book.settings
    with state.transaction():
        code = send_code(book, ref, "mail", by=by, now=now)
        until = row.challenges.latest("id").expires_at
        message = compose.mail(
            settings.mail.sender or book.policy.contact,
            book.policy.organisation,
            known[0],
            f"Your request to {book.policy.organisation} (number {row.id})",
            TEXT.format(
                organisation=book.policy.organisation,
                contact=book.policy.contact,
                number=row.id,
                code=code,
                until=f"{until.astimezone(UTC):%Y-%m-%d %H:%M}",
            ),
            now=moment,
        )
        return outbox.put(book, row, "code", message, moment)
