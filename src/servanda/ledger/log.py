"""Append to the ledger, and read its roots and proofs.

The danger: two writers that each append after the same leaf would leave a tree no checkpoint
fits. What guards it: the one row of `Tree` is locked (PostgreSQL) or the whole database is
(SQLite, BEGIN IMMEDIATE) from before its size is read until the caller's commit; and the leaf's
index is the primary key. Tests: tests/ledger/test_concurrent.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from servanda import state
from servanda.kernel.canonical import canonical
from servanda.ledger.entries import KINDS, VERSION, from_micros, stamp, to_micros
from servanda.ledger.verify.tree import Frontier, leaf_hashes
from servanda.state import rows
from servanda.state.models import Tree

KEPT_EVERY = 4  # levels of subtrees that are stored; those between are computed when needed
_CLOCK_SLACK = timedelta(seconds=5)


def append(
    entries: Sequence[Mapping[str, Any]], *, now: datetime | None = None, tree: Tree | None = None
) -> range:
    """Append entries (each with `kind`; `v` and `at` are added here) and return their indexes.

    Joins the caller's transaction, so that they become durable together with what they tell of;
    without one it makes its own. It holds the ledger's lock from here to the commit: append last.
    `now` stands for the wall clock. Time in the ledger never runs back: where the clock is behind
    the newest entry, that one's time is used, and if it is so by more than five seconds the
    entries say `"clock_back": true`. `tree`: its row, from a caller who has locked it already.

    Raises ValueError for an entry that is not one of ours or has no canonical form,
    StateFailed when the state database refuses; in both cases nothing was appended.
    """
    for entry in entries:
        if entry.get("kind") not in KINDS:
            raise ValueError("an entry of the ledger needs one of the kinds in ledger.entries")
        if "at" in entry or "v" in entry or "clock_back" in entry:
            raise ValueError("the ledger itself sets v, at and clock_back")
    with state.transaction():
        if tree is None:
            tree = Tree.objects.select_for_update().get(id=1)
        first = tree.size
        if not entries:
            return range(first, first)
        clock = datetime.now(UTC) if now is None else now
        micros = max(to_micros(clock), tree.last_at)
        common: dict[str, Any] = {"v": VERSION, "at": stamp(from_micros(micros))}
        if from_micros(micros) - clock > _CLOCK_SLACK:
            common["clock_back"] = True
        raw = [canonical({**entry, **common}) for entry in entries]

        frontier = Frontier.unpack(first, bytes(tree.frontier))
        nodes: list[tuple[int, int, bytes]] = []

        def keep(level: int, index: int, hashes: list[bytes]) -> None:
            if level and level % KEPT_EVERY == 0:
                nodes.extend((level, index + place, each) for place, each in enumerate(hashes))

        frontier.extend(leaf_hashes(raw), keep)
        leaves = [
            (place, entry["kind"], micros, each)
            for place, (entry, each) in enumerate(zip(entries, raw, strict=True), first)
        ]
        rows.insert("servanda_leaf", ("index", "kind", "at", "entry"), leaves)
        rows.insert("servanda_node", ("level", "index", "hash"), nodes)
        Tree.objects.filter(id=1).update(
            size=frontier.size, frontier=frontier.pack(), last_at=micros
        )
        return range(first, frontier.size)
