"""When a request must be answered: the laws that apply and the policy's promise, explained.

The danger: a date too late. So of several laws the earliest date counts, and the promise where it
is earlier still. `due` is what binds: the day after it, a promise or a law is broken. `safe_due` is
the day to act by, never later than `due`. Guarded by tests/policy/test_due.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from servanda import law
from servanda.kernel.errors import UsageError
from servanda.policy import vocabulary
from servanda.policy.rights import promised_by
from servanda.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class Due:
    """`place` is whose law binds first ("" where none sets a time), `places` all that apply.

    Dates are None where neither a law nor the promise counts days. `verified`: every law used was
    read in its own text. `waiting`: an answer of the person is outstanding that stops the clock.
    `extend_by`: the last day to tell the person that it takes longer. `sources`: the provisions.
    """

    right: str
    place: str
    places: tuple[str, ...]
    statutory_due: date | None
    safe_due: date | None
    promised: date | None
    due: date | None
    extend_by: date | None
    steps: tuple[str, ...]
    verified: bool
    waiting: bool
    sources: tuple[str, ...]


def due(
    policy: Policy,
    place: str | None,
    right: str,
    received: date,
    events: Mapping[str, date] | None = None,
) -> Due:
    """The dates of a request that arrived on `received` from a person who lives in `place`.

    `place`: a code such as `KE` or `GB-NIR`; None where it is not known. `events`: see
    `law.EVENTS`. UsageError for an unknown right or place, or events that make no sense.
    """
    right = law.right_id(right)
    if place is not None and law.near(place) is None and vocabulary.country_of(place) is None:
        raise UsageError(f'no place has the code "{place[:40]}"', "write it as KE, GB-NIR or EU-DE")
    applying = law.reasons(place, policy.jurisdictions, home=policy.country, on=received)
    said: list[str] = [*_unknown(place)]
    clocks = []
    for each in applying:
        said.append(f"{each.place.name}: {each.why}")
        clocks.extend(_clocks(each.place, right, received, events or {}, said))
    if not applying:
        said.append("no law is known for this request; what the policy promises binds")
    lawful = min((_day(each.statutory_due) for each in clocks), default=None)
    safe = min((_day(each.safe_due) for each in clocks), default=None)
    promised = _promised(policy, right, received, said)
    first = min(clocks, key=lambda each: _day(each.safe_due), default=None)
    binds = _earliest(lawful, promised)
    said.append(_binding(lawful, promised, first.place if first else ""))
    return Due(
        right=right,
        place=first.place if first else "",
        places=tuple(each.place.code for each in applying),
        statutory_due=lawful,
        safe_due=_earliest(safe, promised),
        promised=promised,
        due=binds,
        extend_by=min((_day(c.first_due) for c in clocks if c.rule.longer), default=None),
        steps=tuple(said),
        verified=all(each.verified for each in clocks),
        waiting=any(each.waiting for each in clocks),
        sources=tuple(each.rule.source for each in clocks),
    )


def _clocks(
    place: law.Place, right: str, received: date, events: Mapping[str, date], said: list[str]
) -> list[law.Clock]:
    """The clocks of one law: its own for the right, or of the rights by which it is reached."""
    found = []
    for what in _names(place, right, received, said):
        rules = [r for r in place.law.clocks if what in r.what and r.in_force(received)]
        if not rules:
            continue
        kept = dict(events)
        if "extended" in kept and rules[0].longer is None:
            kept.pop("extended")
            said.append(f"the law of {place.name} allows no longer period")
        clock = law.clock(place, what, received, kept)
        said.extend(clock.steps)
        found.append(clock)
    prompt = law.prompt(place, right, received)
    if prompt is not None:
        said.append(f"{prompt.source}: {prompt.says}")
    return found


def _names(place: law.Place, right: str, received: date, said: list[str]) -> tuple[str, ...]:
    timed = {what for r in place.law.clocks if r.in_force(received) for what in r.what}
    other = law.instead(place, right, received)
    if other is not None:
        said.append(f"{other.source}: {other.says}")
        return (right,) if right in timed else other.by
    if law.right(place, right, received) is None and right not in timed:
        said.append(f"the law of {place.name} has no such right; what the policy promises binds")
    return (right,)


def _promised(policy: Policy, right: str, received: date, said: list[str]) -> date | None:
    promise = policy.right(right)
    if promise is None or promise.answer_within is None:
        said.append("the policy promises no time of its own")
        return None
    ends = promised_by(promise.answer_within, received)
    said.append(f"the policy promises {promise.answer_within}: {ends:%a} {ends}")
    return ends


def _unknown(place: str | None) -> list[str]:
    if place is None:
        return ["where the person lives is not known, so every law the policy names counts"]
    if law.near(place) is None:
        return [f"no law of {place} is known here; have a lawyer check it"]
    return []


def _binding(lawful: date | None, promised: date | None, place: str) -> str:
    if lawful is None and promised is None:
        return "nobody counts days here: answer without delay"
    if lawful is None or (promised is not None and promised < lawful):
        return f"the promise binds: {promised:%a} {promised}"
    return f"the law binds ({place}): {lawful:%a} {lawful}"


def _earliest(*days: date | None) -> date | None:
    return min((each for each in days if each is not None), default=None)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
