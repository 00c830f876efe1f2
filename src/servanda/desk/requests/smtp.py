"""Hand one mail to the server. What matters is which failures are certain.

Before the message's text is sent, any failure means that nothing was sent. After that, only the
server's word counts: a connection that breaks there leaves it open whether the mail is on its way.
Nothing goes out in the clear unless `security` says so, and the certificate is always checked.
Tests: tests/desk/requests/test_outbox.py, test_smtp_tls.py.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from servanda.desk.settings import MailSettings
from servanda.kernel.errors import ServandaError, UsageError

_TIMEOUT_S = 30.0
_PERMANENT = range(500, 600)
_STATUS = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")

Tell = Callable[[str], None]


class NotSent(ServandaError):
    """Certainly not sent. `permanent`: trying again is of no use. `code` has no personal data, nor
    has `status`, which is the finer code where the server gives one, such as 5.1.1."""

    def __init__(self, code: str, *, permanent: bool, status: str = "") -> None:
        super().__init__(f"the mail server did not take it ({code})", "see [mail] in servanda.toml")
        self.code = code
        self.permanent = permanent
        self.status = status


class Unsure(ServandaError):
    """The connection broke while the server was to answer: it may be on its way."""


def send(settings: MailSettings, message: EmailMessage, tell: Tell = lambda step: None) -> None:
    """Returns when the server has taken it. Raises NotSent or Unsure. `tell` hears each step."""
    try:
        server = _connected(settings, tell)
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"SMTP {error.smtp_code}", permanent=False) from None
    except UsageError:
        raise NotSent("mail.ca cannot be read", permanent=False) from None
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"its certificate: {error.verify_message}"[:64], permanent=False) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(type(error).__name__, permanent=False) from None
    try:
        _hand_over(server, message, tell)
    finally:
        server.close()


def _hand_over(server: smtplib.SMTP, message: EmailMessage, tell: Tell) -> None:
    sender = message["From"].addresses[0].addr_spec
    to = message["To"].addresses[0].addr_spec
    # `data` sends its own command first; a server that goes away there has no text yet, yet that
    # cannot be told from outside, so it counts as unsure.
    handed = False
    try:
        _taken(*server.mail(sender))
        tell("the server takes mail from our address")
        _taken(*server.rcpt(to))
        tell("the server takes mail to that address")
        handed = True
        _taken(*server.data(message.as_bytes(policy=SMTP)))
        tell("the server has taken the message")
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code, error.smtp_error) from None
    except (OSError, smtplib.SMTPException) as error:
        if handed:
            raise Unsure("the mail server did not say whether it took it") from None
        raise NotSent(type(error).__name__, permanent=False) from None


def _taken(code: int, said: bytes) -> None:
    if not 200 <= code < 300:
        raise _refused(code, said)


def _refused(code: int, said: bytes | str) -> NotSent:
    found = _STATUS.match(said if isinstance(said, bytes) else said.encode())
    status = found[1].decode() if found else str(code)
    return NotSent(f"SMTP {code}", permanent=code in _PERMANENT, status=status)


def trusted(settings: MailSettings) -> ssl.SSLContext:
    """UsageError where the file of [mail] ca cannot be read."""
    try:
        return ssl.create_default_context(cafile=settings.ca or None)
    except OSError:
        raise UsageError(
            "the file of the certificate authority cannot be read", "check mail.ca in servanda.toml"
        ) from None


def _connected(settings: MailSettings, tell: Tell) -> smtplib.SMTP:
    context = trusted(settings)
    where = (settings.host, settings.port)
    server: smtplib.SMTP
    if settings.security == "ssl":
        server = smtplib.SMTP_SSL(*where, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=_TIMEOUT_S)
    try:
        tell(f"connected to {settings.host}, port {settings.port}")
        server.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            server.starttls(context=context)  # refuses where the server offers none
            server.ehlo()
        tell(_encryption(server))
        if settings.user:
            server.login(settings.user, settings.password)
            tell("signed in")
    except BaseException:
        server.close()
        raise
    return server


def _encryption(server: smtplib.SMTP) -> str:
    if isinstance(server.sock, ssl.SSLSocket):
        return f"encrypted with {server.sock.version()}, its certificate is trusted"
    return "not encrypted, as mail.security says"
