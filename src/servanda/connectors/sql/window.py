"""The window and the bundle every engine gives: work done in an open transaction."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from servanda.connectors.sql.engine import Database
from servanda.stores.port import Keys

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows: those `within` the window's bounds that are `meant`.

    `narrow`: the bounds alone keep the engine from reading much more than the window.
    """

    within: Condition
    meant: Condition
    narrow: bool
    few: bool = False  # they fit in memory many times over

    @property
    def both(self) -> Condition:
        return sa.and_(self.within, self.meant)


class Opened:
    """Work done in an open transaction, to be committed or, in any other way of leaving, undone."""

    def __init__(self, db: Database, connection: sa.Connection, undo: ExitStack) -> None:
        self._db = db
        self._connection = connection
        self._undo = undo  # rolls back what is not committed

    def commit(self) -> None:
        with self._db.translated():
            self._connection.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._db.translated():
            self._undo.close()


class SqlWindow(Opened):
    """One work; `keys` is exactly what it touched."""

    def __init__(
        self, db: Database, connection: sa.Connection, found: Keys, undo: ExitStack
    ) -> None:
        super().__init__(db, connection, undo)
        self.keys = found


class SqlBundle(Opened):
    """Several works; `keys` is exactly what each of them touched."""

    def __init__(
        self, db: Database, connection: sa.Connection, found: tuple[Keys, ...], undo: ExitStack
    ) -> None:
        super().__init__(db, connection, undo)
        self.keys = found
