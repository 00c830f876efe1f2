"""One message, and what must be fetched to know what is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property

from servanda.connectors.imap.box import Box
from servanda.connectors.imap.structure import Part, leaves
from servanda.connectors.imap.text import addresses, body_text, header_text
from servanda.connectors.imap.wire import Item
from servanda.kernel.errors import Drift
from servanda.kernel.predicate import Scalar
from servanda.stores.mailfields import ADDRESSES, HEADERS, NAMES, PLACE
from servanda.stores.mapping import Column, Source

_PARSER = BytesHeaderParser()
_TIMES = {"internaldate": "INTERNALDATE", "savedate": "SAVEDATE"}


def items_for(columns: Collection[str]) -> str:
    """What to FETCH first; blank where a message's number says it all."""
    items = [item for name, item in _TIMES.items() if name in columns]
    if "size" in columns:
        items.append("RFC822.SIZE")
    if any(name == "flags" or name.startswith("keyword") for name in columns):
        items.append("FLAGS")
    if {"attachments", "body"} & set(columns):
        items.append("BODYSTRUCTURE")
    if {"message", "body"} & set(columns) and "RFC822.SIZE" not in items:
        items.append("RFC822.SIZE")  # so that no more is fetched at once than memory should hold
    headers = sorted({header for name in columns if (header := header_of(name))})
    if headers:
        items.append(f"BODY.PEEK[HEADER.FIELDS ({' '.join(headers)})]")
    return " ".join(items)


def header_of(column: str) -> str:
    """The header a column is read from; blank for the others."""
    if column.startswith("header:"):
        return column.partition(":")[2].strip()
    base = column.removesuffix("_name") if column in NAMES else column
    return base.replace("_", "-") if base in (*ADDRESSES, *HEADERS) else ""


@dataclass
class Mail:
    """Values are made when asked for."""

    box: Box
    uid: int
    told: Mapping[str, Item] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)  # content of text parts, by number
    whole: bytes = b""

    def value(self, source: Source) -> Scalar:
        name = column_of(source)
        if name in PLACE:
            return self._place(name)
        if name in _TIMES:
            return moment(self.told.get(_TIMES[name]))
        if header_of(name):
            return self._header(name)
        if name.startswith("keyword"):
            return self._keyword(*name.split(":", 1))
        match name:
            case "size":
                return int(self.told.get("RFC822.SIZE") or 0)
            case "flags":
                return " ".join(sorted(self.flags))
            case "attachments":
                return ", ".join(each.name for each in self.parts if each.name)
            case "body":
                return self._body()
            case "message":
                return self.whole
            case _:
                raise Drift(f'a message has no "{name}"', "compare the mapping with the manual")

    def _place(self, name: str) -> Scalar:
        match name:
            case "url":
                return self.box.url(self.uid)
            case "user":
                return self.box.user
            case "folder":
                return self.box.name
            case "uidvalidity":
                return self.box.uidvalidity
            case _:
                return self.uid

    @property
    def flags(self) -> list[str]:
        flags = self.told.get("FLAGS") or []
        return [each.decode("ascii", "replace") for each in flags if isinstance(each, bytes)]

    @cached_property
    def parts(self) -> list[Part]:
        return list(leaves(self.told.get("BODYSTRUCTURE")))

    @cached_property
    def _headers(self) -> Message:
        name = next((n for n in self.told if n.startswith("BODY[HEADER")), "")
        return _PARSER.parsebytes(self.told.get(name) or b"")

    def _header(self, name: str) -> Scalar:
        header = header_of(name)
        raws = [str(each) for each in self._headers.get_all(header, [])]
        if name in ADDRESSES or name in NAMES:
            return addresses(raws)[name in NAMES] if raws else None
        if name == "date":
            return _sent(raws[0]) if raws else None
        if name == "message_id":
            return header_text(raws[0]) if raws else ""  # part of keys, where null equals nothing
        return header_text(", ".join(raws)) if raws else None

    def _keyword(self, kind: str, name: str) -> Scalar:
        lower = name.lower()
        if kind == "keyword":
            return any(each.lower() == lower for each in self.flags)
        return next(
            (f[len(name) :] for f in sorted(self.flags) if f.lower().startswith(lower)), None
        )

    def _body(self) -> str:
        """All parts that are text, what is attached as a message included."""
        found = (
            body_text(
                self.texts.get(part.number, b""),
                part.encoding,
                part.charset,
                html=part.kind == "text/html",
            )
            for part in self.parts
            if part.is_text
        )
        return "\n".join(found).rstrip("\n")


def column_of(source: Source) -> str:
    if not isinstance(source, Column):
        raise Drift("a mailbox has no tables to join and no JSON columns", "name a mail field")
    return source.name


def moment(value: Item) -> Scalar:
    """`" 1-Jan-2024 00:00:00 +0000"` as an aware moment."""
    if value is None:
        return None
    text = value.decode("ascii", "replace").strip()
    try:
        return datetime.strptime(text, "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _sent(raw: str) -> Scalar:
    try:
        moment = parsedate_to_datetime(raw)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
