"""The sentences of a plan: which rule, from when, and what it covers. Dates are ISO."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from servanda.plan import older
from servanda.plan.moments import ceiling_cutoff
from servanda.plan.retention import Rules
from servanda.policy.rules import Ceiling, Floor, Outcome
from servanda.stores.mapping import Erasure, Generalise, Pseudonym, SetNull, SetText

_DONE: dict[Outcome, str] = {
    "delete": "deleted",
    "anonymise": "anonymised",
    "archive": "archived",
    "return": "returned",
}


def day(moment: datetime, zone: tzinfo) -> str:
    """The local date; the calendar's end reads as `the end of time`."""
    if moment.year == 9999:
        return "the end of time"
    return moment.astimezone(zone).date().isoformat()


def last_day(end: datetime, zone: tzinfo) -> str:
    """The local date of the last moment before `end`."""
    return day(end - timedelta(microseconds=1), zone)


def count(number: int, noun: str = "record") -> str:
    """`1 record`, `12,345 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def names(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def ceiling(rule: Ceiling) -> str:
    text = f"at most {rule.period} after {rule.event}, then {_DONE[rule.outcome]}"
    if rule.unless_consent:
        text += f", unless the person consented to {rule.unless_consent}"
    return text


def floor(rule: Floor) -> str:
    covers = names(rule.covers) if rule.covers else "everything"
    return f"{rule.period} after {rule.event} ({rule.ground}), covers {covers}"


def due(rules: Rules, now: datetime, *outcomes: Outcome) -> tuple[str, ...]:
    """Why these records are due: each ceiling with the last day of its event it reaches."""
    sentences = []
    sources = [("", c) for c in rules.ceilings]
    sources += [(f" (as {i.customer} instructed)", i.ceiling) for i in rules.instructions]
    sources += [(f" ({older.words(rules.collection, each)})", each.ceiling) for each in rules.older]
    for source, rule in sources:
        cutoff = ceiling_cutoff(rule.period, now, rules.zone, rules.lead)
        if rule.outcome in outcomes and cutoff is not None:
            reach = f"reaches what was {rule.event} by {day(cutoff, rules.zone)}"
            sentences.append(f"{ceiling(rule)}{source}: {reach}")
    return tuple(sentences)


def change(name: str, erasure: Erasure) -> str:
    """`ip to its network`, `email to nothing`."""
    match erasure:
        case SetNull() | SetText(text=""):
            return f"{name} to nothing"
        case SetText(text):
            return f'{name} to "{text}"'
        case Generalise(to="number", step=step):
            return f"{name} to a multiple of {step}"
        case Generalise(to="ip"):
            return f"{name} to its network"
        case Generalise(to="postcode"):
            return f"{name} to its district"
        case Generalise(to=unit):
            return f"{name} to its {unit}"
        case Pseudonym(ending):
            kept = ", the same for the file's own name" if ending else ""
            return f"{name} to a keyed pseudonym{kept}"
