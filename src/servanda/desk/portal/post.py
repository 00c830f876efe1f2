"""Mail a code at once, without anybody having to wait for the server, and without keeping it.

A code that is lost with its process is asked for again; so nothing of it is stored. How long the
server takes, and whether it takes it at all, does not show in what the caller is answered.
"""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path

from servanda.desk.requests import compose, smtp
from servanda.desk.requests.book import Book
from servanda.desk.settings import MailSettings
from servanda.kernel.errors import ServandaError
from servanda.kernel.seal import write_secret

log = logging.getLogger("servanda.portal")


def send(book: Book, to: str, subject: str, text: str) -> None:
    """Without a mail server the mail is written into the folder of letters."""
    settings = book.settings.mail
    sender = settings.sender or book.policy.contact
    message = compose.mail(sender, book.policy.organisation, to, subject, text)
    if settings.host:
        _hands().submit(_sent, settings, message)
        return
    folder = Path(settings.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(folder / f"portal-{secrets.token_hex(8)}.eml", message.as_bytes(policy=SMTP))


@cache
def _hands() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="codes")


def _sent(settings: MailSettings, message: EmailMessage) -> None:
    try:
        smtp.send(settings, message)
    except ServandaError as error:  # its words name no address
        log.warning("a code could not be mailed: %s", error)
