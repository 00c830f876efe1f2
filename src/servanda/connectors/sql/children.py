"""What hangs on a record: rows of other tables that go first, counters, pointers at it."""

from __future__ import annotations

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped


def any_before(mapped: Mapped) -> bool:
    """Whether `delete_before` has anything to do; when not, the hot path may skip it."""
    found = mapped.collection
    return bool(found.children or found.counters or found.detaches)


def delete_before(
    connection: sa.Connection, mapped: Mapped, selected: sa.ColumnElement[bool]
) -> None:
    """In the open transaction, before the rows of `mapped.table` where `selected` are deleted:
    delete their children (deepest first), reset pointers, set counters to what will remain.

    `selected` is a two-valued condition over `mapped.table` that is true of exactly those rows,
    for as long as the transaction lasts (`compile.target(...) & bounds`, or key IN a table).
    """
    raise NotImplementedError


def refuse_undeclared(mapped: Mapped) -> None:
    """Raise StoreRefused, naming the table, when a foreign key that the mapping does not declare
    would destroy rows of another table along with ours."""
    raise NotImplementedError
