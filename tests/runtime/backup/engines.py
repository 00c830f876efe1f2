"""A filled workspace on each engine, and its state told row by row."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from servanda.runtime.workspace import Workspace
from tests.runtime.keys import sealed_world as world

PHRASE = "correct horse battery staple"
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)]


def made(folder: Path, engine: str, request: pytest.FixtureRequest) -> Workspace:
    url = ""
    if engine == "postgresql":
        url = request.getfixturevalue("postgres_db").replace("+psycopg", "")
    workspace = world.made(folder, url, '[evidence]\norigin = "acme"\n')
    (folder / "packs" / "own").mkdir(parents=True)
    (folder / "packs" / "own" / "pack.yaml").write_text("pack: own\n")
    workspace.checkpoint()
    return workspace


def rows() -> dict[str, list[Any]]:
    """Everything in every table that is really there."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(
                (
                    tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                    for row in cursor.fetchall()
                ),
                key=repr,
            )
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Of a workspace, without databases, locks and keys."""
    out = ("sqlite3", ".lock", "-wal", "-shm")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(each in path.name for each in out) and path.suffix != ".key"
    }


def copy_of_keys(folder: Path, target: Path) -> None:
    shutil.copytree(folder / ".servanda" / "keys", target / ".servanda" / "keys")
