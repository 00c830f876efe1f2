"""From a rule to predicates: which records of a collection are due, kept, overdue, and why.

A mistake here deletes what the law wants kept, or keeps what was promised to go. The semantics
are DESIGN section 3; `decide` states them once more for a single record, and a property test
(tests/plan/test_predicates_agree.py) holds the two against each other.

Where several outcomes are due, the one that leaves least of the person wins: delete, return,
anonymise, archive. An archive keeps whom a record is about, so what was promised to be made
anonymous by now is not archived instead (tests/plan/test_older.py). While a floor is in force, what
it does not cover is redacted; an archive or a return needs the whole record, so it waits for the
floor to end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from servanda.kernel.errors import ServandaError
from servanda.kernel.predicate import (
    NOTHING,
    ClockBy,
    ClockMissing,
    Compare,
    Everything,
    Missing,
    OneOf,
    Predicate,
    all_of,
    any_of,
    negate,
)
from servanda.plan.erasing import Changes, changes, pending
from servanda.plan.moments import NO_LEAD, ceiling_cutoff, floor_cutoff
from servanda.plan.older import Older, accepted, of_collection
from servanda.policy.rules import Ceiling, Floor, Forever, Outcome, Policy
from servanda.stores.mapping import Collection, Tenant

MOST_FLOORS = 4
_NEVER = datetime.min.replace(tzinfo=UTC)
STRONGEST_FIRST: tuple[Outcome, ...] = ("delete", "return", "anonymise", "archive")


@dataclass(frozen=True, slots=True)
class Instruction:
    """A customer's shorter ceiling, for the rows of that tenant only. It stands beside the
    policy's own, and the earliest wins, so it can never raise one."""

    tenant: str
    customer: str
    ceiling: Ceiling


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides about one collection. `ceilings`: those whose event has a clock
    here; `elsewhere`: those whose event this collection does not know. `older`: limits that a newer
    edition of the policy raised, for whoever has not accepted it."""

    collection: Collection
    control: str
    ceilings: tuple[Ceiling, ...]
    elsewhere: tuple[Ceiling, ...]
    floors: tuple[Floor, ...]
    forever: Forever | None
    instructions: tuple[Instruction, ...]
    zone: ZoneInfo
    lead: timedelta
    older: tuple[Older, ...] = ()

    @property
    def all_ceilings(self) -> tuple[Ceiling, ...]:
        """Every ceiling that may bind a record here."""
        asked = (each.ceiling for each in self.instructions)
        return (*self.ceilings, *asked, *(each.ceiling for each in self.older))


@dataclass(frozen=True, slots=True)
class Partial:
    """Records past a ceiling under exactly these floors: what they do not cover goes."""

    floors: tuple[Floor, ...]
    scope: Predicate
    changes: Changes

    @property
    def target(self) -> Predicate:
        return all_of([self.scope, pending(self.changes)])


@dataclass(frozen=True, slots=True)
class Targets:
    """The records of a collection by what becomes of them at one moment. Holds stand outside."""

    delete: Predicate
    give_back: Predicate
    archive: Predicate
    anonymise: Partial
    partials: tuple[Partial, ...]
    floored: Predicate  # past a ceiling, at least one floor in force
    unstarted: Predicate  # no ceiling's event has happened
    floor_unstarted: Predicate  # past a ceiling, waiting for the event of a floor
    consented: Predicate  # past a ceiling but for the person's consent
    unknown_tenant: Predicate
    overdue: Predicate  # still there, or not erased, past what was promised (no lead)


def compile_rules(
    policy: Policy,
    collection: Collection,
    lead: timedelta,
    tenants: Sequence[Tenant] = (),
    older: Sequence[Older] = (),
) -> Rules:
    """The rules of a mapped collection. ServandaError where nothing decides about it."""
    activity = policy.activity(collection.activity) if collection.activity else None
    if activity is None or activity.retention is None:
        raise ServandaError(
            f"no rule decides about {collection.id}",
            "map it to an activity with `retain`, or exempt it with reason, owner and expiry",
        )
    retention = activity.retention
    known = tuple(c for c in retention.ceilings if collection.clock_named(c.event))
    rules = Rules(
        collection,
        f"activities.{activity.id}.retain",
        known,
        tuple(c for c in retention.ceilings if c not in known),
        tuple(dict.fromkeys(retention.floors)),
        retention.forever,
        tuple(_instructions(activity.id, known, tenants)) if collection.tenant else (),
        ZoneInfo(policy.zone),
        lead,
        of_collection(collection, retention, older),
    )
    _refuse_what_cannot_be_decided(rules)
    return rules


def _refuse_what_cannot_be_decided(rules: Rules) -> None:
    where = rules.collection.id
    if rules.elsewhere and not rules.ceilings:
        events = ", ".join(sorted({c.event for c in rules.elsewhere}))
        raise ServandaError(
            f"{where} has no clock for {events}", f"add it under `clocks` of {where}"
        )
    limits = (*rules.ceilings, *(each.ceiling for each in rules.older))
    for purpose in {c.unless_consent for c in limits if c.unless_consent}:
        if not any(c.purpose == purpose for c in rules.collection.consents):
            raise ServandaError(
                f"{where} does not say which field records the consent for {purpose}",
                f"add it under `consent` of {where}",
            )
    if len(rules.floors) > MOST_FLOORS:
        raise ServandaError(
            f"{rules.control} has {len(rules.floors)} floors, of which at most "
            f"{MOST_FLOORS} can be told apart",
            "join floors that cover the same data",
        )


def _instructions(
    activity: str, ceilings: Sequence[Ceiling], tenants: Sequence[Tenant]
) -> Iterator[Instruction]:
    for tenant in tenants:
        for each in tenant.tighten:
            for ceiling in ceilings:
                if each.activity == activity and each.event == ceiling.event:
                    shorter = replace(ceiling, period=each.period)
                    yield Instruction(tenant.id, tenant.name, shorter)


def binding(rules: Rules) -> Iterator[tuple[Ceiling, Predicate]]:
    """Every ceiling with the records it binds, instructions of tenants included."""
    for ceiling in rules.ceilings:
        yield ceiling, negate(consent(rules, ceiling.unless_consent))
    for each in rules.instructions:
        of_them = of_tenant(rules.collection, each.tenant)
        consented = consent(rules, each.ceiling.unless_consent)
        yield each.ceiling, all_of([of_them, negate(consented)])
    for old in rules.older:
        agreed = accepted(rules.collection, old)
        consented = consent(rules, old.ceiling.unless_consent)
        yield old.ceiling, all_of([negate(agreed), negate(consented)])


def consent(rules: Rules, purpose: str | None) -> Predicate:
    """True for records whose person said yes to the purpose."""
    if purpose is None:
        return NOTHING
    return any_of(OneOf(c.field, c.yes) for c in rules.collection.consents if c.purpose == purpose)


def of_tenant(collection: Collection, tenant: str) -> Predicate:
    if collection.tenant is None:
        return NOTHING
    if collection.tenant_constant:
        return Everything() if collection.tenant == tenant else NOTHING
    return Compare(collection.tenant, "=", tenant)


def unknown_tenant(collection: Collection) -> Predicate:
    """True for rows whose customer is not known: shown, never touched."""
    if collection.tenant is None or collection.tenant_constant:
        return NOTHING
    return Missing(collection.tenant)


def ended(rules: Rules, ceiling: Ceiling, now: datetime, lead: timedelta) -> Predicate:
    """The ceiling's period will be over at `now + lead`, whoever it binds."""
    cutoff = ceiling_cutoff(ceiling.period, now, rules.zone, lead)
    return NOTHING if cutoff is None else ClockBy(ceiling.event, cutoff, "start")


