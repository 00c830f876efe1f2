"""The window every engine gives: work done in an open transaction."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import sqlalchemy as sa

from servanda.connectors.sql.engine import Database
from servanda.stores.port import Keys


class SqlWindow:
    """Work done in an open transaction; `keys` is exactly what it touched."""

    def __init__(self, db: Database, connection: sa.Connection, found: Keys) -> None:
        self._db = db
        self._connection = connection
        self.keys = found

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
            self._connection.close()  # rolls back what is not committed
