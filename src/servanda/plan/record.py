"""`servanda explain store.collection KEY…`: what becomes of one record, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from servanda.kernel.errors import StoreUnreachable, UsageError
from servanda.kernel.evaluate import as_text, day_edge, is_missing
from servanda.kernel.predicate import ClockBy, Compare, OneOf, Predicate, Scalar, all_of
from servanda.plan import words
from servanda.plan.decide import Decision, Moment, Record, decide
from servanda.plan.holds import HoldSpec, hold_predicates
from servanda.plan.older import Older
from servanda.plan.retention import Rules, compile_rules, consent
from servanda.policy.rules import Policy
from servanda.stores.mapping import Collection, StoreConfig, Tenant
from servanda.stores.port import Store

_FATES = {
    "delete": "It is deleted with the next run.",
    "return": "It is returned and deleted with the next run.",
    "archive": "It is archived with the next run.",
    "anonymise": "It is anonymised with the next run.",
    "redact": "What no floor covers is redacted with the next run; the rest stays.",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One record's decision, with the rules it was made by."""

    collection: str
    decision: Decision
    rules: Rules

    def text(self) -> str:
        found = self.decision
        state = "It is suspended." if found.suspended_by else "It stays."
        lines = [_FATES.get(found.outcome, state), *(f"  {each}" for each in found.because)]
        return "\n".join(lines) + "\n"

    def data(self) -> dict[str, Any]:
        found = self.decision
        return {
            "collection": self.collection,
            "outcome": found.outcome,
            "reason": found.reason,
            "keep_until": _iso(found.keep_until),
            "delete_at": _iso(found.delete_at),
            "suspended_by": list(found.suspended_by),
            "floors": [words.floor(each) for each in found.floors],
            "because": list(found.because),
        }


def explain_record(
    id_: str,
    key: Sequence[Scalar],
    policy: Policy,
    configs: Sequence[StoreConfig],
    stores: Mapping[str, Store | StoreUnreachable],
    now: datetime,
    lead: timedelta,
    *,
    holds: Sequence[HoldSpec] = (),
    tenants: Sequence[Tenant] = (),
    older: Sequence[Older] = (),
) -> Explained:
    """Decide about the record of `store.collection` with this key. Raises UsageError where there
    is none, or several; StoreUnreachable; ServandaError where no rule decides."""
    config, collection = _named(id_, configs)
    store = stores.get(config.name)
    if store is None:
        raise StoreUnreachable(config.name, "it was not opened")
    if isinstance(store, StoreUnreachable):
        raise store
    if len(key) != len(collection.key) or not key:
        shown = ", ".join(collection.key) or "none, so its records cannot be named"
        raise UsageError(f"the key of {id_} is: {shown}", "give every part of it, in this order")
    rules = compile_rules(policy, collection, lead, tenants, older)
    this = all_of(Compare(f, "=", v) for f, v in zip(collection.key, key, strict=True))
    held = {
        hold.id: where
        for hold in holds
        if (where := hold_predicates([hold], configs, stores).get(id_)) is not None
    }
    record = _read(store, config, rules, this, held)
    return Explained(id_, decide(record, rules, now), rules)


def _named(id_: str, configs: Sequence[StoreConfig]) -> tuple[StoreConfig, Collection]:
    for config in configs:
        for collection in config.collections:
            if collection.id == id_:
                return config, collection
    raise UsageError(f'there is no collection "{id_}"', "name it as store.collection")


def _read(
    store: Store,
    config: StoreConfig,
    rules: Rules,
    this: Predicate,
    held: Mapping[str, Predicate],
) -> Record:
    collection = rules.collection
    events = [clock.event for clock in collection.clocks]
    tenant = [] if collection.tenant is None or collection.tenant_constant else [collection.tenant]
    rows = list(store.rows(collection, this, [*events, *tenant], 2))
    if len(rows) != 1:
        what = "no record" if not rows else "more than one record"
        raise UsageError(f"{collection.id} has {what} with that key", "look the key up again")
    starts = {
        event: value
        for event, value in zip(events, rows[0], strict=False)
        if isinstance(value, datetime)
    }
    purposes = sorted({c.purpose for c in collection.consents})
    questions = {
        **{f"exact {e}": ClockBy(e, start, "end") for e, start in starts.items()},
        **{f"consent {purpose}": consent(rules, purpose) for purpose in purposes},
        **{f"accepted {n}": OneOf(collection.accepted or "", (n,)) for n in _numbers(rules)},
        **{f"hold {id_}": where for id_, where in held.items()},
    }
    answers = store.tallies(collection, [all_of([this, q]) for q in questions.values()])
    true = {name for name, tally in zip(questions, answers, strict=True) if tally.count}
    clocks = {
        event: _moment(config, collection, event, start, exact=f"exact {event}" in true)
        for event, start in starts.items()
    }
    return Record(
        clocks,
        frozenset(p for p in purposes if f"consent {p}" in true),
        _tenant(rows[0][-1]) if tenant else None,
        tuple(id_ for id_ in held if f"hold {id_}" in true),
        next((n for n in _numbers(rules) if f"accepted {n}" in true), ""),
    )


def _numbers(rules: Rules) -> tuple[str, ...]:
    """Editions whose acceptance frees from an older limit, where a field says who accepted."""
    if rules.collection.accepted is None:
        return ()
    return tuple(dict.fromkeys(n for each in rules.older for n in each.free))


def _moment(
    config: StoreConfig, collection: Collection, event: str, start: datetime, *, exact: bool
) -> Moment:
    """Where the store knows only a date, its end is not its start."""
    if exact:
        return Moment(start, start)
    clock = collection.clock_named(event)
    zone = ZoneInfo((clock.zone if clock else "") or config.zone)
    return Moment(start, day_edge(start.astimezone(zone).date(), "end", zone))


def _tenant(value: Scalar) -> str | None:
    return None if is_missing(value) else as_text(value)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
