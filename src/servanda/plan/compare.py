"""Two plans side by side: what is more, less, new or gone since the one before, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from servanda.plan.explain import verb
from servanda.plan.steps import Archive, Delete, Keep, Plan, Redact, Return

Kind: TypeAlias = Literal["new", "gone", "more", "less", "same"]
_WRITES = (Delete, Redact, Archive, Return)
_KEPT = {
    "hold": "suspended by a hold",
    "floor": "kept by a floor",
    "event": "no clock running",
    "consent": "kept by consent",
    "tenant": "customer unknown",
    "exempt": "exempt",
    "shape": "read-only",
    "verify": "only measured",
    "partner": "waiting for a linked record",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of thing done to, or said of, one collection, in both plans."""

    collection: str
    what: str
    writes: bool
    before: int
    now: int
    why: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        if self.before == self.now:
            return "same"
        if not self.before:
            return "new"
        if not self.now:
            return "gone"
        return "more" if self.now > self.before else "less"

    @property
    def difference(self) -> int:
        return self.now - self.before


def compare(before: Plan, now: Plan) -> list[Change]:
    """Every collection that both plans looked at, or had to, in the order of the newer one."""
    old, new = _lines(before), _lines(now)
    general = tuple(_general(before, now))
    looked_then, looked_now = _looked(before), _looked(now)
    found = []
    for key in {**new, **old}:
        collection, what, writes = key
        count, because = new.get(key, (0, ()))
        earlier = old.get(key, (0, ()))[0]
        store = collection.partition(".")[0]
        if collection not in looked_now and store not in now.unreachable:
            continue  # a plan of a part says nothing of the rest
        why = list(because if count != earlier and count else ())
        if store in before.unreachable and store not in now.unreachable:
            why.append(f"{store} did not answer then")
        elif collection not in looked_then and store not in before.unreachable:
            why.append("the plan before did not look at it")
        if store in now.unreachable:
            why.append(f"{store} does not answer now")
        elif earlier and not count and writes:
            why.append("nothing of it is due any more")
        found.append(
            Change(
                collection, what, writes, earlier, count,
                (*why, *general) if count != earlier else (),
            )
        )  # fmt: skip
    return found


def _looked(plan: Plan) -> set[str]:
    return {step.collection for step in plan.steps}


def _lines(plan: Plan) -> dict[tuple[str, str, bool], tuple[int, tuple[str, ...]]]:
    found: dict[tuple[str, str, bool], tuple[int, tuple[str, ...]]] = {}
    for step in plan.steps:
        if isinstance(step, _WRITES):
            key = (step.collection, verb(step), True)
        elif isinstance(step, Keep):
            key = (step.collection, _KEPT[step.reason], False)
        else:
            continue
        count, because = found.get(key, (0, ()))
        found[key] = (count + step.tally.count, (*because, *step.because))
    return found


def _general(before: Plan, now: Plan) -> Iterator[str]:
    if before.policy != now.policy:
        yield "the policy changed in between"
    if before.mapping != now.mapping:
        yield "stores.yaml or a pack changed in between"
