"""One mailbox of one user, and how its messages are named.

A message is `/INBOX;UIDVALIDITY=1700000000/;UID=17`, as in an IMAP address (RFC 5092), with the
user before it where a store holds several. The numbers never name another message: a server that
loses count gives the mailbox a new UIDVALIDITY, and then old numbers are worth nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from servanda.kernel.errors import StoreRefused

_URL = re.compile(r"([^/;]*)/([^;]*);UIDVALIDITY=([0-9]+)/;UID=([0-9]+)")


@dataclass(frozen=True, slots=True)
class Box:
    user: str
    name: str
    raw: str
    uidvalidity: int = 0
    uidnext: int = 0
    keywords: bool = False

    def url(self, uid: int) -> str:
        return f"{self.prefix}{uid}"

    @property
    def prefix(self) -> str:
        user, name = quote(self.user, safe="@"), quote(self.name, safe="/")
        return f"{user}/{name};UIDVALIDITY={self.uidvalidity}/;UID="


@dataclass(frozen=True, slots=True)
class Place:
    """A message's name, taken apart."""

    user: str
    folder: str
    uidvalidity: int
    uid: int


def place_of(url: str) -> Place:
    found = _URL.fullmatch(url)
    if found is None:
        raise StoreRefused("a recorded key does not name a message", "look at the mapping's `key`")
    user, folder, validity, uid = found.groups()
    return Place(unquote(user), unquote(folder), int(validity), int(uid))
