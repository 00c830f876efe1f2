"""What the threads of one process share while they work on one run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from servanda.apply import partners
from servanda.apply.heart import Heart
from servanda.apply.meter import Meter
from servanda.apply.samples import Samples
from servanda.apply.shield import InForce, Shield
from servanda.apply.site import Site, store_of
from servanda.kernel.errors import ServandaError, StoreUnreachable
from servanda.kernel.predicate import NOTHING, Predicate, all_of, negate
from servanda.plan.steps import Archive, Delete, Plan, Redact, Return, Write
from servanda.stores.mapping import Pseudonym
from servanda.stores.port import DeleteRows, DropPartition, RedactRows, Store, Work

WRITES = (Delete, Redact, Archive, Return)


@dataclass(slots=True)
class Job:
    """One process's part in one run. `workers`: what its workers' names begin with. `stop`: finish
    or undo the window in hand, then return."""

    run: str
    plan: Plan
    site: Site
    stores: Mapping[str, Store]
    shield: Shield
    workers: str
    heart: Heart
    stop: threading.Event
    meter: Meter
    samples: Samples
    _staying: dict[str, Predicate] = field(default_factory=dict)  # by step
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, id_: str) -> Write:
        for step in writes(self.plan):
            if step.id == id_:
                return step
        raise ServandaError(f"the plan has no step {id_}", "make a new plan")

    def store(self, step: Write) -> Store:
        return self.store_named(store_of(step.collection))

    def store_named(self, name: str) -> Store:
        """StoreUnreachable where it did not answer when this work began."""
        if name not in self.stores:
            raise StoreUnreachable(name, "it did not answer when this work began")
        return self.stores[name]

    def work(self, step: Write, part: str) -> Work:
        """The step as its store understands it; `part` names a partition to drop, or is blank."""
        collection = self.site.collection(step.collection)
        if part:
            return Work(collection, DropPartition(part), step.where, step.clock)
        match step:
            case Redact():
                keyed = any(isinstance(erasure, Pseudonym) for _, erasure in step.changes)
                key = self.site.pseudonym_key if keyed else b""
                action = RedactRows(step.changes)
                return Work(collection, action, step.where, step.clock, key)
            case Delete() | Archive() | Return():
                return Work(collection, DeleteRows(), step.where, step.clock)
            case _:
                assert_never(step)

    def may_drop(self, step: Write, holds: InForce) -> bool:
        """Whether partitions may go whole: not while a hold covers any record of the step."""
        held = holds.covered(step.collection)
        if held == NOTHING:
            return True
        collection = self.site.collection(step.collection)
        return not self.store(step).tally(collection, all_of((step.where, held))).count

    def target(self, step: Write, holds: InForce) -> Predicate:
        """The step's records without those held, and without those whose partner stays."""
        with self._lock:
            if step.id not in self._staying:
                self._staying[step.id] = partners.staying(self.plan, self.site, self.stores, step)
        out = (holds.covered(step.collection), self._staying[step.id])
        return all_of((step.where, *map(negate, out)))


def writes(plan: Plan) -> list[Write]:
    """The steps that change a store, in plan order."""
    return [step for step in plan.steps if isinstance(step, WRITES)]


def action_of(step: Write) -> str:
    """As evidence and outcomes name it."""
    return type(step).__name__.lower()


def facts_of(step: Write, part: str = "") -> dict[str, Any]:
    """What a window's evidence says besides numbers and manifest."""
    facts: dict[str, Any] = {"collection": step.collection, "action": action_of(step)}
    if part:
        facts["partition"] = part
    match step:
        case Redact(kind=kind, changes=changes):
            facts["kind_of_redaction"] = kind
            facts["fields"] = [name for name, _ in changes]
        case Archive(to=to) | Return(to=to):
            facts["to"] = to
        case Delete():
            pass
        case _:
            assert_never(step)
    return facts
