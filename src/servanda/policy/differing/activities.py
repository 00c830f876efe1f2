"""What data is used for: activities, their purposes, categories, recipients, bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from servanda.policy.differing import retention
from servanda.policy.differing.model import Difference, capital, gained, names, term, title
from servanda.policy.rules import Activity, Policy, Retention
from servanda.policy.vocabulary import Kind, covers

_ROLES = {
    "controller": "we decide about it ourselves",
    "processor": "a customer decides about it",
    "joint_controller": "we decide about it together with others",
}


def compare(old: Policy, new: Policy) -> Iterator[Difference]:
    before = {each.id: each for each in old.activities}
    after = {each.id: each for each in new.activities}
    known = {purpose for each in old.activities for purpose in each.purposes}
    for id_, activity in after.items():
        if id_ in before:
            yield from _one(before[id_], activity, known, _recipients(old), _recipients(new))
        else:
            yield _added(activity, known)
    for id_ in before:
        if id_ not in after:
            words = f"We do not use data for {title(id_)} any more; its rules are gone."
            yield Difference("activities", words, _lost(before[id_]))


def _recipients(policy: Policy) -> dict[str, str]:
    return {each.id: each.name for each in policy.recipients}


def _lost(activity: Activity) -> tuple[str, ...]:
    """Without the activity nothing says any more when its data goes."""
    limited = activity.retention is not None and activity.retention.ceilings
    return (f"ceiling:{activity.id}",) if limited else ()


def _added(activity: Activity, known: set[str]) -> Difference:
    data = names(term("data", each) for each in activity.data)
    purposes = names(term("purpose", each) for each in activity.purposes)
    words = f"New: {title(activity.id)}. We use {data} for {purposes}."
    reasons = [_purpose(each, activity.id, known) for each in activity.purposes]
    reasons += [f"category:{each}@{activity.id}" for each in activity.data]
    reasons += [f"recipient:{each}@{activity.id}" for each in activity.recipients]
    if activity.automated:
        words += f" Machines alone decide: {activity.automated.rstrip('.')}."
        reasons.append(f"automated:{activity.id}")
    return Difference("activities", words, (f"activity:{activity.id}", *reasons))


def _purpose(purpose: str, activity: str, known: set[str]) -> str:
    return f"purpose:{purpose}@{activity}" if purpose in known else f"purpose:{purpose}"


def _one(
    old: Activity,
    new: Activity,
    known: set[str],
    were: dict[str, str],
    are: dict[str, str],
) -> Iterator[Difference]:
    name = title(new.id)
    for each in gained(old.purposes, new.purposes):
        words = f"{capital(name)} now also serves {term('purpose', each)}."
        yield Difference("purposes", words, (_purpose(each, new.id, known),))
    for each in gained(new.purposes, old.purposes):
        yield Difference("purposes", f"{capital(name)} serves {term('purpose', each)} no more.")
    yield from _members("categories", "data", old.data, new.data, name, new.id)
    yield from _members("subjects", "subject", old.subjects, new.subjects, name, new.id)
    for each in gained(old.recipients, new.recipients):
        words = f"{are.get(each, each)} now gets data of {name}."
        yield Difference("recipients", words, (f"recipient:{each}@{new.id}",))
    for each in gained(new.recipients, old.recipients):
        words = f"{were.get(each, each)} gets no data of {name} any more."
        yield Difference("recipients", words)
    yield from _alone(old, new, name)
    yield from retention.compare(new.id, old.retention, new.retention)
    yield from _order(old, new, name)


def _members(
    about: str, kind: Kind, old: tuple[str, ...], new: tuple[str, ...], name: str, id_: str
) -> Iterator[Difference]:
    whose = "data of " if kind == "subject" else ""
    token = "subject" if kind == "subject" else "category"
    for each in gained(old, new):
        inside = kind == "data" and any(covers(wide, each) for wide in old)
        reasons = () if inside else (f"{token}:{each}@{id_}",)
        words = f"{capital(name)} now uses {whose}{term(kind, each)}."
        yield Difference(about, words, reasons)
    for each in gained(new, old):
        yield Difference(about, f"{capital(name)} uses no {whose}{term(kind, each)} any more.")


def _alone(old: Activity, new: Activity, name: str) -> Iterator[Difference]:
    if old.basis != new.basis:
        was, now = term("basis", old.basis), term("basis", new.basis)
        words = f"What makes {name} lawful changed from {was} to {now}."
        dropped = (f"consent:{new.id}",) if old.basis.startswith("consent") else ()
        yield Difference("bases", words, (f"basis:{new.id}", *dropped))
    if old.role != new.role:
        words = f"Who decides about {name} changed: {_ROLES[old.role]} before, {_ROLES[new.role]}."
        yield Difference("activities", words, (f"role:{new.id}",))
    if old.source != new.source:
        before = old.source.rstrip(".") or "the people themselves"
        now = new.source.rstrip(".") or "the people themselves"
        words = f"Data of {name} came from {before}; it now comes from {now}."
        yield Difference("sources", words, (f"source:{new.id}",) if new.source else ())
    if old.automated != new.automated:
        if not new.automated:
            yield Difference("decisions", f"Machines alone decide nothing in {name} any more.")
        else:
            words = f"Machines alone decide in {name}: {new.automated.rstrip('.')}."
            yield Difference("decisions", words, (f"automated:{new.id}",))


def _order(old: Activity, new: Activity, name: str) -> Iterator[Difference]:
    """The same words in another order, or one of them twice: said, and of no weight."""
    if old == replace(new, place=old.place) or _plain(old) != _plain(new):
        return
    yield Difference("wording", f"The words about {name} stand in another order.")


def _plain(each: Activity) -> tuple[object, ...]:
    kept = each.retention or Retention(())
    return (
        *map(frozenset, (each.purposes, each.data, each.subjects, each.recipients)),
        *(each.basis, each.role, each.source, each.automated, kept.forever),
        *map(frozenset, (kept.ceilings, kept.floors)),
    )
