"""A small workspace on SQLite for the tests of the commands, and a way to call them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.cli.main import main

POLICY = """\
servanda: 1
organisation: {name: Acme Shop, country: GB, contact: privacy@acme.example, zone: UTC}
activities:
  contact-form:
    purposes: [support]
    basis: legitimate_interest
    subjects: [enquirer]
    data: [name, contact.email]
    retain: {at_most: 30 days, after: received, then: delete}
promises:
  A-1:
    says: Messages are deleted after thirty days.
    kept_by: [activities.contact-form.retain]
  A-2:
    says: You can ask us for a copy of your data.
    planned: true
"""
STORES = """\
stores:
  shop:
    connect: sqlite:///shop.sqlite3
    limit: {breaker: {share: 0.5, rows: 1000, floor: 4}}
    collections:
      messages:
        activity: contact-form
        key: [id]
        clocks: {received: at}
        fields: {id: [], at: [], state: [], name: name, email: contact.email}
        identify: {email: [email]}
"""
OLD, NEW = 3, 5  # messages past their ceiling, and not


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """`servanda` with a workspace: cli("plan", "-o", file) gives its exit code and output."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str | Path, here: bool = True) -> Result:
        self._capsys.readouterr()
        arguments = [str(word) for word in words]
        if here:
            arguments += ["-C", str(self.folder)]
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in out + err
        return Result(ended.value.code, out, err)

    def file(self, name: str) -> Path:
        return self.folder / name

    def change(self, name: str, old: str, new: str) -> None:
        """Replace text in a file of the workspace; it must be there."""
        text = self.file(name).read_text(encoding="utf-8")
        assert old in text
        self.file(name).write_text(text.replace(old, new), encoding="utf-8")

    def ids(self) -> list[int]:
        """The messages that are there."""
        with sqlite3.connect(self.file("shop.sqlite3")) as database:
            return [row[0] for row in database.execute("SELECT id FROM messages ORDER BY id")]

    def add(self, id_: int, days_old: float, email: str = "jo@example.test") -> None:
        at = (datetime.now(UTC) - timedelta(days=days_old)).strftime("%Y-%m-%d %H:%M:%S")
        with sqlite3.connect(self.file("shop.sqlite3")) as database:
            row = (id_, at, "open", f"Name {id_}", email)
            database.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", row)

    def plan(self) -> Path:
        """A fresh plan in a file."""
        path = self.file("plan.json")
        assert self("plan", "-o", path).code == 0
        return path

    def kinds(self) -> list[str]:
        """The kinds of the entries in the evidence, in order."""
        import zipfile

        bundle = self.file("kinds.zip")
        assert self("evidence", "export", "-o", bundle).code == 0
        with zipfile.ZipFile(bundle) as archive:
            lines = archive.read("entries.jsonl").splitlines()
        bundle.unlink()
        return [json.loads(line)["kind"] for line in lines]


def build(folder: Path) -> None:
    """1 to 3 are past their ceiling, 11 to 15 are not; odd ones are Ada's, even ones Max's."""
    folder.mkdir()
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "stores.yaml").write_text(STORES, encoding="utf-8")
    with sqlite3.connect(folder / "shop.sqlite3") as database:
        database.execute(
            "CREATE TABLE messages"
            " (id INTEGER PRIMARY KEY, at TEXT, state TEXT, name TEXT, email TEXT)"
        )


def populate(cli: Cli) -> None:
    for id_ in (*range(1, OLD + 1), *range(11, 11 + NEW)):
        email = "ada@example.test" if id_ % 2 else "max@example.test"
        cli.add(id_, 90 + id_ if id_ <= OLD else id_ - 10, email)
