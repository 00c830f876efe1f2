"""The seal of a mail on its way: its person's key, or one of its own.

The danger: the content of a mail that can be read after its time. What guards it: a key of its own
and what it sealed are overwritten in the transaction that says the mail is sent, and `post.forget`
lets the database forget the old pages. Tests: tests/desk/test_post.py.
"""

from __future__ import annotations

from servanda.desk.requests.book import Book
from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.errors import UsageError
from servanda.state.models import OutboxMail

MAILS = "mails"
"""The root under which keys of single mails are wrapped: it outlives a change of the master."""


def close(book: Book, mail: OutboxMail, content: bytes) -> None:
    """Seal what it says. Within the caller's transaction, which saves it; it has its number."""
    if mail.request is not None:
        person = mail.request.person
        mail.content = book.vault.seal(person, mail.request.id, f"mail {mail.id}", content)
        return
    key = sealing.new_key()
    mail.wrapped = sealing.wrap(keyring.root(book.master, MAILS), key)
    mail.content = sealing.seal(key, content, _place(mail))


def opened(book: Book, mail: OutboxMail) -> bytes:
    """What it says; UsageError where that is destroyed."""
    if not mail.content:
        raise UsageError("what this mail said is destroyed", "write it anew")
    if mail.request is not None:
        person = mail.request.person
        return book.vault.unseal(person, mail.request.id, f"mail {mail.id}", bytes(mail.content))
    key = sealing.unwrap(keyring.root(book.master, MAILS), bytes(mail.wrapped))
    return sealing.unseal(key, bytes(mail.content), _place(mail))


def destroy(mail: OutboxMail) -> None:
    """Of a mail with a key of its own: within the caller's transaction."""
    assert mail.request_id is None
    # Same length first, so that the old bytes are overwritten where they lie.
    row = OutboxMail.objects.filter(id=mail.id)
    row.update(wrapped=bytes(len(bytes(mail.wrapped))), content=bytes(len(bytes(mail.content))))
    row.update(wrapped=b"", content=b"")
    mail.wrapped, mail.content = b"", b""


def _place(mail: OutboxMail) -> bytes:
    return f"mail {mail.id} {mail.about}".encode()
