"""A few of the records that a step of a plan is about, by their keys alone.

The danger: a list that is meant for those who run plans tells who somebody is. What guards it: a
key is shown only where the mapping says that none of its fields is about a person, and no other
field is ever read. Tests: tests/web/plans/test_sample.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from servanda.kernel.errors import StoreUnreachable

if TYPE_CHECKING:
    from servanda.plan.steps import Write
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection

MOST = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """`why`: why none are shown, in words; blank where they are. `fields`: what the key is."""

    fields: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    why: str = ""


def sample(workspace: Workspace, step: Write) -> Sample:
    """Some of them, as the store has them now, without those a hold covers. Stores' errors pass."""
    from servanda.desk import holds
    from servanda.kernel.predicate import all_of, negate
    from servanda.plan.holds import hold_predicates

    mapped = workspace.collection(step.collection)
    telling = personal(mapped)
    if not mapped.key:
        return Sample(why="These records have no key by which they could be named.")
    if telling:
        return Sample(
            why=f"The key of these records may tell who somebody is ({', '.join(telling)}), so it "
            "is shown to nobody here."
        )
    store = workspace.stores[mapped.store]
    if isinstance(store, StoreUnreachable):
        raise store
    held = hold_predicates(
        holds.in_force(workspace.master)[1], workspace.configs, workspace.stores
    ).get(mapped.id)
    where = step.where if held is None else all_of((step.where, negate(held)))
    rows = islice(store.rows(mapped, where, mapped.key, MOST), MOST)
    return Sample(mapped.key, tuple(tuple(map(_text, row)) for row in rows))


def personal(mapped: Collection) -> list[str]:
    """Fields of the key that are about a person, or by which one is found."""
    named = {name for _, names in mapped.identify for name in names}
    named |= {each.name for each in mapped.fields if each.categories}
    return [each for each in mapped.key if each in named]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()[:64]
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return text if len(text) <= 64 else f"{text[:63]}…"
