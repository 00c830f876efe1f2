"""Which records a legal hold covers, links followed. Pure but for reading stores.

The harm: a record under a hold that this module misses is deleted in the middle of a lawsuit.
So every doubt widens a hold: an e-mail address or a number is searched inside the field's text,
links are followed both ways until nothing new is found, and where a store that a hold may reach
does not answer, everything tied to it is held. tests/plan/test_holds.py guards this.

Telephone numbers are compared by their last nine digits wherever they are stored without
separators, and as typed elsewhere; a hold may name several spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from servanda.kernel.errors import ServandaError, StoreUnreachable
from servanda.kernel.predicate import (
    NOTHING,
    Compare,
    Contains,
    Everything,
    OneOf,
    Predicate,
    Scalar,
    all_of,
    any_of,
    negate,
)
from servanda.plan.reach import Reach, TooFar, components
from servanda.plan.steps import Verify
from servanda.stores.mapping import Collection, StoreConfig
from servanda.stores.port import Store

_PHONE_SUFFIX = 9
_SHORTEST_SEARCHED = 5  # anything shorter would be found inside too many other values


@dataclass(frozen=True, slots=True)
class HoldSpec:
    """A hold in force. `person`: `identities` are pairs like ("email", "jo@example.test").
    `record`: `key` of a record of `collection` (`store.collection`). `predicate`: all records
    of `collection` for which it is true. `origin`: `request 12` where it is a restriction."""

    id: str
    kind: Literal["person", "record", "predicate"]
    identities: tuple[tuple[str, str], ...] = ()
    collection: str | None = None
    key: tuple[Scalar, ...] = ()
    predicate: Predicate | None = None
    origin: str = ""


def hold_predicates(
    holds: Sequence[HoldSpec],
    configs: Iterable[StoreConfig],
    stores: Mapping[str, Store | StoreUnreachable],
) -> dict[str, Predicate]:
    """What is held, by collection id; collections without a held record are left out.

    Where the links of a hold lead to more than can be listed, or into a store that does not
    answer, everything tied to it is held. Raises the stores' errors, and ServandaError where a
    hold is not sound.
    """
    if not holds:
        return {}
    collections = {c.id: c for config in configs for c in config.collections}
    seeds = {
        id_: seed
        for id_, collection in collections.items()
        if (seed := any_of(_seed(hold, collection) for hold in holds)) != NOTHING
    }
    _refuse_unknown(holds, collections)
    silent = {
        id_ for id_, collection in collections.items() if not _answers(stores, collection.store)
    }
    held: dict[str, Predicate] = {}
    for group in components(collections.values()):
        found = {id_: seeds[id_] for id_ in group if id_ in seeds}
        if not found:
            continue
        try:
            if group & silent:
                raise TooFar
            held.update(Reach(collections, stores, group).of(found))
        except TooFar:
            held.update({id_: Everything() for id_ in group})
    return held


def without(where: Predicate, held: Predicate | None) -> Predicate:
    """`where` with the held records taken out."""
    return where if held is None else all_of([where, negate(held)])


def recount_predicates(verify: Verify, held: Predicate | None) -> tuple[Predicate, Predicate]:
    """(overdue, suspended) of a Verify step under the holds in force now, whatever was in force
    when the plan was made."""
    past = any_of([verify.overdue, verify.suspended])
    return without(past, held), NOTHING if held is None else all_of([past, held])


def _answers(stores: Mapping[str, Store | StoreUnreachable], name: str) -> bool:
    return name in stores and not isinstance(stores[name], StoreUnreachable)


def _refuse_unknown(holds: Sequence[HoldSpec], collections: Mapping[str, Collection]) -> None:
    for hold in holds:
        if hold.kind != "person" and hold.collection not in collections:
            raise ServandaError(
                f'hold {hold.id} names the collection "{hold.collection}", which is not mapped',
                "map it again, or release the hold and add it anew",
            )


def _seed(hold: HoldSpec, collection: Collection) -> Predicate:
    """The records of the collection the hold names by itself."""
    if hold.kind == "person":
        fields = dict(collection.identify)
        return any_of(
            _matches(hold.id, kind, value, field)
            for kind, value in hold.identities
            for field in fields.get(kind, ())
        )
    if hold.collection != collection.id:
        return NOTHING
    if hold.kind == "predicate":
        if hold.predicate is None:
            raise ServandaError(f"hold {hold.id} has no predicate", "add it anew with one")
        return hold.predicate
    if not collection.key or len(hold.key) != len(collection.key):
        raise ServandaError(
            f"hold {hold.id} does not fit the key of {collection.id}",
            "name every part of the key; where there is none, hold by a predicate",
        )
    return all_of(
        Compare(field, "=", value) for field, value in zip(collection.key, hold.key, strict=True)
    )


def _matches(hold: str, kind: str, value: str, field: str) -> Predicate:
    """The field holds this identity, in any spelling we can ask an engine for."""
    typed = value.strip()
    if not typed:
        raise ServandaError(f"hold {hold} has an empty {kind}", "release it and add it anew")
    variants = OneOf(field, tuple(dict.fromkeys((typed, typed.lower()))))
    if kind == "phone":
        digits = re.sub(r"\D", "", typed)
        if len(digits) >= _SHORTEST_SEARCHED:
            return any_of([Contains(field, digits[-_PHONE_SUFFIX:]), Contains(field, typed)])
        return OneOf(field, tuple(dict.fromkeys((typed, digits or typed))))
    if kind in ("email", "name") and len(typed) >= _SHORTEST_SEARCHED:
        return Contains(field, typed.lower())
    return variants