def past(rules: Rules, now: datetime, lead: timedelta, *outcomes: Outcome) -> Predicate:
    """A ceiling with one of these outcomes (none named: any) is reached by `now + lead`."""
    return any_of(
        all_of([ended(rules, ceiling, now, lead), bound])
        for ceiling, bound in binding(rules)
        if not outcomes or ceiling.outcome in outcomes
    )


def active(rules: Rules, floor: Floor, moment: datetime) -> Predicate:
    """The floor is in force at `moment`; so it is while its event has not happened."""
    cutoff = floor_cutoff(floor.period, moment, rules.zone)
    if cutoff is None or rules.collection.clock_named(floor.event) is None:
        return Everything()
    return negate(ClockBy(floor.event, cutoff, "end"))


def exactly(rules: Rules, floors: tuple[Floor, ...], moment: datetime) -> Predicate:
    """These floors are in force at `moment`, and no other."""
    states = ((floor, active(rules, floor, moment)) for floor in rules.floors)
    return all_of(state if floor in floors else negate(state) for floor, state in states)


def floor_sets(rules: Rules, moment: datetime) -> Iterator[tuple[Floor, ...]]:
    """Floors that can be in force together at `moment` without the others: of two that count
    from one event, the one that lasts longer is in force whenever the other is."""
    reach = {f: floor_cutoff(f.period, moment, rules.zone) or _NEVER for f in rules.floors}
    for size in range(1, len(rules.floors) + 1):
        for chosen in combinations(rules.floors, size):
            if not any(
                left not in chosen and left.event == f.event and reach[left] <= reach[f]
                for f in chosen
                for left in rules.floors
            ):
                yield chosen


