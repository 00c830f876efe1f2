"""After a run: what the engine can clean up now, and what still holds what went, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from servanda.connectors.sql import reflect
from servanda.connectors.sql.engine import Database
from servanda.kernel.errors import ServandaError
from servanda.stores.mapping import Child, Collection
from servanda.stores.port import Residue


def aftercare(db: Database, collections: Sequence[Collection]) -> list[Residue]:
    """Clean up behind the collections; say in plain words what remains and until when."""
    match db.dialect:
        case "postgresql":
            return _postgresql(db, collections)
        case "mariadb":
            return _mariadb(db)
        case _:
            return _sqlite(db)


def _tables(db: Database, collections: Sequence[Collection]) -> list[sa.Table]:
    """The tables that a run on the collections may have touched, each once."""
    names: dict[str, None] = {}
    for collection in collections:
        names[collection.source] = None
        _add_children(names, collection.children)
        names.update(dict.fromkeys(counter.table for counter in collection.counters))
        names.update(dict.fromkeys(detach.table for detach in collection.detaches))
    return [reflect.table(db, name) for name in names]


def _add_children(names: dict[str, None], children: Sequence[Child]) -> None:
    for child in children:
        names[child.table] = None
        _add_children(names, child.children)


def _postgresql(db: Database, collections: Sequence[Collection]) -> list[Residue]:
    found: list[Residue] = []
    for table in _tables(db, collections):
        try:
            with db.outside_transaction() as connection:
                quoted = connection.dialect.identifier_preparer.format_table(table)
                connection.exec_driver_sql(f"VACUUM (ANALYZE, SKIP_LOCKED) {quoted}")
        except ServandaError:
            found.append(
                Residue(f'dead rows of table "{table.name}"', "the server's next autovacuum of it")
            )
    found.append(Residue("write-ahead log", "the server recycles it after later checkpoints"))
    with db.reading() as connection:
        archives = connection.exec_driver_sql("SHOW archive_mode").scalar()
        replicas = connection.execute(_SLOTS).scalar() or 0
    if archives != "off":
        found.append(
            Residue("archived write-ahead log", "your own retention of the archive removes it")
        )
    if replicas:
        found.append(
            Residue("replication slots", "each of their readers has caught up with this run")
        )
    found.append(_BACKUPS)
    return found


_SLOTS = sa.text("SELECT count(*) FROM pg_catalog.pg_replication_slots")
_BACKUPS = Residue("backups made before this run", "your own retention of backups removes them")


def _mariadb(db: Database) -> list[Residue]:
    found = [
        Residue("free pages of the tablespace", "InnoDB purges and later overwrites them"),
        Residue("InnoDB redo log", "the server overwrites it in turn"),
    ]
    with db.reading() as connection:
        known = {str(name): str(set_to) for name, set_to in connection.execute(_BINLOG)}
    if str(known.get("log_bin", "OFF")).upper() in ("ON", "1"):
        found.append(Residue("binary log", _binlog_until(known)))
    found.append(_BACKUPS)
    return found


_BINLOG = sa.text(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
    " ('log_bin', 'expire_logs_days', 'binlog_expire_logs_seconds')"
)


def _binlog_until(known: dict[str, str]) -> str:
    seconds = float(known.get("binlog_expire_logs_seconds") or 0)
    seconds = seconds or float(known.get("expire_logs_days") or 0) * 86_400
    if not seconds:
        return "an administrator purges it: the server keeps it for ever"
    # A log file expires only after it has been closed, so one day more is allowed for.
    day = datetime.now(UTC) + timedelta(seconds=seconds, days=1)
    return day.date().isoformat()


def _sqlite(db: Database) -> list[Residue]:
    """Connections that write overwrite what they free (`secure_delete`), so only a write-ahead
    log can still hold it, until it is folded into the file."""
    with db.outside_transaction() as connection:
        mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
        busy = 0
        if mode.lower() == "wal":
            line = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            busy = int(line[0])
    found = [_BACKUPS]
    if busy:
        found.insert(
            0, Residue("write-ahead log", "its other readers have closed and it is checkpointed")
        )
    return found
