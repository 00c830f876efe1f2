"""A collection that a program lists: counting, reading, cutting into windows.

The program has no search, so every question reads the whole list once, line by line. A window is
a range of keys in the order of their canonical text; it is settled by reading the list again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from servanda.connectors.command.program import Program
from servanda.connectors.command.removal import Removal
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.predicate import Predicate, Scalar
from servanda.stores import records
from servanda.stores.mapping import Collection, Column, CommandLayout, JsonPath, Source
from servanda.stores.port import Bounds, DeleteRows, Keys, Row, TableShape, Tally, Window, Work
from servanda.stores.records import Reader, Record

_LOOKED_AT = 200  # records from which the names of columns are taken


class CommandShelf:
    """One collection of one open store. Holds no state between calls."""

    def __init__(
        self, program: Program, collection: Collection, layout: CommandLayout, zone: tzinfo
    ) -> None:
        self.program = program
        self.collection = collection
        self.layout = layout
        self.reader = Reader(collection, zone)

    def objects(self) -> Iterator[dict[str, Any]]:
        for line in self.program.lines(self.layout.list, self.layout.env):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                found = None
            if not isinstance(found, dict):
                raise StoreRefused(
                    f"{self.collection.id}: its program prints a line that is no JSON object",
                    "let it print one object a line, and nothing else",
                )
            yield found

    def records(self) -> Iterator[Record]:
        for found in self.objects():
            yield Record(self.reader, partial(self._value, found))

    def _value(self, found: dict[str, Any], source: Source) -> Scalar:
        match source:
            case Column(name):
                value: Any = found.get(name)
            case JsonPath(column, path):
                value = found.get(column)
                for step in path:
                    value = value.get(step) if isinstance(value, dict) else None
            case _:
                raise Drift(
                    f"{self.collection.id}: a program's records have no tables to join",
                    "read the value from `column`, or with `path` from an object inside",
                )
        if value is None or isinstance(value, str | int | float):
            return value
        return json.dumps(value, ensure_ascii=False)

    def shape(self) -> TableShape:
        """The names of what it lists, with those that the mapping expects anyway."""
        names = {
            field.source.name
            for field in self.collection.fields
            if isinstance(field.source, Column)
        }
        for _, found in zip(range(_LOOKED_AT), self.objects(), strict=False):
            names.update(found)
        columns = tuple((name, "text") for name in sorted(names))
        return TableShape(self.collection.source, columns, self.collection.key)

    # ── counting and reading ──────────────────────────────────────────────────────────────────

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
        return records.tallies(self.reader, self.records(), wheres, clock)

    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]:
        return records.rows(self.reader, self.records(), where, fields, limit)

    # ── working ───────────────────────────────────────────────────────────────────────────────

    def chosen(self, predicate: Predicate, bounds: Bounds) -> list[bytes]:
        """Keys of the records the predicate is true of, in order."""
        ours = self.reader.ours(predicate)
        after, upto = bounds.get("after"), bounds.get("upto")
        low = None if after is None else after.encode()
        high = None if upto is None else upto.encode()
        keys = (record.key for record in self.records() if record.satisfies(ours))
        return sorted(
            key for key in keys if (low is None or key > low) and (high is None or key <= high)
        )

    def split(self, work: Work, rows_per_window: int) -> list[Bounds]:
        self.only_deletes(work)
        keys = self.chosen(work.target, {})
        if len(set(keys)) != len(keys):
            raise Drift(
                f"{self.collection.id}: two records have the same key",
                "name under `key` what tells them apart",
            )
        if not keys:
            return []
        cuts = [keys[at - 1].decode() for at in range(rows_per_window, len(keys), rows_per_window)]
        return [
            {"after": after, "upto": upto}
            for after, upto in zip([None, *cuts], [*cuts, None], strict=True)
        ]

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self.only_deletes(work)
        return Removal(self, bounds, target, records.packed(self.chosen(target, bounds)))

    def present(self, keys: Keys) -> Keys:
        wanted = set(records.unpacked(keys))
        if not wanted:
            return keys
        found = (record.key for record in self.records())
        return records.packed([key for key in found if key in wanted])

    def only_deletes(self, work: Work) -> None:
        if not isinstance(work.action, DeleteRows):
            raise StoreRefused(
                f"{self.collection.id}: what a program holds cannot be overwritten, only deleted",
                "let the activity's rule say `then: delete`",
            )
        if not self.layout.delete:
            raise StoreRefused(
                f"{self.collection.id} does not say how its program deletes",
                "add `delete: […]` under `command`, or use `mode: verify`",
            )
        if not self.collection.key:
            raise Drift(
                f"{self.collection.id} has no key, by which its program could be told what goes",
                "name it in the mapping",
            )
