"""Customers behind a program, and the collections that map them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from servanda.connectors.command import CommandStore
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.mapping import Clock, Collection, Column, CommandLayout, Field, JsonPath, Limit
from servanda.stores.port import DeleteRows, Work

EXPIRED: Predicate = ClockBy("recorded", datetime(2025, 6, 1, tzinfo=UTC))
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Crm:
    """The program in a folder of its own, with what it keeps."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, customers: Sequence[Mapping[str, Any]]) -> Crm:
        folder.mkdir(parents=True, exist_ok=True)
        crm = cls(folder)
        text = (HERE / "crm.py").read_text().replace("/usr/bin/env python3", sys.executable)
        crm.program.write_text(text)
        shutil.copymode(HERE / "crm.py", crm.program)
        os.chmod(crm.program, 0o755)  # noqa: PTH101
        crm.file.write_text(json.dumps(list(customers)))
        return crm

    @property
    def program(self) -> Path:
        return self.folder / "crm"

    @property
    def file(self) -> Path:
        return self.folder / "customers.json"

    @property
    def url(self) -> str:
        return f"command://{self.program}"

    def raw(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.file.read_text())
        return found

    def calls(self) -> list[list[Any]]:
        path = self.file.with_suffix(".calls")
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def collection(self, *words: str, delete: Sequence[str] = ("delete",)) -> Collection:
        """Listed with these words, `list` without any."""
        file = str(self.file)
        layout = CommandLayout(
            (file, *(words or ("list",))), (file, *delete) if delete else (), ("CRM_TOKEN",)
        )
        return replace(CUSTOMERS, command=layout)

    def store(self, **options: Any) -> CommandStore:
        given = {"zone": "UTC", "read_only": False, "limit": Limit(), **options}
        return CommandStore("crm", self.url, **given)


CUSTOMERS = Collection(
    store="crm",
    name="customers",
    source="customers",
    activity="accounts",
    key=("id",),
    clocks=(Clock("recorded", JsonPath("times", ("recorded",))),),
    fields=(
        Field("id", Column("id")),
        Field("person", Column("person"), ("name",)),
        Field("note", Column("note"), ("comms",)),
    ),
)


def customer(id_: object, recorded: datetime | None, person: str = "Ann", note: str = "") -> Any:
    times = {"recorded": recorded.isoformat()} if recorded else {}
    return {"id": id_, "person": person, "note": note, "times": times}


def deletion(collection: Collection, target: Predicate = EXPIRED) -> Work:
    return Work(collection, DeleteRows(), target, "recorded")
