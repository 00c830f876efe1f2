"""Which records a legal hold covers, links followed. Pure but for reading stores.

The harm: a record under a hold that this module misses is deleted in the middle of a lawsuit.
So every doubt widens a hold: an e-mail address or a number is searched inside the field's text,
links are followed both ways until nothing new is found, and where a store that a hold may reach
does not answer, everything tied to it is held. tests/plan/test_holds.py guards this.

An identity is held in every notation that `kernel.identity` knows, and wherever the field merely
contains it as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from servanda.kernel import identity
from servanda.kernel.errors import ServandaError, StoreUnreachable
from servanda.kernel.predicate import (
    NOTHING,
    Compare,
    Contains,
    Everything,
    Folded,
    OneOf,
    Predicate,
    Scalar,
    Within,
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
            _matches(hold.id, identity.fold_of(kind, collection.region), value, field)
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


def _matches(hold: str, fold: str, value: str, field: str) -> Predicate:
    """The field holds this identity: in any notation, or somewhere in it as it was typed."""
    typed, kind = value.strip(), fold.partition(":")[0]
    if not typed:
        raise ServandaError(f"hold {hold} has an empty {kind}", "release it and add it anew")
    folded = identity.folded(fold, typed)
    known = () if folded is None else (folded,)
    parts: list[Predicate] = [OneOf(field, tuple(dict.fromkeys((typed, typed.lower()))))]
    if known:
        parts.append(Folded(field, fold, known))
    if kind == "phone":
        digits = re.sub(r"\D", "", typed)
        if len(digits) >= _SHORTEST_SEARCHED:
            parts += [Contains(field, digits[-_PHONE_SUFFIX:]), Contains(field, typed)]
            parts += [Within(field, fold, known)] if known else []
        elif digits:
            parts.append(OneOf(field, (digits,)))
    elif kind in ("email", "name") and len(typed) >= _SHORTEST_SEARCHED:
        parts.append(Contains(field, typed.lower()))
        parts += [Within(field, fold, known)] if known else []
    return any_of(parts)
