"""Count the records of one collection by what becomes of them: one pass over the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused
from servanda.kernel.predicate import (
    NOTHING,
    All,
    ClockBy,
    Everything,
    Predicate,
    all_of,
    any_of,
)
from servanda.plan.holds import without
from servanda.plan.retention import Rules, Targets, targets
from servanda.stores.mapping import Collection
from servanda.stores.port import Store, Tally

NONE = Tally(0)


@dataclass(frozen=True, slots=True)
class Counted:
    """`tallies` by question; a question nobody had to ask counts nothing. `trouble`: why the
    collection could not be counted, so that nothing may be done there."""

    collection: Collection
    rules: Rules | None = None
    targets: Targets | None = None
    held: Predicate | None = None
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    partitions: tuple[str, ...] = ()
    trouble: str = ""

    def tally(self, question: str) -> Tally:
        return self.tallies.get(question, NONE)

    @property
    def total(self) -> int:
        return self.tally("total").count


def count(
    store: Store,
    collection: Collection,
    rules: Rules | None,
    held: Predicate | None,
    now: datetime,
    *,
    owning: bool,
) -> Counted:
    """Ask the store everything the plan needs to know. `rules` None: an exempt collection.
    `owning`: other records are owned by its own, whichever side says so.

    Raises StoreUnreachable; whatever else the store raises becomes the `trouble`.
    """
    found = targets(rules, now) if rules is not None else None
    asked = {"total": Everything(), **(_questions(found, held) if found else {})}
    clock = next((each.event for each in rules.all_ceilings), None) if rules is not None else None
    try:
        answers = store.tallies(collection, list(asked.values()), clock)
        partitions = _partitions(store, collection, found, held, owning) if found else ()
    except (Drift, StoreRefused, StoreBusy) as error:
        return Counted(collection, rules, found, held, trouble=str(error))
    tallies = dict(zip(asked, answers, strict=True))
    return Counted(collection, rules, found, held, tallies, partitions)


def partial_name(number: int) -> str:
    return f"partial {number}"


def _questions(found: Targets, held: Predicate | None) -> dict[str, Predicate]:
    writes = {
        "delete": found.delete,
        "return": found.give_back,
        "archive": found.archive,
        "anonymise": found.anonymise.target,
        **{partial_name(n): partial.target for n, partial in enumerate(found.partials)},
    }
    asked = {
        **writes,
        "floor": found.floored,
        "floor unstarted": found.floor_unstarted,
        "event": found.unstarted,
        "consent": found.consented,
    }
    asked = {name: without(where, held) for name, where in asked.items()}
    asked["tenant"] = found.unknown_tenant
    if held is not None:
        asked["hold"] = all_of([any_of([*writes.values(), found.floored]), held])
    return {name: where for name, where in asked.items() if where != NOTHING}


def _partitions(
    store: Store, collection: Collection, found: Targets, held: Predicate | None, owning: bool
) -> tuple[str, ...]:
    """Partitions that may be dropped whole. Only where one clock alone decides, and nothing
    hangs on a row: a partition goes without a look at any of its rows."""
    hanging = collection.children or collection.counters or collection.detaches or owning
    if hanging or held is not None or not isinstance(collection.where, Everything):
        return ()
    parts = found.delete.parts if isinstance(found.delete, All) else (found.delete,)
    deciding = [part for part in parts if isinstance(part, ClockBy)]
    if len(deciding) != len(parts) or len({part.clock for part in deciding}) != 1:
        return ()
    by = min(part.instant for part in deciding)
    return tuple(store.expired_partitions(collection, deciding[0].clock, by))