def targets(rules: Rules, now: datetime) -> Targets:
    """Sort the records of a collection by what becomes of them at `now`."""
    collection, lead = rules.collection, rules.lead
    known = negate(unknown_tenant(collection))
    free = exactly(rules, (), now)
    floored = negate(free) if rules.floors else NOTHING
    due = past(rules, now, lead)
    by_outcome: dict[Outcome, Predicate] = {}
    stronger: list[Predicate] = []
    for outcome in STRONGEST_FIRST:
        reached = past(rules, now, lead, outcome)
        others = [negate(each) for each in stronger]
        by_outcome[outcome] = all_of([reached, *others, free, known])
        if reached != NOTHING:
            stronger.append(reached)
    erasing = past(rules, now, lead, "delete", "anonymise")
    partials = tuple(
        Partial(
            floors,
            all_of([erasing, exactly(rules, floors, now), known]),
            changes(collection, floors),
        )
        for floors in floor_sets(rules, now)
    )
    return Targets(
        by_outcome["delete"],
        by_outcome["return"],
        by_outcome["archive"],
        Partial((), by_outcome["anonymise"], changes(collection)),
        partials,
        all_of([due, floored, known]),
        _unstarted(rules),
        all_of([due, known, any_of(_not_begun(rules, floor) for floor in rules.floors)]),
        all_of([_but_for_consent(rules, now), negate(due), known]),
        unknown_tenant(collection),
        _overdue(rules, now),
    )


def _but_for_consent(rules: Rules, now: datetime) -> Predicate:
    limits = [c for c in rules.ceilings if c.unless_consent]
    limits += [each.ceiling for each in rules.older if each.free]
    return any_of(ended(rules, each, now, rules.lead) for each in limits)


def _unstarted(rules: Rules) -> Predicate:
    limits = (*rules.ceilings, *(each.ceiling for each in rules.older))
    if not limits:
        return NOTHING
    missing = [ClockMissing(event) for event in sorted({c.event for c in limits})]
    return all_of([*missing, negate(unknown_tenant(rules.collection))])


def _not_begun(rules: Rules, floor: Floor) -> Predicate:
    known_here = rules.collection.clock_named(floor.event) is not None
    return ClockMissing(floor.event) if known_here else Everything()


def _overdue(rules: Rules, now: datetime) -> Predicate:
    """Past the promise itself. What a floor held until less than a lead ago still has time.
    A record of an unknown tenant counts: it is past its ceiling, whoever it belongs to."""
    then = now - rules.lead
    free = exactly(rules, (), then)
    anonymous = past(rules, now, NO_LEAD, "anonymise")
    archived = all_of([past(rules, now, NO_LEAD, "archive"), negate(anonymous)])
    going = any_of([past(rules, now, NO_LEAD, "delete", "return"), archived])
    erasing = past(rules, now, NO_LEAD, "delete", "anonymise")
    parts = [
        all_of([going, free]),
        all_of([anonymous, free, pending(changes(rules.collection))]),
    ]
    for floors in floor_sets(rules, then):
        left = pending(changes(rules.collection, floors))
        parts.append(all_of([erasing, exactly(rules, floors, then), left]))
    return any_of(parts)
