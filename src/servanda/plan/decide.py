"""What becomes of one record, and why: DESIGN section 3, rules 1 to 6, for a person to follow.

Pure and total. The predicates of `retention` say the same for a whole collection at once; a
property test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from servanda.plan import older, words
from servanda.plan.moments import ceiling_cutoff, ceiling_end, floor_end
from servanda.plan.older import Older
from servanda.plan.retention import STRONGEST_FIRST, Rules
from servanda.plan.steps import KeepReason
from servanda.policy.rules import Ceiling, Floor

Fate: TypeAlias = Literal["delete", "return", "archive", "anonymise", "redact", "keep"]


class Moment(NamedTuple):
    """When an event happened (aware UTC). A known date spans its local day: `start` is its
    beginning and `end` the next midnight; of an exact time both are the same."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What the rules read of one record. A clock that is not there has not happened."""

    clocks: Mapping[str, Moment] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()  # purposes the person said yes to
    tenant: str | None = None
    held_by: tuple[str, ...] = ()  # ids of holds
    accepted: str = ""  # number of the policy's edition the person accepted last; blank: unknown


@dataclass(frozen=True, slots=True)
class Decision:
    """`delete_at`: the earliest end of a ceiling, when all that no floor covers goes.
    `keep_until`: the latest end of a floor. None: there is none, or its clock has not begun.
    `floors`: those in force. `reason`: why it stays, where the outcome is `keep` and a ceiling
    has a say. `suspended_by`: holds that stop what is due."""

    keep_until: datetime | None
    delete_at: datetime | None
    outcome: Fate
    suspended_by: tuple[str, ...]
    because: tuple[str, ...]
    floors: tuple[Floor, ...] = ()
    reason: KeepReason | None = None


def decide(record: Record, rules: Rules, now: datetime) -> Decision:
    """Decide about one record at `now` (aware)."""
    zone = rules.zone
    binds = _binding(record, rules)
    ends = [
        ceiling_end(c.period, record.clocks[c.event].start, zone)
        for c in binds
        if c.event in record.clocks
    ]
    due = [c for c in binds if _is_due(c, record, rules, now)]
    floors = tuple(f for f in rules.floors if _in_force(f, record, rules, now))
    floor_ends = [e for f in rules.floors if (e := _end(f, record, rules)) is not None]
    outcome, reason = _outcome(record, rules, due, floors)
    suspended = record.held_by if due and _touches(outcome, reason) else ()
    if suspended:
        outcome, reason = "keep", "hold"
    return Decision(
        max(floor_ends, default=None),
        min(ends, default=None),
        outcome,
        suspended,
        tuple(_because(record, rules, binds, due, floors, suspended, reason)),
        floors,
        reason if reason or due else _waiting(record, rules, now),
    )


def _binding(record: Record, rules: Rules) -> list[Ceiling]:
    """The ceilings that bind this record: rule 4 and the person's consent."""
    binds = [c for c in rules.ceilings if c.unless_consent not in record.consents]
    tenant = _tenant(record, rules)
    binds += [
        each.ceiling
        for each in rules.instructions
        if each.tenant == tenant and each.ceiling.unless_consent not in record.consents
    ]
    binds += [
        each.ceiling
        for each in rules.older
        if not _free(each, record, rules) and each.ceiling.unless_consent not in record.consents
    ]
    return binds


def _free(each: Older, record: Record, rules: Rules) -> bool:
    """The person accepted the edition that raised this older limit."""
    return rules.collection.accepted is not None and record.accepted in each.free


def _tenant(record: Record, rules: Rules) -> str | None:
    collection = rules.collection
    return collection.tenant if collection.tenant_constant else record.tenant


def _is_due(ceiling: Ceiling, record: Record, rules: Rules, now: datetime) -> bool:
    moment = record.clocks.get(ceiling.event)
    cutoff = ceiling_cutoff(ceiling.period, now, rules.zone, rules.lead)
    return moment is not None and cutoff is not None and moment.start <= cutoff


def _end(floor: Floor, record: Record, rules: Rules) -> datetime | None:
    moment = record.clocks.get(floor.event)
    return None if moment is None else floor_end(floor.period, moment.end, rules.zone)


def _in_force(floor: Floor, record: Record, rules: Rules, now: datetime) -> bool:
    """Rule 5: a floor whose event has not happened has not even begun to run."""
    end = _end(floor, record, rules)
    return end is None or end > now


