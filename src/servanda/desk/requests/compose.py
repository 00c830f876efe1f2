"""Put a letter into a mail: plain text, attachments, a Message-ID that never changes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests.book import Book


def mail(
    sender: str,
    organisation: str,
    to: str,
    subject: str,
    text: str,
    attachments: Sequence[tuple[str, str, bytes]] = (),
    now: datetime | None = None,
    html: str | None = None,
) -> EmailMessage:
    """`attachments`: (file name, type such as `application/pdf`, content)."""
    message = EmailMessage()
    message["From"] = Address(organisation, addr_spec=_one(sender, "the sender's"))
    message["To"] = Address(addr_spec=_one(to, "the person's"))
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now or datetime.now(UTC))
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that no other robot answers it
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, kind, content in attachments:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def ours(
    book: Book,
    to: str,
    subject: str,
    text: str,
    attachments: Sequence[tuple[str, str, bytes]] = (),
    now: datetime | None = None,
    html: str | None = None,
) -> EmailMessage:
    """The same, in the organisation's name."""
    sender = book.settings.mail.sender or book.policy.contact
    return mail(sender, book.policy.organisation, to, subject, text, attachments, now, html)


def writable(address: str) -> bool:
    """Whether it is one bare address that mail can be written to."""
    try:
        _one(address, "the person's")
        Address(addr_spec=address)
    except (UsageError, ValueError, IndexError):  # the standard library fails in several ways
        return False
    return True


def _one(text: str, whose: str) -> str:
    """A bare address; UsageError, without repeating it, for anything that may be more than one."""
    found = parseaddr(text)[1]
    if found != text or found.count("@") != 1 or any(c.isspace() or c in ",;<>" for c in text):
        raise UsageError(
            f"{whose} e-mail address is not one that can be written to",
            "set mail.sender in servanda.toml" if whose == "the sender's" else "write by post",
        )
    return found
