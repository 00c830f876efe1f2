"""What the how-to pages tell people to write is accepted, and what they tell to run exists."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import psycopg
import pymysql
import pytest
import typer
from ruamel.yaml import YAML

from servanda.cli.main import app
from servanda.runtime import config
from tests.cli.shop import Cli
from tests.cli.test_tutorial import ROOT, blocks
from tests.services.mariadb import MariaDB
from tests.services.postgres import Postgres

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
SNIPPETS = [
    pytest.param(block, id=f"{page.name}:{block.line}")
    for page in PAGES
    for block in blocks(page.read_text(encoding="utf-8"))
    if block.kind in ("yaml", "toml")
]
_COMMAND = re.compile(r"^(?:    )?servanda .*|`servanda [^`]*`", re.MULTILINE)
COMMANDS = sorted(
    {
        line.strip()
        for page in [
            *PAGES,
            ROOT / "README.md",
            ROOT / "docs" / "tutorial.md",
            ROOT / "examples" / "README.md",
        ]
        for line in re.findall(
            r"^(?:    )?servanda .*|`servanda [^`]*`",
            page.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
)


@pytest.mark.parametrize("block", SNIPPETS)
def test_snippets_are_sound(cli: Cli, tmp_path: Path, block: Any) -> None:
    if block.kind == "toml":
        assert tomllib.loads(block.body)
        (tmp_path / "servanda.toml").write_text(block.body, encoding="utf-8")
        config.load(tmp_path)
        return
    document = YAML(typ="safe").load(block.body)
    policy = cli("schema", "policy", here=False).json()
    schema = cli("schema", "stores", here=False).json()
    if not set(document) <= set(schema["properties"]):  # a part of a policy
        schema = _without_required(policy)
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    assert [error.message for error in errors] == []


def _without_required(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_required(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        k: _without_required(v)
        for k, v in schema.items()
        if k != "required" or not isinstance(v, list)
    }


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_exist_with_these_options(line: str) -> None:
    words = shlex.split(line.strip("`").replace("…", "x"), comments=True)[1:]
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word in options or word == "--help", line


SHOP = "CREATE TABLE messages (id INTEGER PRIMARY KEY, at {}, state TEXT, name TEXT, email TEXT)"


@pytest.mark.services
def test_the_users_of_postgresql_suffice(
    cli: Cli, postgres: Postgres, postgres_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres_db.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(SHOP.format("timestamptz"))
        _messages(admin.cursor())
        for statement in _sql("postgresql"):
            admin.execute(statement.encode())
        try:
            _sweep(cli, postgres_db, "postgresql", monkeypatch)
            assert admin.execute("SELECT id FROM messages ORDER BY id").fetchall() == [(4,), (5,)]
            reader = _as(postgres_db.replace("+psycopg", ""), "servanda_reader", "choose another")
            with psycopg.connect(reader) as counting, pytest.raises(psycopg.Error):
                counting.execute("DELETE FROM messages")
        finally:
            for role in ("servanda", "servanda_reader"):
                admin.execute(f"DROP OWNED BY {role}".encode())
                admin.execute(f"DROP ROLE {role}".encode())


@pytest.mark.services
def test_the_users_of_mariadb_suffice(
    cli: Cli, mariadb: MariaDB, mariadb_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = urlsplit(mariadb_db)
    database = at.path.strip("/")
    admin = pymysql.connect(
        host=at.hostname,
        port=at.port or 3306,
        user=at.username,
        password=at.password or "",
        database=database,
        autocommit=True,
    )
    with admin, admin.cursor() as cursor:
        cursor.execute(SHOP.format("datetime"))
        _messages(cursor)
        for statement in _sql("mariadb"):
            cursor.execute(statement.replace("shop.*", f"`{database}`.*"))
        try:
            _sweep(cli, mariadb_db, "mariadb", monkeypatch)
            cursor.execute("SELECT id FROM messages ORDER BY id")
            assert list(cursor.fetchall()) == [(4,), (5,)]
            cursor.execute("SHOW GRANTS FOR servanda_reader@'%'")
            assert "DELETE" not in str(cursor.fetchall())
        finally:
            cursor.execute("DROP USER servanda@'%', servanda_reader@'%'")


def _sql(product: str) -> list[str]:
    page = ROOT / "docs" / "how-to" / "connect.md"
    (block,) = (
        each for each in blocks(page.read_text(encoding="utf-8")) if each.words == (product,)
    )
    return [part.strip() for part in block.body.split(";") if part.strip()]


def _messages(cursor: Any) -> None:
    """1 to 3 are past their ceiling of thirty days."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    for id_, days in ((1, 80), (2, 70), (3, 60), (4, 5), (5, 1)):
        row = (id_, now - timedelta(days=days), "open", f"Name {id_}", f"p{id_}@example.test")
        cursor.execute("INSERT INTO messages VALUES (%s, %s, %s, %s, %s)", row)


def _as(url: str, user: str, password: str) -> str:
    at = urlsplit(url)
    host = f"{at.hostname}:{at.port}" if at.port else at.hostname
    return at._replace(netloc=f"{user}:{password.replace(' ', '%20')}@{host}").geturl()


def _sweep(cli: Cli, url: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", "choose one")
    monkeypatch.setenv("READER", "choose another")
    at = urlsplit(url)
    place = f"{at.hostname}:{at.port}/{at.path.strip('/')}" + (f"?{at.query}" if at.query else "")
    cli.change(
        "stores.yaml",
        "connect: sqlite:///shop.sqlite3",
        f'connect: "{scheme}://servanda:${{SHOP}}@{place}"\n'
        f'    recount: "{scheme}://servanda_reader:${{READER}}@{place}"',
    )
    found = cli("run", "--once", "--json")
    assert found.code == 0, found.out + found.err
    data = json.loads(found.out)
    assert data["result"] == "done"
    assert [(each["overdue"], each["reader"]) for each in data["recounts"]] == [(0, "recount")]
