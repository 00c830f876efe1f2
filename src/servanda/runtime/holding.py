"""Legal holds of a workspace: what people type becomes a hold, and how much it covers now.

A condition in doubt holds more rather than less: `!=` holds what has no value as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from servanda.kernel.errors import ServandaError, StoreUnreachable, UsageError
from servanda.kernel.evaluate import as_text
from servanda.kernel.predicate import (
    All,
    AnyOf,
    Compare,
    Contains,
    Missing,
    Operator,
    Predicate,
    all_of,
    any_of,
)
from servanda.kernel.suggest import did_you_mean

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

_CONDITION = re.compile(r"\s*(.+?)\s*(<=|>=|!=|=|<|>|\bcontains\b)\s*(.*?)\s*", re.DOTALL)
_OPERATORS: dict[str, Operator] = {
    "=": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be held: a person by `identities` (pairs like ("email", "jo@example.test")), or
    one record of `collection` by `key`, or its records for which all of `where` are true."""

    identities: tuple[tuple[str, str], ...] = ()
    collection: str = ""
    key: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Covered:
    """Records by collection. `unreachable`: stores of which it is not known. `problem`: why it
    could not be counted at all."""

    counts: Mapping[str, int] = field(default_factory=dict)
    unreachable: tuple[str, ...] = ()
    problem: str = ""


def add(workspace: Workspace, wanted: Wanted, *, reason: str, by: str) -> str:
    """Put it into force; the hold's id. UsageError where it is not exactly one way."""
    from servanda.desk import holds

    ways = [each for each in (wanted.identities, wanted.key, wanted.where) if each]
    if len(ways) != 1:
        raise UsageError(
            "a hold is by person, by record, or by condition",
            "name a person, or a collection and a key, or a collection and conditions",
        )
    if wanted.identities:
        return holds.add_person(
            workspace.master, wanted.identities, reason=reason, by=by, region=workspace.region
        )
    found = workspace.collection(wanted.collection)
    if wanted.key:
        if len(wanted.key) != len(found.key):
            raise UsageError(
                f"the key of {found.id} has {len(found.key)} parts",
                f"give each of {', '.join(found.key) or '(it has none)'}, in this order",
            )
        return holds.add_record(workspace.master, found.id, wanted.key, reason=reason, by=by)
    known = {each.name for each in found.fields}
    condition = all_of(parse_condition(each, known) for each in wanted.where)
    return holds.add_predicate(workspace.master, found.id, condition, reason=reason, by=by)


def covered(workspace: Workspace, id_: str) -> Covered:
    """How much a hold covers now: a misspelt name that covers nothing should show at once."""
    from servanda.desk import holds
    from servanda.plan.holds import hold_predicates

    _, in_force = holds.in_force(workspace.master)
    ours = [spec for spec in in_force if spec.id == id_]
    counts: dict[str, int] = {}
    stores = workspace.stores
    try:
        held = hold_predicates(ours, workspace.configs, stores)
        for collection, where in held.items():
            store = stores[collection.partition(".")[0]]
            if not isinstance(store, StoreUnreachable):
                counts[collection] = store.tally(workspace.collection(collection), where).count
    except ServandaError as error:
        return Covered(problem=str(error))
    silent = {name for name, store in stores.items() if isinstance(store, StoreUnreachable)}
    found = {each: count for each, count in sorted(counts.items()) if count}
    return Covered(found, tuple(sorted(silent)))


def parse_condition(text: str, known: set[str]) -> Predicate:
    """`field = value`; UsageError when it is not one, or the field is unknown."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError("that is not a condition", 'write for example "status = open"')
    name, operator, value = match.groups()
    if name not in known:
        raise UsageError(f'there is no field "{name[:40]}"', did_you_mean(name, known))
    if operator == "contains":
        return Contains(name, value)
    found = Compare(name, _OPERATORS[operator], value)
    return any_of([found, Missing(name)]) if operator == "!=" else found  # in doubt, hold


def conditions(where: Predicate | None) -> Sequence[str]:
    """A condition as it was written, more or less, for a person to read."""
    match where:
        case None:
            return ()
        case All(parts):
            return [each for part in parts for each in conditions(part)]
        case AnyOf(parts):
            return [" or ".join(each for part in parts for each in conditions(part))]
        case Compare(name, operator, value):
            return [f"{name} {operator} {as_text(value)}"]
        case Contains(name, value):
            return [f"{name} contains {value}"]
        case Missing(name):
            return [f"{name} has no value"]
        case _:
            return ["a condition"]
