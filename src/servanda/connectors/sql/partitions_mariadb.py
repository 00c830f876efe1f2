"""MariaDB: a partition dropped by a statement that commits by itself.

So the window only chooses: it counts, and its `commit` locks the table, counts again, drops, and
looks whether the partition is gone. A crash in between leaves the partition whole or gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from servanda.connectors.sql import compile
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import StoreBusy, StoreRefused
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.port import Keys, Window, Work

# The functions whose result grows with the moment, and how a bound on them becomes a moment.
_MOMENTS = {
    "": "{}",
    "to_days": "FROM_DAYS({})",
    "unix_timestamp": "FROM_UNIXTIME({})",
    "year": "MAKEDATE({}, 1)",
}
_EXPRESSION = re.compile(r"(?:(\w+)\()?`?((?:[^`()]|``)+)`?\)?")
_LEAVES = sa.text("""
    SELECT partition_name, partition_expression, partition_description
    FROM information_schema.partitions
    WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name
      AND partition_method IN ('RANGE', 'RANGE COLUMNS') AND subpartition_name IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM information_schema.triggers t
          WHERE t.event_object_schema = table_schema AND t.event_object_table = table_name
            AND t.event_manipulation = 'DELETE')
    ORDER BY partition_ordinal_position
""")


def expired(mapped: Mapped, clock: str, column: str, by: datetime) -> list[str]:
    """Names of partitions whose upper bound lies at or before `by`, oldest first."""
    own = mapped.table.columns[column]
    condition = compile.where(mapped, ClockBy(clock, by))
    found = []
    with mapped.db.reading() as connection:
        for name, moment in _leaves(connection, mapped, column):
            upper = sa.literal_column(moment, sa.types.NullType())
            replaced = visitors.replacement_traverse(
                condition, {}, lambda element, upper=upper, **_: upper if element is own else None
            )
            if connection.execute(sa.select(replaced)).scalar():
                found.append(name)
    return found


def exists(mapped: Mapped, name: str) -> bool:
    with mapped.db.reading() as connection:
        return _there(connection, mapped, name)


def _there(connection: sa.Connection, mapped: Mapped, name: str) -> bool:
    named = {"schema": mapped.table.schema, "name": mapped.table.name}
    return any(name == row.partition_name for row in connection.execute(_LEAVES, named))


def _leaves(connection: sa.Connection, mapped: Mapped, column: str) -> Iterator[tuple[str, str]]:
    """(name, upper bound as an expression) of partitions by this column."""
    named = {"schema": mapped.table.schema, "name": mapped.table.name}
    for row in connection.execute(_LEAVES, named).all():
        read = _EXPRESSION.fullmatch(row.partition_expression or "")
        bound = row.partition_description or ""
        if read is None or read[2].replace("``", "`") != column:
            continue
        moment = _MOMENTS.get((read[1] or "").lower())
        # The catalogue gives a number, or a text in quotes that only it wrote.
        if moment and re.fullmatch(r"-?\d+|'[0-9 :.-]+'", bound):
            yield row.partition_name, moment.format(bound)


def open_(mapped: Mapped, work: Work, name: str, target: Predicate) -> Window:
    """The partition chosen, if all its rows are meant."""
    meant = compile.target(mapped, target)
    count = 0
    with mapped.db.reading() as connection:
        if _there(connection, mapped, name):
            count = _counted(connection, mapped, name, meant)
    return PartitionWindow(mapped, name, meant, Keys("partition", name.encode(), count))


def _query(mapped: Mapped, name: str, meant: sa.ColumnElement[bool]) -> sa.Select[int, int]:
    quoted = mapped.db.engine.dialect.identifier_preparer.quote_identifier(name)
    other = sa.func.count(sa.case((sa.not_(meant), 1)))
    return (
        sa.select(sa.func.count(), other)
        .select_from(mapped.table)
        .with_hint(mapped.table, f"PARTITION ({quoted})")
    )


def _counted(
    connection: sa.Connection, mapped: Mapped, name: str, meant: sa.ColumnElement[bool]
) -> int:
    count, other = connection.execute(_query(mapped, name, meant)).one()
    return 0 if other else int(count)


class PartitionWindow:
    """A choice; `commit` makes it true."""

    def __init__(
        self, mapped: Mapped, name: str, meant: sa.ColumnElement[bool], found: Keys
    ) -> None:
        self._mapped = mapped
        self._name = name
        self._meant = meant
        self.keys = found

    def commit(self) -> None:
        if not self.keys.count:
            return
        mapped = self._mapped
        mapped.db.refuse_read_only()
        with mapped.db.outside_transaction() as connection:
            connection.exec_driver_sql(f"LOCK TABLES {', '.join(self._locks())}")
            try:
                self._drop(connection)
            finally:
                connection.exec_driver_sql("UNLOCK TABLES")
            if _there(connection, mapped, self._name):
                raise StoreRefused(
                    f'{mapped.collection.id}: partition "{self._name}" is still there',
                    "look at the server's log",
                )

    def _drop(self, connection: sa.Connection) -> None:
        mapped = self._mapped
        if _counted(connection, mapped, self._name, self._meant) != self.keys.count:
            raise StoreBusy(
                f'{mapped.collection.id}: partition "{self._name}" changed after it was counted',
                "it was not dropped and will be looked at again",
            )
        quote = connection.dialect.identifier_preparer
        connection.exec_driver_sql(
            f"ALTER TABLE {quote.format_table(mapped.table)}"
            f" DROP PARTITION {quote.quote_identifier(self._name)}"
        )

    def _locks(self) -> list[str]:
        """Every table that the count reads, under the name it reads it by."""
        quote = self._mapped.db.engine.dialect.identifier_preparer
        found = {f"{quote.format_table(self._mapped.table)} WRITE"}
        for element in visitors.iterate(self._meant):
            if isinstance(element, sa.Alias) and isinstance(element.element, sa.Table):
                name = quote.format_table(element.element)
                found.add(f"{name} AS {quote.quote_identifier(str(element.name))} READ")
            elif isinstance(element, sa.Table) and element is not self._mapped.table:
                found.add(f"{quote.format_table(element)} READ")
        return sorted(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass
