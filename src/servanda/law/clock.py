"""One deadline, computed and explained: what the law allows, and the cautious date to act by.

The danger: a date later than the law's, on which a person's right is then broken. So there are two:
`statutory_due` is the best reading of the law, `safe_due` the most cautious one, and alerts use
that. The law is the one in force when the request arrived. Every example of the sources is a
test (tests/law/test_clock.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.law.days import later, rolled
from servanda.law.facts import MARKS, Deadline, in_force
from servanda.law.tables import Place

EVENTS: Mapping[str, str] = {
    "identity_received": "what confirms the identity arrived",
    "fee_paid": "the fee was paid",
    "scope_asked": "we asked what is meant",
    "scope_answered": "the person said what is meant",
    "extended": "the person was told that it takes longer, and why",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Dates are whole days at the place; for hours they are instants (UTC). `first_due`: the end
    before an extension. `waiting`: an answer is outstanding that stops the clock; then the dates
    are those of an answer on the day it was asked for."""

    place: str
    what: str
    statutory_due: date | datetime
    safe_due: date | datetime
    first_due: date | datetime
    steps: tuple[str, ...]
    rule: Deadline
    waiting: bool = False

    @property
    def verified(self) -> bool:
        return self.rule.verified


def clock(
    place: Place, what: str, begun: date | datetime, events: Mapping[str, date] | None = None
) -> Clock:
    """The deadline for `what` (a right, or a report such as `breach_regulator`).

    `begun`: the day it was received or, for hours, the moment (aware) we knew. `events`: see
    `EVENTS`. UsageError where the law of that day has no such deadline, or the events make no
    sense.
    """
    events = _checked(events or {}, begun)
    day = begun.astimezone(place.zone).date() if isinstance(begun, datetime) else begun
    rule = _rule(place, what, day)
    said = [_quoted(rule)]
    if rule.unit == "hours":
        return _hours(place, what, rule, begun, said)
    start = _start(rule, day, events, said)
    pause, waiting = _pause(rule, events, said)
    first = _ended(place, rule, later(start, rule.n, rule.unit, place), pause, said)
    due, raw = first, later(start, rule.n, rule.unit, place)
    if "extended" in events:
        due, raw = _extended(place, rule, start, first, pause, events["extended"], said)
    safe = raw - timedelta(days=rule.less)
    less = ", and a day earlier" if rule.less else ""
    said.append(f"act by {_day(safe)}: without pause, without a move off a day off{less}")
    return Clock(place.code, what, due, safe, first, tuple(said), rule, waiting)


def _rule(place: Place, what: str, on: date) -> Deadline:
    known = in_force(place.law.clocks, on)
    for rule in known:
        if what in rule.what:
            return rule
    for other in in_force(place.law.instead, on):
        if other.right == what:
            raise UsageError(
                f"the law of {place.name} counts no days for {what}: {other.says}",
                f"ask for {' or '.join(other.by)}",
            )
    names = [each for rule in known for each in rule.what]
    if not place.law.rights and what not in names:
        raise UsageError(
            f"the law of {place.name} sets no deadline for {what}",
            "what the policy promises binds instead",
        )
    raise UsageError(
        f'the law of {place.name} had no deadline for "{what[:40]}" on {on}',
        did_you_mean(what, names),
    )


def _checked(events: Mapping[str, date], begun: date | datetime) -> Mapping[str, date]:
    first = begun.date() if isinstance(begun, datetime) else begun
    for name, day in events.items():
        if name not in EVENTS:
            raise UsageError(f'unknown event "{name[:40]}"', did_you_mean(name, EVENTS))
        if day < first:
            raise UsageError(f"{name} lies before the request arrived", "check the dates")
    if "scope_answered" in events and events["scope_answered"] < events.get(
        "scope_asked", date.max
    ):
        raise UsageError("scope_answered needs an earlier scope_asked", "add the day we asked")
    return events


def _quoted(rule: Deadline) -> str:
    since = rule.start.replace("_", " ")
    return f"{rule.source}: {rule.long} from {since} ({MARKS[rule.mark]})"


def _start(rule: Deadline, day: date, events: Mapping[str, date], said: list[str]) -> date:
    said.append(f"arrived {_day(day)}; that day does not count")
    if rule.start != "relevant_time":
        return day
    for name in ("identity_received", "fee_paid"):
        if name in events and events[name] > day:
            day = events[name]
            said.append(f"begins anew {_day(day)}: {EVENTS[name]}")
    return day


def _pause(rule: Deadline, events: Mapping[str, date], said: list[str]) -> tuple[int, bool]:
    asked = events.get("scope_asked")
    if asked is None:
        return 0, False
    if not rule.pause:
        said.append("asking what is meant does not stop this clock")
        return 0, False
    answered = events.get("scope_answered")
    if answered is None:
        said.append(f"stands still since {_day(asked)}, until the person says what is meant")
        return 0, True
    days = (answered - asked).days + 1
    said.append(f"stood still for {days} days, from {_day(asked)} to {_day(answered)}")
    return days, False


def _ended(place: Place, rule: Deadline, raw: date, pause: int, said: list[str]) -> date:
    ends = raw + timedelta(days=pause)
    due = rolled(ends, rule.roll, place)
    said.append(f"ends {_day(ends)}")
    if due != ends:
        said.append(f"which is a day off in {place.name}, so it ends {_day(due)}")
    return due


def _extended(
    place: Place,
    rule: Deadline,
    start: date,
    first: date,
    pause: int,
    told: date,
    said: list[str],
) -> tuple[date, date]:
    """The extended end, and the same without pause and move. It counts from the start."""
    if rule.longer is None:
        raise UsageError(f"the law of {place.name} allows no longer period here", "answer by then")
    if told > first:
        raise UsageError(
            f"the person was told on {told} that it takes longer, after {first}",
            "an extension must be told before the first date",
        )
    more = rule.longer
    if more.unit == rule.unit:
        raw = later(start, rule.n + more.n, rule.unit, place)
    else:
        raw = later(later(start, rule.n, rule.unit, place), more.n, more.unit, place)
    said.append(f"extended by {more.n} {more.unit}, told {_day(told)}")
    return _ended(place, rule, raw, pause, said), raw


def _hours(
    place: Place, what: str, rule: Deadline, begun: date | datetime, said: list[str]
) -> Clock:
    if not isinstance(begun, datetime) or begun.tzinfo is None:
        raise UsageError("hours count from a moment", "write it as 2026-11-20T16:40:00+00:00")
    moment = begun.astimezone(UTC)
    safe = moment + timedelta(hours=rule.n)
    due = safe
    if rule.whole_hours and (moment.minute or moment.second or moment.microsecond):
        due = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=rule.n + 1)
        said.append("the hour of the event does not count; weekends do")
    said.append(f"act by {safe:%Y-%m-%d %H:%M} UTC, latest {due:%Y-%m-%d %H:%M} UTC")
    return Clock(place.code, what, due, safe, due, tuple(said), rule)


def _day(day: date) -> str:
    return f"{day:%a} {day.isoformat()}"
