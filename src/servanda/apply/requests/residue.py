"""After an erasure: does anything still hold what named the person?

Every declared text field of every store, file names among them, and the by-products are searched
for the person's identities. What may stay is told with its reason and its end: records kept by a
floor or a hold, and what engines and backups keep for a while. Only counts leave this module.
Tests: tests/apply/requests/test_residue.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from servanda import ledger, state
from servanda.apply import byproducts
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.outcome import Acted
from servanda.apply.residue import SHORTEST, text_fields
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Among, Contains, Predicate, all_of, any_of
from servanda.plan.find import Key
from servanda.plan.requests import RequestPlan
from servanda.stores.mapping import Collection
from servanda.stores.port import Store

_PARTS = 400  # of one condition
_TAIL = 9  # digits by which a number is known, however it begins


@dataclass(frozen=True, slots=True)
class Trace:
    """Of one collection. `found`: records that hold an identity and have no reason to; `kept`:
    those that have one, told with the request. `beside`: by-products."""

    collection: str
    searched: int
    found: int
    kept: int = 0
    beside: int = 0
    statements: tuple[tuple[str, str], ...] = ()  # (where, until)


@dataclass(frozen=True, slots=True)
class Scan:
    traces: tuple[Trace, ...]
    unseen: tuple[str, ...]  # stores that could not be searched

    @property
    def found(self) -> int:
        return sum(each.found + each.beside for each in self.traces)

    @property
    def clean(self) -> bool:
        return not self.found and not self.unseen


def scan(plan: RequestPlan, acted: Acted, after: RequestPlan, actor: Actor) -> Scan:
    """Search for those whom `plan` has erased. `after`: what a new plan for the same requests
    says, made since: its `kept` is what may stay. Records the findings, and raises nothing of
    the stores."""
    values = _values(plan)
    touched = {lot.collection for lot in plan.lots}
    spared = _spared(after)
    traces: list[Trace] = []
    unseen: list[str] = []
    for name, config in actor.site.configs.items():
        try:
            reader = actor.reader(name)
            shape = reader.shape()
            changed = [each for each in config.collections if each.id in touched]
            care = actor.writer(name).aftercare(changed) if changed else ()
            told = tuple((each.where, each.until) for each in care)
            for collection in config.collections:
                fields = text_fields(collection, shape)
                found = _look(reader, collection, fields, values, spared.get(collection.id, ()))
                beside = byproducts.search(config, collection, values).holding
                here = told if collection.id in touched else ()
                if any((*found, beside)) or here:
                    traces.append(Trace(collection.id, len(values), *found, beside, here))
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift):
            unseen.append(name)
    result = Scan(tuple(traces), tuple(unseen))
    _record(result, acted.run, actor)
    return result


def _values(plan: RequestPlan) -> tuple[str, ...]:
    """What to search inside text: addresses as they are, numbers by their last digits."""
    found: dict[str, None] = {}
    for _, who in plan.people:
        for kind, value in who:
            text = value.strip()
            digits = "".join(each for each in text if each.isdigit())
            wanted = digits[-_TAIL:] if kind == "phone" else text
            if len(wanted) >= SHORTEST:
                found[wanted] = None
    return tuple(found)


def _spared(after: RequestPlan) -> Mapping[str, tuple[Key, ...]]:
    found: dict[str, dict[Key, None]] = {}
    for kept in after.kept:
        found.setdefault(kept.collection, {}).update(dict.fromkeys(kept.keys))
    return {id_: tuple(keys) for id_, keys in found.items()}


def _look(
    reader: Store,
    collection: Collection,
    fields: Sequence[str],
    values: Sequence[str],
    spared: Sequence[Key],
) -> tuple[int, int]:
    """(without a reason, with one)."""
    if not fields or not values:
        return 0, 0
    named_by = collection.key or tuple(each.name for each in collection.fields)
    at_once = max(1, _PARTS // len(fields))
    held, kept = 0, 0
    for start in range(0, len(values), at_once):
        some = values[start : start + at_once]
        there = any_of(Contains(field, value) for field in fields for value in some)
        wheres: list[Predicate] = [there]
        if spared:
            wheres.append(all_of([there, Among(named_by, tuple(spared))]))
        counts = [each.count for each in reader.tallies(collection, wheres)]
        held += counts[0]
        kept += sum(counts[1:])
    return max(0, held - kept), kept


def _record(found: Scan, run: str, actor: Actor) -> None:
    entries = [
        {
            "kind": "residue",
            "run": run,
            "collection": each.collection,
            "searched": each.searched,
            "found": each.found + each.beside,
            "statements": [{"where": where, "until": until} for where, until in each.statements],
        }
        for each in found.traces
    ]
    if entries:
        with state.transaction():
            ledger.append(entries, now=actor.site.now())
