"""Connect Django to the state database of one workspace, without a Django project around it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servanda.kernel.errors import ServandaError, UsageError
from servanda.state.address import settings_of

_lock = threading.RLock()
_current: str | None = None


class StateFailed(ServandaError):
    """The state database refused. The transaction was rolled back; nothing of it was recorded."""


def configure() -> None:
    """Start Django for our models; a database comes with `setup`. Does nothing the second time."""
    import django
    from django.conf import settings

    from servanda.state import settings as ours

    with _lock:
        if settings.configured:
            return
        settings.configure(**{name: getattr(ours, name) for name in dir(ours) if name.isupper()})
        django.setup()


def setup(url: str, enquiries: str | None = None) -> None:
    """Use the state database at `url`: `sqlite:///path` or `postgresql://user:password@host/name`;
    and the one of the website's enquiries, where they are worked on.

    The same address again does nothing; another one is a UsageError until `close()`.
    """
    global _current
    wanted = {"default": settings_of(url)}
    if enquiries is not None:
        wanted["enquiries"] = settings_of(enquiries)
    configure()
    from django.db import connections

    with _lock:
        if _current == url:
            return
        if _current is not None:
            raise UsageError(
                "this process already uses another state database",
                "work on one workspace per process, or call state.close() in between",
            )
        _drop_connections()  # importing the models may have made one that leads nowhere
        connections.settings.clear()
        connections.settings.update(connections.configure_settings(wanted))
        _current = url


def close() -> None:
    """Close this thread's connection and forget the database, so that `setup` may name another.

    Threads that worked with the state call `close_thread` before they end.
    """
    global _current
    with _lock:
        if _current is None:
            return
        _drop_connections()
        _current = None


def _drop_connections() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        del connections[connection.alias]


def close_thread() -> None:
    """Close the connection of the calling thread; it opens again when used."""
    if _current is None:
        return
    from django.db import connections

    connections.close_all()


def sqlite_path() -> Path | None:
    """The database's file; None when it is not SQLite. UsageError before `setup`."""
    wanted = settings_of(_need())
    return Path(wanted["NAME"]) if wanted["ENGINE"].endswith("sqlite3") else None


def _need() -> str:
    if _current is None:
        raise UsageError("no state database was named", "call state.setup(url) first")
    return _current


@contextmanager
def transaction() -> Iterator[None]:
    """One transaction: all of it is recorded, or nothing and StateFailed says why.

    Inside another one it is part of that (no savepoint: a failure undoes the whole).
    """
    _need()
    from django.db import transaction as django_transaction

    with guard(), django_transaction.atomic(savepoint=False):
        yield


@contextmanager
def guard() -> Iterator[None]:
    """Turn what the database refuses into StateFailed. IntegrityErrors are answers and pass."""
    from django.db import IntegrityError
    from django.db.utils import DatabaseError, InterfaceError

    try:
        yield
    except IntegrityError:
        raise
    except (DatabaseError, InterfaceError) as error:
        raise _explained(error) from error


def _explained(error: Exception) -> StateFailed:
    # The engine's own message may quote values of a row, so only its kind is told.
    cause = error.__cause__
    said = str(error).lower()
    state = getattr(cause, "sqlstate", None)
    name = getattr(cause, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL") or state == "53100" or "no space left" in said:
        return StateFailed(
            "the disk of the state database is full; nothing of this step was recorded",
            "make room and start again: the work resumes where it stopped",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state in ("55P03", "40P01", "57014"):
        return StateFailed(
            "the state database was locked by another process for too long",
            "see what else works on this workspace, then start again",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StateFailed("the state database is damaged", "restore it from a backup")
    if "no such table" in said or state == "42P01":
        return StateFailed("the state database has no tables yet", "run `servanda init`")
    kind = name or state or type(error).__name__
    return StateFailed(
        f"the state database could not be used ({kind})",
        "check that it runs, that its disk is writable, and its address in servanda.toml",
    )
