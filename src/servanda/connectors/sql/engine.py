"""One open database: its engine, its sessions, and the limits they keep.

Only the methods of `Database` lead to a connection. They translate the driver's errors (see
`failures`), and none lets a value of a row into a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import URL

from servanda.connectors.sql import failures, sessions
from servanda.connectors.sql.reflect import Tables
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Limit

Dialect: TypeAlias = Literal["postgresql", "mariadb", "sqlite"]

_DRIVERS: dict[str, tuple[Dialect, str]] = {
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgres": ("postgresql", "postgresql+psycopg"),
    "mysql": ("mariadb", "mysql+pymysql"),
    "mariadb": ("mariadb", "mysql+pymysql"),
    "sqlite": ("sqlite", "sqlite+pysqlite"),
}

SCHEMES = tuple(_DRIVERS)


class Database:
    """An open store. Thread-safe; hands out at most `limit.connections` connections at once."""

    def __init__(
        self, name: str, connect: str, *, zone: str, read_only: bool, limit: Limit
    ) -> None:
        url, self.dialect = _address(name, connect)
        self.name = name
        self.zone = ZoneInfo(zone)
        self.read_only = read_only
        self.limit = limit
        self.tables = Tables()
        self.ties: dict[object, Sequence[Any]] = {}  # by collection, see `foreign.undeclared`
        self._version: tuple[int, ...] | None = None
        self.engine = sessions.engine(url, self.dialect, read_only=read_only, limit=limit)
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def version(self) -> tuple[int, ...]:
        """The server's version; asks once."""
        if self._version is None:
            with self.reading() as connection:
                found = connection.dialect.server_version_info or ()
                self._version = tuple(part for part in found if isinstance(part, int))
        return self._version

    def translated(self) -> AbstractContextManager[None]:
        """Turn the driver's errors into StoreUnreachable, StoreBusy, StoreRefused, or Drift."""
        return failures.translated(self.name, self.dialect)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that ends with a rollback."""
        with self.translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def glancing(self) -> Iterator[sa.Connection]:
        """A connection for one short read. PostgreSQL is spared the transaction around it; for
        MariaDB that would be the longer way."""
        engine = self.engine if self.dialect == "mariadb" else self._single
        with self.translated(), engine.connect() as connection:
            yield connection

    def glanced(self, statement: str, given: Mapping[str, object]) -> list[Any]:
        """What one short read of PostgreSQL gives, said as the driver takes it: less than half of
        what the same costs by `glancing`."""
        lent: Any = None
        with self.translated():
            try:
                lent = self.engine.raw_connection()
                connection = lent.dbapi_connection
                connection.autocommit = True  # spares the transaction around it
                found: list[Any] = connection.execute(statement, given).fetchall()
                connection.autocommit = False
            except BaseException as error:
                lost = lent is not None and bool(lent.dbapi_connection.closed)
                if lent is not None:  # whatever its state is, nobody is to meet it
                    lent.invalidate()
                if not isinstance(error, self.engine.dialect.loaded_dbapi.Error):
                    raise
                raise sa.exc.DBAPIError(None, None, error, True, lost) from None
            lent.close()
        return found

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction, committed at the end unless an error passes through."""
        with self.translated(), self.begin() as connection:
            yield connection
            connection.commit()

    def begin(self) -> sa.Connection:
        """A connection for work that is committed later: `commit()` and `close()` are the
        caller's, inside `translated()`. Closing without commit undoes."""
        self.refuse_read_only()
        return self.engine.connect().execution_options(servanda_writes=True)

    @contextmanager
    def outside_transaction(self) -> Iterator[sa.Connection]:
        """A connection that commits each statement by itself (VACUUM and the like)."""
        with self.translated(), self.engine.connect() as connection:
            if self.dialect == "sqlite":  # it knows no more than not to begin one
                yield connection.execution_options(servanda_bare=True)
            else:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def refuse_read_only(self) -> None:
        if self.read_only:
            raise StoreRefused(
                f'store "{self.name}" was opened for reading only', "open it for writing"
            )

    def close(self) -> None:
        self.engine.dispose()


def _address(name: str, connect: str) -> tuple[URL, Dialect]:
    try:
        url = sa.make_url(connect)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    scheme = url.drivername.split("+")[0] if url is not None else ""
    if url is None or scheme not in _DRIVERS:
        raise StoreRefused(
            f'the address of store "{name}" cannot be read',
            f"it begins with {', '.join(s + '://' for s in _DRIVERS)}",
        ) from None
    dialect, driver = _DRIVERS[scheme]
    return url.set(drivername=driver), dialect
