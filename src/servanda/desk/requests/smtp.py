"""Hand one mail to the server. What matters is which failures are certain.

Before the message's text is sent, any failure means that nothing was sent. After that, only the
server's word counts: a connection that breaks there leaves it open whether the mail is on its way.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP

from servanda.desk.settings import MailSettings
from servanda.kernel.errors import ServandaError

_TIMEOUT_S = 30.0
_PERMANENT = range(500, 600)


class NotSent(ServandaError):
    """Certainly not sent. `permanent`: trying again is of no use. `code` has no personal data."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(f"the mail server did not take it ({code})")
        self.code = code
        self.permanent = permanent


class Unsure(ServandaError):
    """The connection broke while the server was to answer: it may be on its way."""


def send(settings: MailSettings, message: EmailMessage) -> None:
    """Returns when the server has taken it. Raises NotSent or Unsure."""
    try:
        server = _connected(settings)
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"SMTP {error.smtp_code}", permanent=False) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(type(error).__name__, permanent=False) from None
    try:
        _hand_over(server, settings, message)
    finally:
        server.close()


def _hand_over(server: smtplib.SMTP, settings: MailSettings, message: EmailMessage) -> None:
    sender = message["From"].addresses[0].addr_spec
    to = message["To"].addresses[0].addr_spec
    # `data` sends its own command first; a server that goes away there has no text yet, yet that
    # cannot be told from outside, so it counts as unsure.
    handed = False
    try:
        _taken(server.mail(sender)[0])
        _taken(server.rcpt(to)[0])
        handed = True
        code, _ = server.data(message.as_bytes(policy=SMTP))
        _taken(code)
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code) from None
    except (OSError, smtplib.SMTPException) as error:
        if handed:
            raise Unsure("the mail server did not say whether it took it") from None
        raise NotSent(type(error).__name__, permanent=False) from None


def _taken(code: int) -> None:
    if not 200 <= code < 300:
        raise _refused(code)


def _refused(code: int) -> NotSent:
    return NotSent(f"SMTP {code}", permanent=code in _PERMANENT)


def _connected(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    where = (settings.host, settings.port)
    server: smtplib.SMTP
    if settings.security == "ssl":
        server = smtplib.SMTP_SSL(*where, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=_TIMEOUT_S)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            server.starttls(context=context)  # refuses where the server offers none
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)
    except BaseException:
        server.close()
        raise
    return server
