"""The circuit breaker: which steps of a plan touch so much that a person must approve the plan.

Pure, so that what `plan` announces and what `apply` refuses are one and the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from servanda.plan.steps import Archive, Delete, Plan, Redact, Return
from servanda.stores.mapping import Limit, StoreConfig


@dataclass(frozen=True, slots=True)
class Finding:
    """A step above its limit. `why` is a sentence for a person."""

    step: str
    collection: str
    count: int
    total: int
    why: str

    def __str__(self) -> str:
        return f"{self.step} reaches {self.count:,} of {self.total:,} records, {self.why}"


def needs_approval(plan: Plan, configs: Iterable[StoreConfig]) -> list[Finding]:
    """Steps above the limits of their store. A store that is not in `configs` has the default
    limits."""
    limits = {config.name: config.limit for config in configs}
    found = []
    for step in plan.steps:
        if isinstance(step, Delete | Redact | Archive | Return):
            limit = limits.get(step.collection.partition(".")[0], Limit())
            why = _why(step.tally.count, step.total, limit)
            if why:
                found.append(Finding(step.id, step.collection, step.tally.count, step.total, why))
    return found


def _why(count: int, total: int, limit: Limit) -> str:
    if count <= limit.breaker_floor:
        return ""
    if count > limit.breaker_rows:
        return f"more than {limit.breaker_rows:,} records"
    if count > limit.breaker_share * total:
        return f"more than {limit.breaker_share:.0%} of the collection"
    return ""