def _outcome(
    record: Record, rules: Rules, due: list[Ceiling], floors: tuple[Floor, ...]
) -> tuple[Fate, KeepReason | None]:
    if rules.collection.tenant is not None and _tenant(record, rules) is None:
        return "keep", "tenant"
    if not due:
        return "keep", None
    strongest = next(o for o in STRONGEST_FIRST if any(c.outcome == o for c in due))
    if not floors:
        return strongest, None
    erasing = any(c.outcome in ("delete", "anonymise") for c in due)
    return ("redact", "floor") if erasing else ("keep", "floor")


def _touches(outcome: Fate, reason: KeepReason | None) -> bool:
    return outcome != "keep" or reason == "floor"


def _waiting(record: Record, rules: Rules, now: datetime) -> KeepReason | None:
    """Why a record past no ceiling that binds it stays, where there is more to say."""
    chosen = [c for c in rules.ceilings if c.unless_consent]
    chosen += [each.ceiling for each in rules.older if each.free]
    if any(_is_due(c, record, rules, now) for c in chosen):
        return "consent"
    limits = (*rules.ceilings, *(each.ceiling for each in rules.older))
    if limits and not any(c.event in record.clocks for c in limits):
        return "event"
    return None


def _because(
    record: Record,
    rules: Rules,
    binds: list[Ceiling],
    due: list[Ceiling],
    floors: tuple[Floor, ...],
    suspended: tuple[str, ...],
    reason: KeepReason | None,
) -> list[str]:
    """One sentence for each rule that had a say, the winner first."""
    said = []
    if suspended:
        said.append(f"suspended by {words.names(f'hold {h}' for h in suspended)}")
    if reason == "tenant":
        said.append("not touched: whose customer's record this is is not known")
    said += [_floor_sentence(f, record, rules) for f in _latest_first(floors, record, rules)]
    ended = [c for c in binds if c.event in record.clocks]
    ended.sort(key=lambda c: ceiling_end(c.period, record.clocks[c.event].start, rules.zone))
    said += [_ceiling_sentence(c, record, rules, c in due) for c in ended]
    for ceiling in binds:
        if ceiling.event not in record.clocks:
            said.append(f"{ceiling.event} has not happened: {words.ceiling(ceiling)}")
    for ceiling in rules.ceilings:
        if ceiling not in binds:
            said.append(
                f"the person consented to {ceiling.unless_consent}, so this does not bind: "
                f"{words.ceiling(ceiling)}"
            )
    for old in rules.older:
        if _free(old, record, rules):
            said.append(
                f"the person accepted edition {record.accepted} of the policy, so this does not "
                f"bind: {words.ceiling(old.ceiling)}"
            )
    if rules.forever and not binds:
        said.append(f"kept without a limit: {rules.forever.reason}")
    return said


def _latest_first(floors: tuple[Floor, ...], record: Record, rules: Rules) -> list[Floor]:
    """Rule 3: of several floors the latest end wins; one that has not begun outlasts all."""

    def end(floor: Floor) -> tuple[bool, float]:
        moment = _end(floor, record, rules)
        return (moment is None, 0.0 if moment is None else moment.timestamp())

    return sorted(floors, key=end, reverse=True)


def _floor_sentence(floor: Floor, record: Record, rules: Rules) -> str:
    end = _end(floor, record, rules)
    if end is None:
        return f"kept, because {floor.event} has not happened: floor {words.floor(floor)}"
    return f"kept until {words.last_day(end, rules.zone)}: floor {words.floor(floor)}"


def _ceiling_sentence(ceiling: Ceiling, record: Record, rules: Rules, is_due: bool) -> str:
    end = ceiling_end(ceiling.period, record.clocks[ceiling.event].start, rules.zone)
    asked = (i.customer for i in rules.instructions if i.ceiling is ceiling)
    source = next((f" (as {customer} instructed)" for customer in asked), "")
    if not source and ceiling not in rules.ceilings:
        before = (each for each in rules.older if each.ceiling is ceiling)
        source = next((f" ({older.words(rules.collection, each)})" for each in before), "")
    state = "due" if is_due else "to go"
    return f"{state} on {words.day(end, rules.zone)}: {words.ceiling(ceiling)}{source}"
