"""Contacts from a CSV file: all of it, or nothing and every mistake with its line.

Codewords are hashed before anything is written: that takes a while for each, and nobody else could
write meanwhile.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from servanda import state
from servanda.desk.contacts import Codeword, Details, List
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.state.models import Customer

COLUMNS = ("name", "role", "phone", "email", "codeword", "since", "until", "authorised_by")
_DETAILS = ("name", "role", "phone", "email", "authorised_by")
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    known: int


def read(contacts: List, customer: Customer, raw: bytes, *, by: str) -> Imported:
    """Columns by name, in any order; only `name` must be there. Who is on the list already is
    passed over. UsageError, without a value of the file, where a line is wrong."""
    wanted = []
    for line, row in _rows(raw):
        with _line(line):
            wanted.append((line, _read(contacts, customer, row)))
    added = known = 0
    with state.transaction():
        for line, each in wanted:
            with _line(line):
                if each is None or contacts.there(customer, each.details):
                    known += 1
                    continue
                contacts.add(
                    customer,
                    each.details,
                    by=by,
                    codeword=each.codeword,
                    since=each.since,
                    until=each.until,
                )
                added += 1
    return Imported(added, known)


@dataclass(frozen=True, slots=True)
class _Wanted:
    details: Details
    codeword: Codeword
    since: date | None
    until: date | None


def _read(contacts: List, customer: Customer, row: dict[str, str]) -> _Wanted | None:
    """None for who is on the list already."""
    details = Details(**{each: row.get(each, "") for each in _DETAILS})
    since, until = _day(row.get("since", "")), _day(row.get("until", ""))
    if contacts.there(customer, details):
        return None
    return _Wanted(details, contacts.hashed(row.get("codeword", "")), since, until)


@contextmanager
def _line(number: int) -> Iterator[None]:
    """What is wrong within is said with the line."""
    try:
        yield
    except UsageError as error:
        raise UsageError(
            f"line {number}: {error.what}; nothing was imported", error.remedy
        ) from None


def _rows(raw: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), strict=True)
        names = [(each or "").strip().lower() for each in reader.fieldnames or ()]
        unknown = [each for each in names if each not in COLUMNS]
        if unknown or "name" not in names:
            raise UsageError(
                "the first line must name the columns",
                did_you_mean(unknown[0], COLUMNS) if unknown else f"known: {', '.join(COLUMNS)}",
            )
        reader.fieldnames = names
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise UsageError(f"line {reader.line_num}: it has not as many cells as the first")
            rows.append((reader.line_num, {k: (v or "").strip() for k, v in row.items()}))
            if len(rows) > MOST:
                raise UsageError(f"more than {MOST:,} lines are too many", "split the file")
    except (UnicodeDecodeError, csv.Error):
        raise UsageError("that is no CSV file in UTF-8", "export it anew as CSV (UTF-8)") from None
    return rows


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("a date is not one", "write 2026-03-01") from None
