"""What hangs on a record: rows of other tables that go first, counters, pointers at it.

Harm it could do: deleting rows of a table nobody mapped. Only tables that the mapping names are
written, and a foreign key that would carry the deletion further by itself (ON DELETE CASCADE) is
refused before anything is touched. Tests: tests/connectors/sql/test_children.py.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import reflect, sources
from servanda.connectors.sql.constants import fit
from servanda.connectors.sql.express import Condition, value
from servanda.connectors.sql.reflect import Mapped, kind
from servanda.stores.mapping import Child, Counter, Detach


def any_before(mapped: Mapped) -> bool:
    """Whether `delete_before` has anything to do; when not, the hot path may skip it."""
    found = mapped.collection
    return bool(found.children or found.counters or found.detaches)


def delete_before(connection: sa.Connection, mapped: Mapped, selected: Condition) -> None:
    """In the open transaction, before the rows of `mapped.table` where `selected` are deleted:
    delete their children (deepest first), reset pointers, set counters to what will remain.

    `selected` is a two-valued condition over `mapped.table` that is true of exactly those rows,
    for as long as the transaction lasts (`compile.target(...) & bounds`, or key IN a table).
    """
    for child in mapped.collection.children:
        _delete_child(connection, mapped, child, (mapped.table,), selected)
    for detach in mapped.collection.detaches:
        connection.execute(_detached(mapped, detach, selected))
    for counter in mapped.collection.counters:
        connection.execute(_recounted(mapped, counter, selected))


def _delete_child(
    connection: sa.Connection,
    mapped: Mapped,
    child: Child,
    above: tuple[sa.FromClause, ...],
    selected: Condition,
) -> None:
    """The child's own children first. `selected` holds over the tables `above`, nearest first."""
    rows = reflect.table(mapped.db, child.table).alias()
    assert isinstance(rows, sa.Alias)
    chosen = sa.and_(
        _tied(mapped, rows, child.match, above[0]), *_only(mapped, rows, child), selected
    )
    for grandchild in child.children:
        _delete_child(connection, mapped, grandchild, (rows, *above), chosen)
    if mapped.db.dialect == "sqlite":  # no joins in DELETE
        chosen = sa.exists(sa.select(1).select_from(*above).where(chosen).correlate(rows))
    connection.execute(sa.delete(rows).where(chosen))


def _only(mapped: Mapped, rows: sa.FromClause, child: Child) -> list[Condition]:
    """Of a table that hangs on several others, the rows that hang on this one."""
    columns = (
        (sources.table_column(rows, name, of=mapped.collection.id), each)
        for name, each in child.where
    )
    return [column == _constant(mapped, column, each) for column, each in columns]


def _tied(
    mapped: Mapped, rows: sa.FromClause, match: tuple[tuple[str, str], ...], parent: sa.FromClause
) -> Condition:
    of = mapped.collection.id
    return sa.and_(
        *(
            sources.equal(
                mapped.db.dialect,
                sources.table_column(rows, theirs, of=of),
                sources.table_column(parent, ours, of=of),
            )
            for theirs, ours in match
        )
    )


def _detached(mapped: Mapped, detach: Detach, selected: Condition) -> sa.Update:
    """Rows that point at ours get the mapping's value instead."""
    of = mapped.collection.id
    base = reflect.table(mapped.db, detach.table)
    ours = sources.table_column(mapped.table, detach.points_at, of=of)
    pointer = sources.table_column(base, detach.column, of=of)
    new = _constant(mapped, pointer, detach.value)
    # Through a subquery of its own, so that a table may point at itself.
    gone = sa.select(ours.label("gone")).where(selected).subquery()
    return sa.update(base).where(pointer.in_(sa.select(gone.c.gone))).values({pointer.name: new})


def _recounted(mapped: Mapped, counter: Counter, selected: Condition) -> sa.Update:
    """The counter of every record that loses some of our rows becomes the count of the others."""
    base = reflect.table(mapped.db, counter.table)
    counted = [
        sources.own_column(mapped, name)
        == _constant(mapped, sources.own_column(mapped, name), each)
        for name, each in counter.where
    ]
    tied = _tied(mapped, base, counter.match, mapped.table)
    left = (
        sa.select(sa.func.count())
        .select_from(mapped.table)
        .where(tied, *counted, sa.not_(selected))
        .correlate(base)
        .scalar_subquery()
    )
    loses = sa.exists(sa.select(1).select_from(mapped.table).where(tied, selected).correlate(base))
    return sa.update(base).where(loses).values({counter.column: left})


def _constant(mapped: Mapped, column: sa.Column[Any], constant: Any) -> Any:
    if constant is None:
        return sa.null()
    return value(fit(constant, kind(column), mapped.db.zone, mapped.db.dialect))
