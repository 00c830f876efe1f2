"""Short ways to change the small firm, and to read what a plan for it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from servanda.plan.find import Key
from servanda.plan.requests import RequestPlan
from servanda.runtime.workspace import Workspace

What: TypeAlias = tuple[str, str, tuple[str, ...]]
"""A collection, what is done or why it stays, and which fields of it."""


@contextmanager
def opened(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        yield workspace


def change(folder: Path, name: str, *pairs: tuple[str, str]) -> None:
    """Replace text in a file of the firm; it must be there."""
    text = (folder / name).read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / name).write_text(text)


def sql(folder: Path, store: str, *statements: str) -> None:
    with closing(sqlite3.connect(folder / f"{store}.sqlite")) as connection, connection:
        for each in statements:
            connection.execute(each)


def acts(plan: RequestPlan, ref: str = "1") -> Mapping[What, set[Key]]:
    """What is done for a request; the fields are those erased or corrected."""
    found: dict[What, set[Key]] = {}
    for lot in plan.lots:
        fields = tuple(name for name, _ in (*lot.erase, *lot.correct))
        for by, keys in lot.by:
            if by == ref:
                found.setdefault((lot.collection, lot.deed, fields), set()).update(keys)
    return found


def stays(plan: RequestPlan, ref: str = "1") -> Mapping[What, set[Key]]:
    """What stays of a request, and why; no fields mean the whole record."""
    found: dict[What, set[Key]] = {}
    for kept in plan.kept:
        if kept.ref == ref:
            what = (kept.collection, kept.reason, kept.fields)
            found.setdefault(what, set()).update(kept.keys)
    return found


def keys(*ids: int | str) -> set[Key]:
    return {(each,) for each in ids}


def host(folder: Path) -> None:
    """The firm keeps its calls for customers: of the three one is Acme's, one B's, one unsaid."""
    change(
        folder,
        "stores.yaml",
        (
            'own: {phone: ["100"]}',
            'own: {phone: ["100"]}\ntenants: {a: {name: Acme}, b: {name: B}}',
        ),
        (
            "          id: []\n          src:",
            "          id: []\n          firm: []\n          src:",
        ),
        ("identify: {phone: [src, dst]}", "identify: {phone: [src, dst]}\n        tenant: firm"),
    )
    change(folder, "policy.yaml", ("  calls:\n", "  calls:\n    role: processor\n"))
    sql(
        folder,
        "pbx",
        "ALTER TABLE calls ADD COLUMN firm TEXT",
        "UPDATE calls SET firm = 'a' WHERE id = 1",
        "UPDATE calls SET firm = 'b' WHERE id = 2",
    )
