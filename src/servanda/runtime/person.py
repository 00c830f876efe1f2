"""What is one person's, over all stores, for whoever reads it under a stated purpose.

The danger: somebody reads more of a person than the purpose covers, or another person's records.
What guards it: a branch is shown only where its activity was collected for the purpose; records
are named by branch and looked up in a search made anew, so that nobody can ask for a record that
is not this person's; what a record tells of others stays hidden.
Tests: tests/web/requests/test_reading.py.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from servanda.desk import access
from servanda.kernel.errors import StoreUnreachable, UsageError
from servanda.plan.find import Subject
from servanda.plan.find.text import fate_in_words, in_order, way_in_words, whose_in_words
from servanda.runtime import finding, recordings

if TYPE_CHECKING:
    from servanda.kernel.predicate import Scalar
    from servanda.plan.find import Branch, Key, Tree
    from servanda.runtime.workspace import Workspace

AT_ONCE = 50
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """One branch for people. `fate`: what an erasure does with it; `whose`: the same without one.
    `shown`: whether the purpose covers its records; else they are
    withheld. `plays`: whether they are recordings."""

    id: str
    depth: int
    collection: str
    store: str
    activity: str
    count: int
    way: str
    role: str
    goes: bool
    fate: str
    whose: str
    redact: tuple[str, ...]
    hide: tuple[str, ...]
    tenant: str
    shown: bool
    plays: bool


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    text: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its fields, and the key that names it."""

    cells: tuple[Cell, ...]
    key: Key


@dataclass(frozen=True, slots=True)
class Person:
    """A tree with what may be shown of it."""

    tree: Tree
    branches: tuple[Shown, ...]
    restricted: tuple[str, ...]

    @property
    def stores(self) -> list[tuple[str, int]]:
        """How many records lie in which store."""
        found: dict[str, int] = {}
        for each in self.branches:
            found[each.store] = found.get(each.store, 0) + each.count
        return list(found.items())

    @property
    def withheld(self) -> int:
        return sum(each.count for each in self.branches if not each.shown)


def look(workspace: Workspace, who: Subject, purpose: str) -> Person:
    """Search every store for somebody. Those that do not answer are in `tree.pending`."""
    workspace.again()
    (tree,) = finding.find(workspace, [who])
    branches = tuple(_shown(workspace, each, depth, purpose) for depth, each in in_order(tree))
    return Person(tree, branches, tuple(finding.restricted(workspace, who)))


def records(
    workspace: Workspace, person: Person, branch: str, start: int = 0, limit: int = AT_ONCE
) -> tuple[Shown, list[Record]]:
    """A page of the records of one branch. UsageError where there is none such, or the purpose
    does not cover it."""
    pairs = zip(person.branches, in_order(person.tree), strict=True)
    found = next(((shown, own) for shown, (_, own) in pairs if shown.id == branch), None)
    if found is None:
        raise UsageError("there is nothing like that any more", "look at the whole again")
    shown, own = found
    if not shown.shown:
        raise UsageError(
            "the purpose you stated does not cover these records",
            "they were collected for another one",
        )
    keys = own.keys[start : start + limit]
    return shown, read(workspace, shown.collection, own.named_by, keys, hide=own.hide)


def read(
    workspace: Workspace,
    collection: str,
    named_by: tuple[str, ...],
    keys: Sequence[Key],
    *,
    hide: tuple[str, ...] = (),
) -> list[Record]:
    """These records with their values, in the order of the keys; what went meanwhile is left out.
    `hide`: fields that tell of others. Stores' errors pass."""
    from servanda.publish.package.reading import asking

    if not keys:
        return []
    mapped = workspace.collection(collection)
    store = workspace.stores[mapped.store]
    if isinstance(store, StoreUnreachable):
        raise store
    fields = tuple(each.name for each in mapped.fields)
    place = {key: number for number, key in enumerate(keys)}
    width = len(named_by)
    found: dict[int, Record] = {}
    for row in store.rows(mapped, asking(named_by, keys), (*named_by, *fields)):
        number = place.get(row[:width])
        if number is None:
            continue
        cells = (
            Cell(name, "", True) if name in hide else Cell(name, _text(value))
            for name, value in zip(fields, row[width:], strict=True)
        )
        found[number] = Record(tuple(cells), row[:width])
    return [found[number] for number in sorted(found)]


# ── who is meant ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several people behind one address. `mark` names it, and tells nothing."""

    mark: str
    collection: str
    cells: tuple[Cell, ...]


def candidates(workspace: Workspace, person: Person, purpose: str) -> list[Candidate]:
    """Those among whom somebody must choose, with the fields by which they differ. Without those
    where the purpose does not cover them."""
    found = []
    for each in person.tree.ambiguities:
        activity = workspace.collection(each.collection).activity
        rows: list[Record] = []
        if access.permitted(workspace.policy, purpose, activity):
            rows = read(workspace, each.collection, each.named_by, each.keys)
        cells = {row.key: tuple(cell for cell in row.cells if _differs(cell, rows)) for row in rows}
        found += [
            Candidate(_mark(workspace, each.collection, key), each.collection, cells.get(key, ()))
            for key in each.keys
        ]
    return found


def _differs(cell: Cell, rows: Sequence[Record]) -> bool:
    return len({each.text for row in rows for each in row.cells if each.name == cell.name}) > 1


def chosen(workspace: Workspace, person: Person, marks: Sequence[str]) -> list[tuple[str, Key]]:
    """The records behind the marks. UsageError where one of them is none of those to choose."""
    known = {
        _mark(workspace, each.collection, key): (each.collection, key)
        for each in person.tree.ambiguities
        for key in each.keys
    }
    if not marks or not set(marks) <= set(known):
        raise UsageError("say which of those shown is meant", "choose at least one of them")
    return [known[mark] for mark in dict.fromkeys(marks)]


def _mark(workspace: Workspace, collection: str, key: Key) -> str:
    told = repr((collection, key)).encode("utf-8", "surrogateescape")
    return hmac.new(workspace.master.root("choices"), told, sha256).hexdigest()[:32]


def _shown(workspace: Workspace, branch: Branch, depth: int, purpose: str) -> Shown:
    mapped = workspace.collection(branch.collection)
    way = way_in_words(branch.way)
    named = repr((branch.collection, way, branch.role, branch.others, branch.why, branch.tenant))
    return Shown(
        id=sha256(named.encode()).hexdigest()[:16],
        depth=depth,
        collection=branch.collection,
        store=mapped.store,
        activity=mapped.activity or "",
        count=len(branch.keys),
        way=way,
        role=branch.role,
        goes=branch.goes,
        fate=fate_in_words(branch),
        whose=whose_in_words(branch),
        redact=branch.redact,
        hide=branch.hide,
        tenant=branch.tenant or "",
        shown=access.permitted(workspace.policy, purpose, mapped.activity),
        plays=recordings.plays(workspace, mapped),
    )


def _text(value: Scalar) -> str:
    from servanda.publish.package.values import clean

    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    text = value.isoformat(" ") if isinstance(value, datetime) else clean(str(value))
    return f"{text[:_LONGEST]} …" if len(text) > _LONGEST else text
