"""E-mail addresses: one form for each mailbox, however a header or a form writes it.

Case is dropped, in the local part too: the standard allows two mailboxes that differ by it, no
real provider has them, and to miss a person's record is the greater harm. A plus part is an alias
of the mailbox before it. Dots stay: only one provider ignores them, and only in its own domains.

The steps that take an address out of what stands around it are regular expressions that
PostgreSQL, PCRE and Python read alike, so that the engines follow the same steps.
"""

from __future__ import annotations

import re
from functools import lru_cache

import idna

STEPS: tuple[tuple[str, str], ...] = (
    (r"^.*<([^<>]*)>.*$", r"\1"),  # "Jo" <jo@x.test>
    (r"^[^@]*[mM][aA][iI][lL][tT][oO]:", ""),
    (r"[?].*$", ""),  # mailto:jo@x.test?subject=…
    (r"[(][^()]*[)]", ""),  # jo@x.test (Jo)
    (r"[ \t\r\n\v\f\"']", ""),
    (r"[.,;]+$", ""),
)
"""An address without what stands around it."""

ALIAS = (r"([^+@])[+][^@]*@", r"\1@")
"""Its plus part, and what becomes of it."""

PLAIN = r"^[a-zA-Z0-9_.@-]*[a-zA-Z0-9]$"
"""What these steps leave as it is; anything else needs them. Also the rule of a partial index."""

_BARE = re.compile(r"[a-z0-9._-]+@[a-z0-9.-]*[a-z0-9]")
"""Most addresses: in normal form already, and no alias. What the steps below leave as it is."""
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_STEPS = [(re.compile(pattern, re.DOTALL), by) for pattern, by in STEPS]
_ALIAS = re.compile(ALIAS[0])
FOUND = re.compile(r"[^\s@<>,;:\"'()\[\]|?=]+@[^\s@<>,;:\"'()\[\]|?=]+")
"""An address inside a text."""


def normal(text: str) -> str | None:
    """The address in small letters, its domain as the network writes it (`xn--…`)."""
    if _BARE.fullmatch(text):
        return text
    text = " ".join(text.splitlines())
    for pattern, by in _STEPS:
        text = pattern.sub(by, text)
    text = "".join(text.split())
    if not _ADDRESS.fullmatch(text):
        return None
    local, _, domain = text.partition("@")
    return f"{local.casefold()}@{_domain(domain)}"


def base(text: str) -> str | None:
    """The mailbox: the address without its plus part."""
    if _BARE.fullmatch(text):
        return text
    found = normal(text)
    return None if found is None else _ALIAS.sub(ALIAS[1], found)


def is_alias(address: str) -> bool:
    """Whether a normal address has a plus part."""
    return _ALIAS.search(address) is not None


def spellings(address: str) -> tuple[str, ...]:
    """A normal address with its domain as the network writes it, and as people read it."""
    local, _, domain = address.partition("@")
    if "xn--" not in domain:
        return (address,)
    try:
        return (address, f"{local}@{idna.decode(domain)}")
    except idna.IDNAError:
        return (address,)


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain.casefold()
