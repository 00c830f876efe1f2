"""Mails about accounts go the way of all our mails; Django hands them to `Backend`."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from servanda.desk.requests import compose, smtp
from servanda.kernel.errors import ServandaError
from servanda.kernel.seal import write_secret
from servanda.runtime import hub

log = logging.getLogger("servanda.accounts")

_POST = "servanda.desk.post"


def carry(to: str, subject: str, text: str, *, about: str = "account") -> None:
    """One mail to one address. The outbox sends it, and tries again, where there is one."""
    desk = hub.workspace().desk
    if find_spec(_POST) is not None:
        import_module(_POST).send(desk.book, "account", to, subject, text, about=about)
        return
    mail, policy = desk.book.settings.mail, desk.book.policy
    message = compose.mail(mail.sender or policy.contact, policy.organisation, to, subject, text)
    if mail.host:
        smtp.send(mail, message)
        return
    folder = hub.workspace().folder / mail.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(folder / f"account-{secrets.token_hex(8)}.eml", message.as_bytes())


class Backend(BaseEmailBackend):
    """What fails is logged without saying for whom: the page's answer must not tell whether an
    account exists."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = 0
        for message in email_messages:
            for to in message.to:
                try:
                    carry(to, str(message.subject), str(message.body))
                    sent += 1
                except ServandaError as error:
                    log.warning("a mail about an account was not sent: %s", error.what)
        return sent
