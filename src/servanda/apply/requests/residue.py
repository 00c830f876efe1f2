"""After an erasure: does anything still hold what named the person?

Every declared text field of every store, file names among them, and the by-products are searched
for the person's identities. What may stay is told with its reason and its end: records kept by a
floor or a hold, and what engines and backups keep for a while. Only counts leave this module.
Tests: tests/apply/requests/test_residue.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from servanda import ledger, state
from servanda.apply import byproducts
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.outcome import Acted
from servanda.apply.residue import SHORTEST, text_fields
from servanda.kernel import identity
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import (
    NOTHING,
    Among,
    Contains,
    Predicate,
    Within,
    all_of,
    any_of,
    negate,
)
from servanda.plan.find import Key
from servanda.plan.requests import RequestPlan
from servanda.stores.mapping import Collection
from servanda.stores.port import Store

_NATIONAL = 9  # digits by which a number is known, however it begins
_FORMS = ("email", "phone")  # kinds that are known in every notation
_INSIDE = 40  # names and the like that are searched inside text at once


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


def scan(
    plan: RequestPlan,
    acted: Acted,
    after: RequestPlan,
    actor: Actor,
    alike: Mapping[str, Sequence[Key]] | None = None,
) -> Scan:
    """Search for those whom `plan` has erased. `after`: what a new plan for the same requests
    says, made since: its `kept` is what may stay. `alike`: records of others that hold
    the same identities with reason, by collection. Records the findings, and raises nothing of
    the stores."""
    values = _values(plan)
    texts = tuple(_spellings(values))
    touched = {lot.collection for lot in plan.lots}
    spared = _spared(after, alike or {})
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
                beside = byproducts.search(config, collection, texts).holding
                here = told if collection.id in touched else ()
                if any((*found, beside)) or here:
                    traces.append(Trace(collection.id, len(texts), *found, beside, here))
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift):
            unseen.append(name)
    result = Scan(tuple(traces), tuple(unseen))
    _record(result, acted.run, actor)
    return result


def _values(plan: RequestPlan) -> Mapping[str, tuple[str, ...]]:
    """Identities in normal form, by kind; what is too short would be found by chance."""
    found: dict[str, dict[str, None]] = {}
    for _, who in plan.people:
        for kind, value in who:
            if len(value) >= SHORTEST:
                found.setdefault(kind, {})[value] = None
    return {kind: tuple(values) for kind, values in found.items()}


def _spellings(values: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """As they may stand in dumps and logs: numbers with and without their country."""
    for kind, wanted in values.items():
        for each in wanted:
            yield each.lstrip("+") if kind == "phone" else each
            if kind == "phone" and len(each) > _NATIONAL:
                yield each[-_NATIONAL:]


def _portions(values: Mapping[str, tuple[str, ...]]) -> Iterator[Mapping[str, tuple[str, ...]]]:
    """All of them, as many at once as one condition may ask for."""
    forms = {kind: wanted for kind, wanted in values.items() if kind in _FORMS}
    if forms:
        yield forms
    for kind, wanted in values.items():
        if kind not in _FORMS:
            for start in range(0, len(wanted), _INSIDE):
                yield {kind: wanted[start : start + _INSIDE]}


def _holding(
    collection: Collection, fields: Sequence[str], values: Mapping[str, tuple[str, ...]]
) -> Predicate:
    """True for records in whose text one of the identities stands, however it is written."""
    parts: list[Predicate] = []
    for kind, wanted in values.items():
        fold = identity.fold_of(kind, collection.region)
        for field in fields:
            if kind in _FORMS:
                parts.append(Within(field, fold, wanted))
            else:
                parts += [Contains(field, each) for each in wanted]
    return any_of(parts)


def _spared(
    after: RequestPlan, alike: Mapping[str, Sequence[Key]]
) -> Mapping[str, tuple[Key, ...]]:
    found: dict[str, dict[Key, None]] = {id_: dict.fromkeys(keys) for id_, keys in alike.items()}
    for kept in after.kept:
        found.setdefault(kept.collection, {}).update(dict.fromkeys(kept.keys))
    return {id_: tuple(keys) for id_, keys in found.items()}


def _look(
    reader: Store,
    collection: Collection,
    fields: Sequence[str],
    values: Mapping[str, tuple[str, ...]],
    spared: Sequence[Key],
) -> tuple[int, int]:
    """(without a reason, with one). A record that holds names of two portions counts twice."""
    counts = [
        _portion(reader, collection, fields, each, spared) for each in _portions(values) if fields
    ]
    return sum(without for without, _ in counts), sum(kept for _, kept in counts)


def _portion(
    reader: Store,
    collection: Collection,
    fields: Sequence[str],
    values: Mapping[str, tuple[str, ...]],
    spared: Sequence[Key],
) -> tuple[int, int]:
    named_by = collection.key or tuple(each.name for each in collection.fields)
    there = _holding(collection, fields, values)
    mine = Among(named_by, tuple(spared)) if spared else NOTHING
    free, kept = (all_of([there, negate(mine)]), all_of([there, mine]))
    without, reasoned = (each.count for each in reader.tallies(collection, [free, kept]))
    if without:  # the store may have taken in more than is meant
        without = sum(
            evaluate(there, dict(zip(fields, row, strict=True)).get, _no_clock)
            for row in reader.rows(collection, free, fields)
        )
    return without, reasoned


def _no_clock(_event: str, _edge: object) -> None:
    return None


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
