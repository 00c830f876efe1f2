"""The predicates of a collection and the decision about one record are the same semantics.

Random rules, clocks around month ends, leap days and summer time, dates without a time, consent,
older limits, tenants and holds. Every record falls under exactly the predicate its decision names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from servanda.kernel.evaluate import day_edge
from servanda.kernel.period import Period
from servanda.kernel.predicate import Predicate, Scalar
from servanda.plan.decide import Decision, Moment, Record, decide
from servanda.plan.moments import ceiling_cutoff, floor_cutoff, floor_end
from servanda.plan.older import Older
from servanda.plan.retention import Rules, targets
from servanda.policy.rules import Ceiling, Floor, Outcome, Retention
from servanda.stores.mapping import Consent, Tenant, Tightening
from tests.plan.builders import collection, exactly, field, holds_for, linked, rules

EVENTS = ("opened", "closed", "paid")
ZONES = ("UTC", "Europe/London", "America/New_York", "Africa/Nairobi", "Pacific/Apia")
NOWS = (
    "2024-02-29T12:00:00", "2025-02-28T00:00:00", "2025-03-01T00:00:00", "2025-03-30T01:15:00",
    "2025-10-26T00:30:00", "2025-03-31T23:59:59", "2026-01-31T12:00:00",
)  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = ("delete", "anonymise", "archive", "return")
PEOPLE = collection(
    clocks=EVENTS,
    fields=(
        field("name", "name"),
        field("email", "contact.email"),
        field("note", "comms"),
        field("box", "preference.privacy"),
        field("customer"),
        field("agreed"),
    ),
    consents=(Consent("marketing", "box", ("yes", "1")),),
    tenant="customer",
)
TOLD = linked(PEOPLE, accepted="agreed")  # a field says which edition the person accepted

periods = st.builds(
    Period,
    months=st.sampled_from([0, 1, 2, 6, 12, 13, 24, 120]),
    days=st.sampled_from([0, 0, 1, 30]),
    hours=st.sampled_from([0, 0, 72]),
)
events = st.sampled_from(EVENTS)
ceilings = st.builds(
    Ceiling, periods, events, st.sampled_from(OUTCOMES), st.sampled_from([None, None, "marketing"])
)
covers = st.sampled_from([(), ("name",), ("contact",), ("name", "contact"), ("comms",)])
floors = st.builds(Floor, periods, events, st.just("a law"), covers, st.none())
retentions = st.builds(
    Retention,
    st.lists(ceilings, min_size=1, max_size=3).map(tuple),
    st.lists(floors, max_size=3).map(tuple),
)
olders = st.lists(
    st.builds(
        Older, st.just("accounts"), ceilings, st.just(2), st.sampled_from([(), ("2", "3"), ("3",)])
    ),
    max_size=2,
)
tightenings = st.lists(st.builds(Tightening, st.just("accounts"), events, periods), max_size=2).map(
    tuple
)
nows = st.sampled_from(NOWS).map(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC))
leads = st.sampled_from([timedelta(0), timedelta(days=1), timedelta(days=7)])


@st.composite
def moments(draw: st.DrawFn, now: datetime, around: list[Period], zone: str) -> Moment | None:
    """Missing, a date, or a time: often where one of the periods ends just about `now`."""
    kind = draw(st.sampled_from(["missing", "date", "time", "time"]))
    if kind == "missing":
        return None
    edge = draw(st.sampled_from(around))
    cutoff = ceiling_cutoff(edge, now, ZoneInfo(zone)) or now
    shift = draw(
        st.one_of(
            st.sampled_from([timedelta(0), timedelta(microseconds=1), -timedelta(microseconds=1)]),
            st.timedeltas(-timedelta(days=4), timedelta(days=4)),
            st.timedeltas(-timedelta(days=4000), timedelta(days=400)),
        )
    )
    moment = cutoff + shift
    if kind == "date":
        day = moment.astimezone(ZoneInfo(zone)).date()
        clock_zone = ZoneInfo(draw(st.sampled_from([zone, "UTC"])))
        return Moment(day_edge(day, "start", clock_zone), day_edge(day, "end", clock_zone))
    return exactly(moment)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rules, Record, dict[str, Scalar], datetime]:
    zone, now, retention = draw(st.sampled_from(ZONES)), draw(nows), draw(retentions)
    tenants = (Tenant("acme", "Acme", draw(tightenings)),)
    older, mapped = draw(olders), draw(st.sampled_from([PEOPLE, TOLD]))
    made = rules(retention, mapped, zone, draw(leads), tenants, older)
    around = [c.period for c in retention.ceilings] + [f.period for f in retention.floors]
    around += [each.ceiling.period for each in older]
    clocks = {event: draw(moments(now, around, zone)) for event in EVENTS}
    box = draw(st.sampled_from(["yes", "1", "no", None]))
    customer = draw(st.sampled_from(["acme", "acme", "other", None]))
    consents = frozenset({"marketing"} if box in ("yes", "1") else ())
    known = {name: moment for name, moment in clocks.items() if moment is not None}
    held = draw(st.sampled_from([(), (), ("H1",)]))
    fields: dict[str, Scalar] = {"name": "Ada", "email": "a@b.test", "note": "hello"}
    agreed = draw(st.sampled_from(["", "1", "2", "3"]))
    fields |= {"box": box, "customer": customer, "held": 1 if held else 0, "agreed": agreed}
    told = agreed if mapped is TOLD else ""
    return made, Record(known, consents, customer, held, told), fields, now


@settings(max_examples=600, deadline=None)
@given(cases())
def test_each_record_is_where_its_decision_says(
    case: tuple[Rules, Record, dict[str, Scalar], datetime],
) -> None:
    made, record, fields, now = case
    found = targets(made, now)
    decision = decide(record, made, now)
    reached = {
        name for name, where in _scopes(made, now).items() if holds_for(where, record, fields)
    }
    if decision.suspended_by:
        free = decide(replace(record, held_by=()), made, now)
        assert reached == _expected(free, _subsets(made, now)), (decision, free)
    else:
        assert reached == _expected(decision, _subsets(made, now)), decision
    assert holds_for(found.floored, record, fields) == _is_floored(made, record, now)
    assert holds_for(found.unstarted, record, fields) == (decision.reason == "event")
    assert holds_for(found.consented, record, fields) == (decision.reason == "consent")
    assert holds_for(found.unknown_tenant, record, fields) == (record.tenant is None)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_nothing_is_overdue_that_a_sweep_at_every_moment_would_have_done(
    case: tuple[Rules, Record, dict[str, Scalar], datetime],
) -> None:
    """What is overdue now was due for a sweep one lead ago: a sweep in time leaves nothing."""
    made, record, fields, now = case
    if record.tenant is None or not holds_for(targets(made, now).overdue, record, fields):
        return
    if any(moment.start > now - made.lead for moment in record.clocks.values()):
        return  # it happened after that sweep
    then = targets(made, now - made.lead)
    writes = [then.delete, then.give_back, then.archive, then.anonymise.target]
    writes += [partial.target for partial in then.partials]
    assert any(holds_for(where, record, fields) for where in writes)


@settings(max_examples=400, deadline=None)
@given(periods, st.sampled_from(ZONES), nows, st.timedeltas(-timedelta(days=5), timedelta(days=5)))
def test_a_floor_has_ended_exactly_from_its_end_on(
    period: Period, zone_name: str, now: datetime, shift: timedelta
) -> None:
    zone = ZoneInfo(zone_name)
    cutoff = floor_cutoff(period, now, zone)
    assert cutoff is not None
    for event in (cutoff + shift, cutoff, cutoff + timedelta(microseconds=1)):
        end = floor_end(period, event, zone)
        assert (event <= cutoff) == (end <= now)
        assert end >= period.after(event, zone)  # never too soon


def _subsets(made: Rules, now: datetime) -> list[tuple[Floor, ...]]:
    return [partial.floors for partial in targets(made, now).partials]


def _scopes(made: Rules, now: datetime) -> Mapping[str, Predicate]:
    found = targets(made, now)
    scopes = {
        "delete": found.delete,
        "return": found.give_back,
        "archive": found.archive,
        "anonymise": found.anonymise.scope,
    }
    return scopes | {
        f"redact {number}": partial.scope for number, partial in enumerate(found.partials)
    }


def _expected(decision: Decision, subsets: list[tuple[Floor, ...]]) -> set[str]:
    if decision.outcome == "keep":
        return set()
    if decision.outcome == "redact":
        return {f"redact {subsets.index(decision.floors)}"}
    return {decision.outcome}


def _is_floored(made: Rules, record: Record, now: datetime) -> bool:
    free = decide(replace(record, held_by=()), made, now)
    return free.reason == "floor"
