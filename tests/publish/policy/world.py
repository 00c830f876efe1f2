"""A policy in which nearly every key of the language is used, and a policy of any variation of it.

`variants` gives the policy once for every fact in it, with that fact changed: what no form shows is
found by it, whatever is added to the language later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from servanda import policy as language
from servanda.kernel.period import Period
from servanda.policy.rules import Policy, Right
from servanda.policy.vocabulary import Kind, terms
from servanda.publish.policy import Document, Earlier, Facts, document

ROOT = Path(__file__).resolve().parents[3]
FULL = ROOT / "tests" / "policy" / "full.yaml"
TODAY = date(2026, 11, 28)
EDITION = Facts(
    3,
    date(2026, 11, 20),
    date(2026, 12, 4),
    (
        Earlier(1, date(2025, 1, 2), date(2025, 1, 3)),
        Earlier(2, date(2026, 2, 1), date(2026, 2, 15)),
    ),
)

# Facts that no form shows, and why.
NOT_SHOWN = {
    ("Policy", "source"): "the file as it was read; its facts are shown",
    ("Policy", "digest"): "of the file's meaning, not of what people read",
    ("Promise", "kept_by"): "how it is kept is on the board, not in the policy",
    ("Promise", "planned"): "as kept_by",
    ("Promise", "how"): "as kept_by",
    ("Promise", "owner"): "as kept_by",
    ("Promise", "id"): "an address within the page; the sentence is shown",
    ("Recipient", "id"): "its name is shown",
    ("Message", "id"): "what it tells is shown",
    ("Right", "id"): "a kind, not a text: the sections show which there are",
}
_KINDS: dict[tuple[str, str], Kind] = {
    ("Activity", "purposes"): "purpose",
    ("Activity", "basis"): "basis",
    ("Activity", "subjects"): "subject",
    ("Activity", "data"): "data",
    ("Recipient", "kind"): "recipient",
    ("Recipient", "transfer"): "transfer",
    ("ConsentPoint", "purpose"): "purpose",
    ("Message", "purpose"): "purpose",
    ("Field", "category"): "data",
    ("Ceiling", "event"): "event",
    ("Ceiling", "unless_consent"): "purpose",
    ("Floor", "event"): "event",
    ("Floor", "covers"): "data",
}
_CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("Activity", "role"): ("controller", "processor", "joint_controller"),
    ("Activity", "recipients"): ("voip-host", "cloud"),
    ("Cookie", "category"): ("necessary", "advertising"),
    ("Cookie", "by"): ("cloud", "voip-host"),
    ("Form", "activity"): ("enquiries", "minutes"),
    ("Ceiling", "outcome"): ("delete", "anonymise", "archive"),
    ("Message", "kind"): ("service", "marketing"),
    ("ConsentPoint", "channels"): ("email", "phone", "sms"),
    ("Changes", "tell"): ("banner", "email", "portal"),
    ("Recipient", "contract_signed"): ("2025-04-01", "2024-03-02"),
    ("Recipient", "country"): ("GB", "KE", "FR"),
    ("Policy", "country"): ("GB-NIR", "KE"),
    ("Policy", "jurisdictions"): ("GB-NIR", "KE"),
    ("Policy", "representatives"): ("EU", "JM"),
    ("Policy", "registrations"): ("GB", "JM"),
    ("Policy", "zone"): ("Europe/London", "Africa/Nairobi"),
    ("Promise", "section"): ("storage", "elsewhere"),
}

# Tuples of tuples, of which each holds what belongs together.
_PAIRS = [("Policy", "representatives"), ("Policy", "registrations"), ("Policy", "events")]


@cache
def full() -> Policy:
    """tests/policy/full.yaml, and what it lacks."""
    found = language.load(FULL, today=TODAY.isoformat()).policy
    assert found is not None
    first, *others = found.activities
    first = dataclasses.replace(
        first, source="from the caller and a directory", automated="Calls at night are dropped."
    )
    rights = tuple(
        dataclasses.replace(each, through="ask the desk", law_sooner="A law may be quicker.")
        for each in _rights(found)
    )
    return dataclasses.replace(found, activities=(first, *others), rights=rights)


def _rights(found: Policy) -> Iterator[Right]:
    for id_ in ("access", "erasure", "complaint"):
        yield Right(id_, Period(days=20), "", "", found.activities[0].place)


def doc(policy: Policy | None = None, edition: Facts | None = EDITION) -> Document:
    return document(policy or full(), TODAY, edition=edition)


def variants(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """Where the fact stands, and the policy with it changed."""
    yield from _changed(policy, ("Policy", ""), "policy")


def _changed(
    value: Any, at: tuple[str, str], path: str, beside: tuple[Any, ...] = ()
) -> Iterator[tuple[str, Any]]:
    if at in NOT_SHOWN:
        return
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Period):
        name = type(value).__name__
        for field in dataclasses.fields(value):
            if field.name == "place":
                continue  # where it stands in the file
            old = getattr(value, field.name)
            for inner, new in _changed(old, (name, field.name), f"{path}.{field.name}"):
                yield inner, dataclasses.replace(value, **{field.name: new})
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            for inner, new in _changed(each, at, f"{path}[{index}]", value):
                yield inner, (*value[:index], new, *value[index + 1 :])
        if len(value) > 1 and at not in _PAIRS:
            yield f"{path}[-]", value[:-1]
    else:
        yield from _other(value, at, path, beside)


def _other(
    value: Any, at: tuple[str, str], path: str, beside: tuple[Any, ...]
) -> Iterator[tuple[str, Any]]:
    match value:
        case Period():
            yield path, Period(days=value.days + 19)
        case bool():
            yield path, not value
        case int():
            yield path, value + 1
        case str() if value:
            choices = tuple(terms(_KINDS[at])) if at in _KINDS else _CHOICES.get(at, ())
            if value not in choices:
                yield path, f"{value} zz9"
                return
            others = [each for each in choices if each != value and each not in beside]
            yield from ((path, new) for new in others[:1])
        case _:  # None, or an empty text: there is nothing to change
            return
