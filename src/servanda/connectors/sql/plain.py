"""Windows, plainly: the whole work in one."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from servanda.connectors.sql import children, compile, erase, keys
from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.errors import StoreBusy
from servanda.kernel.predicate import Predicate
from servanda.stores.port import Bounds, DeleteRows, Keys, RedactRows, Work


def split(mapped: Mapped, work: Work, rows_per_window: int) -> Sequence[Bounds]:
    return [{"whole": True}]


class PlainWindow:
    def __init__(self, mapped: Mapped, connection: sa.Connection, found: Keys) -> None:
        self._mapped = mapped
        self._connection = connection
        self.keys = found

    def commit(self) -> None:
        with self._mapped.db.translated():
            self._connection.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._mapped.db.translated():
            self._connection.close()


def open_(mapped: Mapped, work: Work, bounds: Bounds, target: Predicate) -> PlainWindow:
    connection = None
    try:
        with mapped.db.translated():
            connection = mapped.db.begin()
            return PlainWindow(mapped, connection, _do(mapped, connection, work, target))
    except BaseException:
        if connection is not None:
            connection.close()
        raise


def _do(mapped: Mapped, connection: sa.Connection, work: Work, target: Predicate) -> Keys:
    keys.prepare(connection)
    identity = keys.identity(mapped)
    chosen = compile.target(mapped, target)
    statement: Any
    match work.action:
        case RedactRows(changes):
            chosen = sa.and_(chosen, sa.not_(erase.is_erased(mapped, changes)))
            new = erase.assignments(mapped, changes, work.pseudonym_key)
            statement = sa.update(mapped.table).where(chosen).values(new)
        case DeleteRows():
            statement = sa.delete(mapped.table).where(chosen)
        case _:
            raise NotImplementedError
    select = sa.select(*keys.selected(mapped, identity)).select_from(mapped.table).where(chosen)
    if mapped.db.dialect != "sqlite":
        select = select.with_for_update()
    found = keys.pack(identity, connection.execute(select).all())
    if isinstance(work.action, DeleteRows):
        children.delete_before(connection, mapped, chosen)
    done = connection.execute(statement)
    if done.rowcount != found.count:
        raise StoreBusy("rows changed meanwhile", "try again")
    return found
