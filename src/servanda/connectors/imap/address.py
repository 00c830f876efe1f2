"""Where a mail server is and whose mailboxes are meant. Holds a password: never shown.

    imaps://support%40msp.example:${PASS}@mail.example           TLS from the start, port 993
    imap://support%40msp.example:${PASS}@mail.example            STARTTLS, or no connection
    imaps://servanda:${PASS}@mail.example/?users=a@x.example,b@x.example    as a master user
    …?ca=/etc/ssl/own-ca.pem                                     a certificate authority of our own

The server's certificate is always checked. Only to this machine itself may it go in the clear.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from servanda.kernel.errors import UsageError

_PORTS = {"imap": 143, "imaps": 993}


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    implicit_tls: bool
    login: str = field(repr=False)
    password: str = field(repr=False)
    users: tuple[str, ...] = field(default=(), repr=False)  # by master user; empty: the login's own
    authority: str = ""  # path of the certificate authority to trust instead of the system's

    @property
    def accounts(self) -> tuple[str, ...]:
        """Whose mailboxes: names of users, or one blank for the login's own."""
        return self.users or ("",)

    def login_for(self, user: str) -> str:
        return f"{user}*{self.login}" if user else self.login

    @property
    def local(self) -> bool:
        """Whether the server is this machine, so that nobody can listen on the way."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(connect: str) -> Address:
    """UsageError, without a word of the address, for one that cannot be read."""
    parts = urlsplit(connect)
    options = parse_qs(parts.query)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise _wrong("its port or scheme") from None
    if not parts.hostname or not parts.username or parts.password is None:
        raise _wrong("host, user or password")
    if set(options) - {"users", "ca"} or parts.path not in ("", "/"):
        raise _wrong("what follows the host: only ?users= and ?ca= are known")
    users = [unquote(each) for text in options.get("users", ()) for each in text.split(",")]
    login, password = unquote(parts.username), unquote(parts.password)
    if any("\r" in text or "\n" in text or "\0" in text for text in (login, password, *users)):
        raise _wrong("a line break in a name or password")
    return Address(
        parts.hostname,
        port,
        parts.scheme == "imaps",
        login,
        password,
        tuple(dict.fromkeys(each.strip() for each in users if each.strip())),
        options.get("ca", [""])[0],
    )


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"the address of a mail server cannot be read ({what})",
        "write it as imaps://user:${PASSWORD}@mail.example, with %40 for an @ in the user's name",
    )
