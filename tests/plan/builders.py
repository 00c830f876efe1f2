"""Small policies, collections and stores for the tests of plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from servanda.kernel.errors import Place
from servanda.kernel.evaluate import evaluate
from servanda.kernel.period import Period
from servanda.kernel.predicate import Edge, Predicate, Scalar
from servanda.plan.decide import Moment, Record
from servanda.plan.older import Older
from servanda.plan.retention import Rules, compile_rules
from servanda.policy.rules import (
    Activity,
    Ceiling,
    Floor,
    Forever,
    Outcome,
    Policy,
    Promise,
    Retention,
)
from servanda.stores.mapping import (
    Clock,
    Collection,
    Column,
    Consent,
    Erasure,
    Field,
    Tenant,
)

HERE = Place("policy.yaml", 1, 1)
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """`2026-03-01` or `2026-03-01T12:30:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ceiling(
    period: str, event: str, outcome: Outcome = "delete", consent: str | None = None
) -> Ceiling:
    return Ceiling(Period.parse(period), event, outcome, consent)


def floor(period: str, event: str, ground: str = "a law", *covers: str) -> Floor:
    return Floor(Period.parse(period), event, ground, covers)


def activity(id_: str, retention: Retention | None) -> Activity:
    return Activity(
        id_, "controller", ("support",), "contract", ("client",), ("name",), (), retention, HERE
    )


def promise(id_: str, says: str, *kept_by: str) -> Promise:
    return Promise(id_, says, "storage", kept_by, False, "enforced", HERE)


def policy(
    activities: Mapping[str, Retention | None],
    promises: Iterable[Promise] = (),
    zone: str = "UTC",
) -> Policy:
    return Policy(
        "Example", "GB", zone, "privacy@example.test", ("GB",),
        tuple(activity(id_, each) for id_, each in activities.items()),
        (), tuple(promises), "p" * 64, b"",
    )  # fmt: skip


def field(name: str, *categories: str, erase: Erasure | None = None) -> Field:
    return Field(name, Column(name), categories, erase)


def collection(
    name: str = "people",
    store: str = "crm",
    activity: str | None = "accounts",
    key: tuple[str, ...] = ("id",),
    clocks: Sequence[str | Clock] = (),
    fields: Sequence[Field] = (),
    consents: Sequence[Consent] = (),
    tenant: str | None = None,
) -> Collection:
    return Collection(
        store, name, name, activity, key,
        tuple(c if isinstance(c, Clock) else Clock(c, Column(c)) for c in clocks),
        (field("id"), *fields),
        consents=tuple(consents),
        tenant=tenant,
    )  # fmt: skip


def rules(
    retention: Retention,
    mapped: Collection,
    zone: str = "UTC",
    lead: timedelta = timedelta(0),
    tenants: Sequence[Tenant] = (),
    older: Sequence[Older] = (),
) -> Rules:
    owner = mapped.activity or ""
    return compile_rules(policy({owner: retention}, zone=zone), mapped, lead, tenants, older)


def keep_at_most(*ceilings: Ceiling, floors: Sequence[Floor] = ()) -> Retention:
    return Retention(tuple(ceilings), tuple(floors))


def keep_forever(reason: str) -> Retention:
    return Retention((), (), Forever(reason))


def exactly(moment: datetime) -> Moment:
    return Moment(moment, moment)


def record(
    tenant: str | None = None,
    consents: Iterable[str] = (),
    held_by: tuple[str, ...] = (),
    **clocks: datetime | Moment | None,
) -> Record:
    known = {
        name: moment if isinstance(moment, Moment) else exactly(moment)
        for name, moment in clocks.items()
        if moment is not None
    }
    return Record(known, frozenset(consents), tenant, held_by)


def holds_for(predicate: Predicate, record: Record, fields: Mapping[str, Scalar]) -> bool:
    """Evaluate a predicate on a record as a store would."""

    def clock(event: str, edge: Edge) -> datetime | None:
        moment = record.clocks.get(event)
        return None if moment is None else getattr(moment, edge)

    return evaluate(predicate, fields.get, clock)


def linked(mapped: Collection, **changes: object) -> Collection:
    return replace(mapped, **changes)  # type: ignore[arg-type]
