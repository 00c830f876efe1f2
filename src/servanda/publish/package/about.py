"""What a person must be told beside the data: why we hold it, who gets it, how long, from where.

The points of article 15(1) and (2) of the GDPR, which other laws ask for in part, taken from the
policy alone; so the package says what the policy says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servanda.kernel.period import Period
from servanda.plan.words import names
from servanda.policy.rules import Activity, Ceiling, Policy, Recipient
from servanda.policy.vocabulary import Kind, country_of, terms

_SOURCE = "from you, and from your use of our services"
_OUTCOME = {
    "delete": "deleted",
    "anonymise": "made anonymous",
    "archive": "archived",
    "return": "returned",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One line: `label` and what there is to say of it."""

    label: str
    says: tuple[str, ...]


def title(activity: str) -> str:
    """`call-recording` reads `Call recording`."""
    words = activity.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def points(policy: Policy, activity: Activity) -> tuple[Point, ...]:
    return (
        Point("What it is for", tuple(label("purpose", each) for each in activity.purposes)),
        Point("What makes it lawful", (label("basis", activity.basis),)),
        Point("Kinds of data", tuple(label("data", each) for each in activity.data)),
        Point("Who gets it", _recipients(policy, activity)),
        Point("How long it is kept", _retention(activity)),
        Point("Where it comes from", (activity.source or _SOURCE,)),
        Point(
            "Decisions made by machines alone",
            (activity.automated or "None are made with it.",),
        ),
    )


def joined(says: Sequence[str]) -> str:
    """In one line: sentences one after the other, words apart by semicolons."""
    return "; ".join(says).replace(".; ", ". ")


def label(kind: Kind, id_: str) -> str:
    """A word of the policy's vocabulary in plain English."""
    term = terms(kind).get(id_)
    return term.label if term else id_.replace("_", " ")


def _recipients(policy: Policy, activity: Activity) -> tuple[str, ...]:
    found = [each for each in policy.recipients if each.id in activity.recipients]
    return tuple(_recipient(each) for each in found) or ("Nobody outside our company.",)


def _recipient(each: Recipient) -> str:
    country = country_of(each.country)
    where = country.name if country else each.country
    said = f"{each.name} ({label('recipient', each.kind)}, {where})"
    if each.transfer:
        said += f"; safeguard for the transfer: {label('transfer', each.transfer)}"
    return said


def _retention(activity: Activity) -> tuple[str, ...]:
    retention = activity.retention
    if retention is None:
        return ("The policy names no period.",)
    said = [_ceiling(each) for each in retention.ceilings]
    for floor in retention.floors:
        covers = names([label("data", each) for each in floor.covers]) or "All of it"
        said.append(
            f"{covers}: at least {floor.period} after {label('event', floor.event)}, "
            f"because of {floor.ground}."
        )
    if retention.forever:
        said.append(f"Without an end: {retention.forever.reason}")
    return tuple(said)


def _ceiling(rule: Ceiling) -> str:
    after = label("event", rule.event)
    text = f"At most {rule.period} after {after}, then {_OUTCOME[rule.outcome]}"
    if rule.period == Period():
        text = f"{_OUTCOME[rule.outcome].capitalize()} at once after {after}"
    if rule.unless_consent:
        text += f", unless you agreed to {label('purpose', rule.unless_consent)}"
    return f"{text}."
