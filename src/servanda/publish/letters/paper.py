"""A letter before it is text or PDF: a title and blocks, without any markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

_JOINERS = "\u200c\u200d"  # letters of Persian and of Indian scripts need them


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]


Block: TypeAlias = Paragraph | Heading | Items


@dataclass(frozen=True, slots=True)
class Letter:
    """`says`: what of the law's list for such a reply is stated in it, for the record."""

    kind: str
    title: str
    organisation: str
    contact: str
    date: str
    greeting: str
    blocks: tuple[Block, ...]
    says: tuple[str, ...] = ()


def plain(text: str) -> str:
    """One line without signs that steer a printer, a terminal, or the direction of writing."""
    lined = " ".join(text.split())
    return "".join(each if each.isprintable() or each in _JOINERS else "\ufffd" for each in lined)
