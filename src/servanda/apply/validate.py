"""Is the plan still about the world as it is? Asked before anything is touched, and on resume.

The danger: a plan made for another policy, another mapping, another table, or another number of
records. Whatever differs refuses the whole plan, except a store whose shape has changed or that
does not answer: its own steps are left out, and the others go on.
Tests: tests/faults/test_changed_world.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from servanda.apply.job import writes
from servanda.apply.shield import Shield
from servanda.apply.site import Site, store_of
from servanda.desk import approvals
from servanda.inventory import shape_digest
from servanda.kernel.errors import (
    BreakerOpen,
    Drift,
    StalePlan,
    StoreBusy,
    StoreRefused,
    StoreUnreachable,
)
from servanda.kernel.predicate import all_of, negate
from servanda.plan.breaker import needs_approval
from servanda.plan.file import sealed
from servanda.plan.steps import Plan, Write
from servanda.stores.port import Store

OLDEST = timedelta(days=7)
_CLOCKS_DIFFER = timedelta(minutes=5)
_NEW = "make a new plan with `servanda plan`"


@dataclass(frozen=True, slots=True)
class Ground:
    """Stores that may be worked in, and why others may not."""

    open: dict[str, Store] = field(default_factory=dict)
    drifted: dict[str, str] = field(default_factory=dict)
    unreachable: dict[str, str] = field(default_factory=dict)


def current(plan: Plan, site: Site) -> None:
    """The plan is whole, young, and made from the policy and mapping in force. StalePlan if not."""
    if sealed(plan).digest != plan.digest:
        raise StalePlan("the plan was changed after it was made", _NEW)
    if plan.policy != site.policy:
        raise StalePlan("the policy changed since the plan was made", _NEW)
    if plan.mapping != site.mapping:
        raise StalePlan("stores.yaml or a pack changed since the plan was made", _NEW)
    if plan.terms != (site.terms() if site.terms else ""):
        raise StalePlan("which terms count for whom changed since the plan was made", _NEW)
    age = site.now() - plan.made_at
    if age > OLDEST:
        raise StalePlan(f"the plan is {age.days} days old, and may be at most {OLDEST.days}", _NEW)
    if age < -_CLOCKS_DIFFER:
        raise StalePlan("the plan is from the future: this machine's clock was set back", _NEW)


def approved(plan: Plan, site: Site) -> None:
    """Steps above their limit have an approval of exactly this plan; and with four eyes, two
    people stand behind whatever writes. BreakerOpen if not."""
    findings = needs_approval(plan, site.configs.values())
    if findings and not approvals.of(plan.digest):
        said = "; ".join(f"{each.step} touches {each.why}" for each in findings)
        raise BreakerOpen(said, f"look at it, then approve exactly plan {plan.digest[:12]}…")
    if site.four_eyes and writes(plan):
        lacks = approvals.lacking(plan.digest, site.runner)
        if lacks:
            raise BreakerOpen(f"four eyes are asked for: {lacks}", approvals.REMEDY)


def ground(plan: Plan, site: Site) -> Ground:
    """Open the plan's stores for writing and compare their shapes with the plan's."""
    found = Ground()
    shapes = dict(plan.shapes)
    for name in _named(plan):
        try:
            store = site.open(site.config(name), False)
        except StoreUnreachable as error:
            found.unreachable[name] = str(error)
            continue
        found.open[name] = store
        try:
            shape = shape_digest(site.config(name), store.shape())
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            found.unreachable[name] = str(error)
            continue
        if name in shapes and shape != shapes[name]:
            found.drifted[name] = (
                f'the shape of store "{name}" is not what it was when the plan was made, so it is '
                "only read; run `servanda inventory`"
            )
    return found


def reachable(ground: Ground) -> dict[str, Store]:
    return {name: each for name, each in ground.open.items() if name not in ground.unreachable}


def not_more(plan: Plan, site: Site, ground: Ground) -> None:
    """No step reaches more records than the plan said. StalePlan if one does."""
    shield = Shield(site, ground.open)
    try:
        held = shield.now()
    finally:
        shield.close()
    for collection, steps in _by_collection(plan).items():
        name = store_of(collection)
        if name in ground.drifted or name in ground.unreachable:
            continue
        store = ground.open[name]
        try:
            out = negate(held.covered(collection))  # as the plan counted
            wheres = [all_of((step.where, out)) for step in steps]
            tallies = store.tallies(site.collection(collection), wheres)
        except StoreUnreachable as error:
            ground.unreachable[name] = str(error)
            continue
        for step, tally in zip(steps, tallies, strict=True):
            if tally.count > step.tally.count:
                raise StalePlan(
                    f"step {step.id} would now touch {tally.count:,} records of {collection}, "
                    f"and {step.tally.count:,} when the plan was made",
                    _NEW,
                )


def barred(step: Write, site: Site, ground: Ground) -> tuple[str, str] | None:
    """(kind, why) when the step must not run although the plan as a whole may."""
    name = store_of(step.collection)
    if site.config(name).mode != "direct":
        return "verify", f'store "{name}" is only measured (mode: {site.config(name).mode})'
    if name in ground.drifted:
        return "shape", ground.drifted[name]
    if name in ground.unreachable:
        return "StoreUnreachable", ground.unreachable[name]
    return None


def _named(plan: Plan) -> list[str]:
    """The stores of the steps, and those they copy to."""
    names: Mapping[str, None] = dict.fromkeys(
        name
        for step in plan.steps
        for name in (store_of(step.collection), store_of(getattr(step, "to", "")))
        if name
    )
    return list(names)


def _by_collection(plan: Plan) -> dict[str, list[Write]]:
    found: dict[str, list[Write]] = {}
    for step in writes(plan):
        found.setdefault(step.collection, []).append(step)
    return found
