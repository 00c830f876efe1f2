"""What of a predicate the mail server can answer by itself.

The harm: a SEARCH that leaves a message out which the predicate means; it would outlive its
ceiling, or a hold would miss it, and no count would show it. So a predicate becomes two searches,
one that finds *at least* all it is true of (`may`) and one that finds *only* such (`must`); a
negation turns one into the other. What the server finds is then judged again by the predicate
itself, unless both are the same. tests/connectors/imap/test_search.py holds this against real
mailboxes.

Servers ignore time of day and zone in dates, so days are left as margin. Of text, only whole runs
of letters and digits in addresses and Message-IDs are searched: they cannot be folded or encoded
differently. Anything this module does not know is answered by reading the messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servanda.connectors.imap.box import Box
from servanda.connectors.imap.wire import quoted, uid_set
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import (
    All,
    Among,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
    Within,
)
from servanda.stores.mailfields import ADDRESSES
from servanda.stores.mapping import Column
from servanda.stores.records import Reader

EVERY, NONE = "ALL", ""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RUN = re.compile(r"[A-Za-z0-9]{4,}")
_KEYWORD = re.compile(r"[A-Za-z0-9$_.-]+")
_FAR = 2037
_MOST = 40  # alternatives asked for in one search
_HEADER = {"message_id": "Message-ID", "reply_to": "Reply-To"}


@dataclass(frozen=True, slots=True)
class Searches:
    """`may`: no message beyond these. `must`: all of these. `NONE` finds nothing."""

    may: str
    must: str

    @property
    def exact(self) -> bool:
        return self.may == self.must


_UNKNOWN = Searches(EVERY, NONE)


@dataclass(frozen=True, slots=True)
class Searcher:
    """Of one mailbox. `text`: whether the server searches text as the protocol says."""

    reader: Reader
    box: Box
    text: bool = True

    def of(self, predicate: Predicate) -> Searches:
        match predicate:
            case Everything():
                return Searches(EVERY, EVERY)
            case Not(part):
                inner = self.of(part)
                return Searches(_not(inner.must), _not(inner.may))
            case All(parts):
                each = [self.of(part) for part in parts]
                return Searches(_both(e.may for e in each), _both(e.must for e in each))
            case AnyOf(parts):
                each = [self.of(part) for part in parts]
                return Searches(_either(e.may for e in each), _either(e.must for e in each))
            case ClockBy(event, instant):
                return self._by(event, instant)
            case ClockMissing(event):
                return Searches(NONE, NONE) if self._time(event) == "internaldate" else _UNKNOWN
            case (
                Compare(name)
                | OneOf(name)
                | Contains(name)
                | Missing(name)
                | Folded(name)
                | Within(name)
            ):
                return self._field(self._column(name), predicate)
            case Among(names, rows):
                return self._rows([*map(self._column, names)], rows)
            case _:
                return _UNKNOWN

    # ── clocks ────────────────────────────────────────────────────────────────────────────────

    def _time(self, event: str) -> str:
        clock = self.reader.clock(event)
        plain = clock.kind in ("auto", "datetime")
        return clock.source.name if plain and isinstance(clock.source, Column) else ""

    def _by(self, event: str, instant: datetime) -> Searches:
        if not 1000 < instant.year < 9000:
            return _UNKNOWN
        match self._time(event):
            case "internaldate":
                return Searches(f"NOT SINCE {_day(instant, 2)}", f"BEFORE {_day(instant, -1)}")
            case "date" if instant.year < _FAR:
                # A header's zone may be anything; and a date that a server cannot read, or that
                # lies before its calendar, is never or far in the future for it.
                since = f"SENTSINCE {_day(instant, 6)}"
                return Searches(f"OR (NOT {since}) (SENTSINCE 1-Jan-{_FAR})", NONE)
            case _:
                return _UNKNOWN

    # ── fields ────────────────────────────────────────────────────────────────────────────────

    def _column(self, name: str) -> str:
        source = self.reader.source(name)
        return source.name if isinstance(source, Column) else ""

    def _field(self, column: str, predicate: Predicate) -> Searches:
        constants: dict[str, Scalar] = {
            "user": self.box.user,
            "folder": self.box.name,
            "uidvalidity": self.box.uidvalidity,
        }
        if column in constants:
            value = constants[column]
            true = evaluate(predicate, lambda _: value, lambda _event, _edge: None)
            return Searches(EVERY, EVERY) if true else Searches(NONE, NONE)
        match predicate:
            case Compare(_, "=", value) if column == "url":
                return self._urls([value])
            case OneOf(_, values) if column == "url":
                return self._urls(values)
            case Compare(_, "=", bool(value)) if column.startswith("keyword:"):
                return _keyword(column.partition(":")[2], value)
            case Compare(_, "=", str(text)) | Contains(_, text):
                return Searches(self._text(column, text), NONE)
            case OneOf(_, values) if len(values) <= _MOST:
                texts = (self._text(column, v) if isinstance(v, str) else EVERY for v in values)
                return Searches(_either(texts), NONE)
            case Folded(_, "email", addresses) | Within(_, "email", addresses) if (
                len(addresses) <= _MOST
            ):
                return Searches(_either(self._address(column, a) for a in addresses), NONE)
            case _:
                return _UNKNOWN

    def _rows(self, columns: Sequence[str], rows: Iterable[Sequence[Scalar]]) -> Searches:
        """By the name of each message, where that is among what is asked for."""
        if "url" not in columns:
            return _UNKNOWN
        at = columns.index("url")
        named = self._urls([row[at] for row in rows])
        return named if len(columns) == 1 else Searches(named.may, NONE)

    def _address(self, column: str, address: str) -> str:
        """By what every spelling of it has in common; a domain may be written in two ways."""
        local, _, domain = address.partition("@")
        return self._text(column, local if "xn--" in domain else address)

    def _urls(self, values: Iterable[Scalar]) -> Searches:
        """Names of messages: those of this mailbox, by number."""
        prefix = self.box.prefix
        ours = [v[len(prefix) :] for v in values if isinstance(v, str) and v.startswith(prefix)]
        uids = [int(n) for n in ours if n.isascii() and n.isdigit() and n == str(int(n)) and int(n)]
        found = f"UID {uid_set(uids)}" if uids else NONE
        return Searches(found, found)

    def _text(self, column: str, text: str) -> str:
        """At least the messages with this text in an address or a Message-ID."""
        runs = _RUN.findall(text) if text.isascii() else []
        if not self.text or not runs or column not in (*ADDRESSES, "message_id"):
            return EVERY
        name = _HEADER.get(column, column.capitalize())
        return f"HEADER {name} {quoted(max(runs, key=len))}"


def _day(instant: datetime, days: int) -> str:
    day = instant + timedelta(days=days)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def _keyword(name: str, wanted: bool) -> Searches:
    if not _KEYWORD.fullmatch(name):
        return _UNKNOWN
    found = f"KEYWORD {name}" if wanted else f"UNKEYWORD {name}"
    return Searches(found, found)


def _not(search: str) -> str:
    return {EVERY: NONE, NONE: EVERY}.get(search, f"NOT ({search})")


def _both(searches: Iterable[str]) -> str:
    found = [each for each in searches if each != EVERY]
    if NONE in found:
        return NONE
    if len(found) < 2:
        return found[0] if found else EVERY
    return " ".join(f"({each})" for each in found)


def _either(searches: Iterable[str]) -> str:
    found = list(dict.fromkeys(each for each in searches if each != NONE))
    if EVERY in found:
        return EVERY
    if len(found) < 2:
        return found[0] if found else NONE
    *first, last = found
    return "".join(f"OR ({each}) " for each in first) + f"({last})"
