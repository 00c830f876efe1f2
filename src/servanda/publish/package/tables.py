"""One collection as two members, JSON and CSV, written in one pass over its records."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from servanda.publish.package.archive import Archive
from servanda.publish.package.choice import Portion
from servanda.publish.package.hiding import hidden
from servanda.publish.package.reading import Found
from servanda.publish.package.spool import Spool
from servanda.publish.package.values import Kind, Value, guarded, told

SHOWN = 200  # records of a collection that the page shows; the files have all
LONGEST = 300  # signs of a value that the page shows

_Hidden = frozenset[str]
_SECRET = Value("null", None, "")  # stands where a value is not shown


@dataclass
class Table:
    """What was written of a collection. `shown`: the first records, as the page shows them."""

    portion: Portion
    name: str  # of its members, without an ending
    columns: tuple[str, ...]
    count: int = 0
    shown: list[list[str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    kinds: dict[str, set[Kind]] = field(default_factory=dict)

    @property
    def json_name(self) -> str:
        return f"data/{self.name}.json"

    @property
    def csv_name(self) -> str:
        return f"data/{self.name}.csv"


def columns_of(portion: Portion) -> tuple[str, ...]:
    """All declared fields, then the events that are no field's namesake."""
    names = [each.name for each in portion.collection.fields]
    names += [each.event for each in portion.collection.clocks]
    return tuple(dict.fromkeys(names))


def write(
    archive: Archive,
    spool: Spool,
    portion: Portion,
    name: str,
    records: Callable[[tuple[str, ...]], Iterator[Found]],
    progress: Callable[[int], None],
) -> Table:
    """The JSON goes straight in; the CSV waits in `spool` until the JSON is done. `records`: those
    of the portion, with the values of the columns it is called with."""
    table = Table(portion, name, columns_of(portion))
    table.kinds = {each: set() for each in table.columns}
    archive.add(table.json_name, _json(table, records(table.columns), spool, progress))
    archive.add(table.csv_name, spool.pieces())
    return table


def _json(
    table: Table, records: Iterable[Found], spool: Spool, progress: Callable[[int], None]
) -> Iterator[bytes]:
    sheet = _Sheet(spool, table.columns)
    secrets: dict[tuple[str, ...], _Hidden] = {}
    kinds = [table.kinds[name] for name in table.columns]
    between = b"[\n"
    for found in records:
        if found.hide not in secrets:
            secrets[found.hide] = hidden(table.portion.collection, found.hide)
            table.hidden |= secrets[found.hide]
        secret = secrets[found.hide]
        values = [told(each) for each in found.values]
        for seen, value in zip(kinds, values, strict=True):
            seen.add(value.kind)
        if secret:
            values = [
                _SECRET if name in secret else value
                for name, value in zip(table.columns, values, strict=True)
            ]
        record = {
            name: value.json
            for name, value in zip(table.columns, values, strict=True)
            if value is not _SECRET
        }
        yield between + orjson.dumps(record)
        between = b",\n"
        sheet.add([value.cell for value in values])
        if table.count < SHOWN:
            table.shown.append([_brief(value) for value in values])
        table.count += 1
        if not table.count % 1_000:
            progress(table.count)
    sheet.close()
    progress(table.count)
    yield between + b"]\n" if between == b"[\n" else b"\n]\n"


def _brief(value: Value) -> str:
    if value is _SECRET:
        return "(left out)"
    text = "" if value.json is None else str(value.json)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … (the file has all of it)"


class _Sheet:
    """Lines of CSV (RFC 4180, UTF-8), put into the spool some hundred at a time."""

    def __init__(self, spool: Spool, header: Sequence[str]) -> None:
        self._spool = spool
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._writer.writerow([guarded(each) for each in header])

    def add(self, cells: Sequence[str]) -> None:
        self._writer.writerow(cells)
        if self._text.tell() > 1 << 16:
            self.close()

    def close(self) -> None:
        self._spool.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()
