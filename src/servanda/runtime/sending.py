"""Letters to a person, sent by mail: only to an address that their request names, never twice.

The danger: a letter about somebody sent to somebody else. What guards it: whoever is at the desk
chooses among the addresses of the request and types none. Tests: tests/web/requests/test_access.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda import state
from servanda.kernel import identity
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView
    from servanda.runtime.workspace import Workspace

_MAILED = ("letter.pdf", "receipt.json")
_TYPES = {".pdf": "application/pdf", ".json": "application/json", ".txt": "text/plain"}


def addresses(view: RequestView) -> list[str]:
    """Where a letter may be sent: e-mail addresses that the request names."""
    found = [value for kind, value in view.identities if kind == "email"]
    contact = identity.normal("email", view.contact) if "@" in view.contact else None
    return list(dict.fromkeys([*found, *([contact] if contact else [])]))


class NothingToSend(UsageError):
    """The answer is not written yet."""


def answer(workspace: Workspace, ref: str, to: str) -> int:
    """Mail the newest answer with its letter and receipt; the package is never mailed. The mail's
    number. NothingToSend before it is written; UsageError as for `letter`."""
    from servanda.runtime import replies

    texts = [content for kind, _, content in workspace.desk.letters(ref) if kind == "reply"]
    if not texts:
        raise NothingToSend("there is no answer to send yet", "write it first")
    folder = replies.folder(workspace, ref)
    files = [folder / f"request-{ref}-{each}" for each in _MAILED]
    there = [each for each in files if each.is_file()]
    return letter(workspace, ref, to, "reply", texts[-1].decode(), there)


def letter(
    workspace: Workspace, ref: str, to: str, kind: str, text: str, files: Sequence[Path] = ()
) -> int:
    """Put a letter that is kept into the outbox; the mail's number. UsageError for an address that
    is not the request's, and where every letter of that kind is on its way or was sent."""
    from servanda.desk.requests import compose, outbox
    from servanda.state.models import Letter, OutboxMail

    book = workspace.desk.book
    view = workspace.desk.get(ref)
    if to not in addresses(view):
        raise UsageError("the request names no such address", "choose one of those it names")
    message = compose.ours(
        book,
        to,
        f"Your request to {book.policy.organisation} (number {view.ref})",
        text,
        [(each.name, _TYPES[each.suffix], each.read_bytes()) for each in files],
    )
    with state.transaction():
        row = book.row(ref)
        mails = OutboxMail.objects.filter(request=row, kind=kind).count()
        if mails >= Letter.objects.filter(request=row, kind=kind).count():
            raise UsageError(
                "this letter was sent already, or is on its way",
                "see the mails of the request; one that failed is sent again from there",
            )
        return outbox.put(book, row, kind, message, datetime.now(UTC))
