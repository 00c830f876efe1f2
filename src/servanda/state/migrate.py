"""Bring the state database to this version's tables: quietly, and one process at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from servanda.kernel.errors import UsageError
from servanda.state.connection import guard, sqlite_path
from servanda.state.router import ENQUIRIES

_ADVISORY = 0x5E7A7DA  # any number that is ours; other programs may share the server


def migrate(every: bool = False) -> bool:
    """Run the migrations that are due; whether there were any. Several processes may call it.

    Of our own tables, or, with `every`, of all that the web faces use beside them.
    """
    from django.db import connections

    path = sqlite_path()
    if path is not None and not path.parent.is_dir():
        raise UsageError(
            f"the folder {path.parent} of the state database is not there", "make it first"
        )
    with guard(), _alone():
        done = _migrate("default", None if every else "servanda")
        if "enquiries" in connections:
            done = _migrate("enquiries", ENQUIRIES) or done
        return done


def _migrate(alias: str, app: str | None) -> bool:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    targets = executor.loader.graph.leaf_nodes(app)
    due = executor.migration_plan(targets)
    if due:
        executor.migrate(targets, plan=due)
    return bool(due)


@contextmanager
def _alone() -> Iterator[None]:
    path = sqlite_path()
    if path is not None:
        with path.with_name(f"{path.name}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY])
