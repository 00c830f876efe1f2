"""What is wrong with one submission. Pure: it reads nothing, and keeps nothing.

The danger: data taken that the policy does not declare, and a refusal that repeats the very thing
it refused. What guards it: every field is held against the form, none is passed over in silence; a
refusal names the field and what to do, and never what was in it. A name that is no name of a field
may be somebody's data itself, so it is not repeated either. Tests: tests/desk/test_intake.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from servanda.kernel import cards
from servanda.kernel.age import years
from servanda.policy import vocabulary
from servanda.policy.rules import Activity, Form, Policy

Kind = Literal["undeclared", "missing", "card", "sensitive", "age", "source"]
KINDS: tuple[Kind, ...] = ("undeclared", "missing", "card", "sensitive", "age", "source")
CARD = "pay.card_number"
OLDEST = 130
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_SOURCE = 300
_LARGEST = 2**53

CARD_WHY = "it holds what looks like the number of a payment card, and none is kept here"
CARD_NEXT = "leave the number out; pay through the payment provider"


@dataclass(frozen=True, slots=True)
class Consent:
    """Explicit consent, given with the data: to what purpose, and which words were shown (SHA-256
    of the notice as UTF-8, and its language)."""

    purpose: str
    notice: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Submission:
    """`source` and `basis`: of data that comes from somebody else than the person."""

    form: str
    fields: Mapping[str, Any] = field(repr=False)
    age: int | None = None
    born: date | None = None
    parent_consents: bool = False
    consent: Consent | None = None
    source: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it is not taken. `field`: its name, or blank where it is about the whole."""

    kind: Kind
    field: str
    why: str
    next: str

    def __str__(self) -> str:
        about = f"{self.field}: " if self.field else ""
        return f"{about}{self.why}; {self.next}"


def check(policy: Policy, told: Submission, today: date) -> list[Refusal]:
    """Everything that is wrong; nothing where it may be taken. The form is one of the policy's."""
    form = policy.form(told.form)
    activity = policy.activity(form.activity) if form else None
    if form is None or activity is None:
        raise LookupError("a form of the policy, whose activity is there")
    return [
        *_fields(form, told),
        *_cards(form, told),
        *_sensitive(form, activity, told),
        *_age(policy, form, told, today),
        *_source(form, told),
    ]


def shown(name: str) -> str:
    """A field's name as it may be repeated: what is no name may be data."""
    return name if _NAME.fullmatch(name) and not cards.there(name) else "(a field)"


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def too_young(policy: Policy, told: Submission, today: date) -> bool:
    """Whether it is a child's, and no parent consented. False where no age was told."""
    age = age_of(told, today)
    limit = policy.children_below
    return age is not None and limit is not None and age < limit and not told.parent_consents


def age_of(told: Submission, today: date) -> int | None:
    """The younger of what was said, where both were."""
    said = [] if told.age is None else [told.age]
    if told.born is not None:
        said.append(years(told.born, today))
    return min(said, default=None)


def texts(value: Any) -> Iterator[str]:
    """Everything in a value that may be a text, or a number written as one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
        yield " ".join(str(each) for each in value if isinstance(each, str | int))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield format(value, "f").removesuffix(".000000")


def _fields(form: Form, told: Submission) -> Iterator[Refusal]:
    for name, value in told.fields.items():
        declared = form.field(name)
        if declared is None:
            yield Refusal(
                "undeclared",
                shown(name),
                "the policy does not declare this field",
                f"take it out, or declare it under forms.{form.id}.fields",
            )
        elif isinstance(value, Mapping) or _deep(value):
            yield Refusal(
                "undeclared",
                name,
                "it holds fields of its own, which the policy does not declare",
                "send one value, or a list of values",
            )
        elif isinstance(value, int) and abs(value) > _LARGEST:
            yield Refusal(
                "undeclared", name, "not every program reads such a number alike", "send it as text"
            )
    for each in form.fields:
        if each.required and blank(told.fields.get(each.name)):
            yield Refusal("missing", each.name, "it is empty", "fill it in")


def _deep(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, list | dict) for each in value)


def _cards(form: Form, told: Submission) -> Iterator[Refusal]:
    for name, value in told.fields.items():
        if _card_field(form, name):
            continue
        if any(cards.there(each) for each in (*texts(value), name)):
            yield Refusal("card", shown(name), CARD_WHY, CARD_NEXT)
    split = (" ".join(texts(v)) for name, v in told.fields.items() if not _card_field(form, name))
    if cards.there(" ".join(split)) and not any(
        cards.there(each) for value in told.fields.values() for each in texts(value)
    ):
        yield Refusal("card", "several fields", CARD_WHY, CARD_NEXT)
    if cards.there(told.source):
        yield Refusal("card", "source", CARD_WHY, CARD_NEXT)


def _card_field(form: Form, name: str) -> bool:
    declared = form.field(name)
    return declared is not None and vocabulary.covers(CARD, declared.category)


def _sensitive(form: Form, activity: Activity, told: Submission) -> Iterator[Refusal]:
    """Explicit consent counts for a purpose of this form's activity, with the words it was given
    to."""
    consent, known = told.consent, ", ".join(activity.purposes)
    if consent is not None:
        if consent.purpose not in activity.purposes:
            yield Refusal("sensitive", "consent", "it is for another purpose", f"one of {known}")
        if not _SHA256.fullmatch(consent.notice):
            yield Refusal(
                "sensitive",
                "consent",
                "it does not say which words were shown",
                "send `notice`: their SHA-256 as 64 hex digits",
            )
        return
    for each in form.fields:
        if not vocabulary.sensitive(each.category) or blank(told.fields.get(each.name)):
            continue
        yield Refusal(
            "sensitive",
            each.name,
            "it is sensitive, and no explicit consent came with it",
            "ask for it, and send `consent` with the purpose and the SHA-256 of the words shown; "
            f"purposes: {known}",
        )


def _age(policy: Policy, form: Form, told: Submission, today: date) -> Iterator[Refusal]:
    age = age_of(told, today)
    if age is None and form.asks_age:
        yield Refusal("age", "", "it does not say how old the person is", "send `age` or `born`")
    elif age is not None and not 0 <= age <= OLDEST:
        yield Refusal("age", "", "that cannot be an age", "send years, or the day of birth")
    elif too_young(policy, told, today):
        yield Refusal(
            "age",
            "",
            f"the person is under {policy.children_below}, and no parent consented",
            "ask a parent or guardian; nothing was kept",
        )


def _source(form: Form, told: Submission) -> Iterator[Refusal]:
    if form.third_party and not told.source.strip():
        yield Refusal("source", "source", "it does not say where the data comes from", "say it")
    if len(told.source) > _LONGEST_SOURCE:
        most = f"at most {_LONGEST_SOURCE} signs"
        yield Refusal("source", "source", "it is too long", most)
    known = vocabulary.terms("basis")
    if told.basis not in known and (form.third_party or told.basis):
        yield Refusal(
            "source",
            "basis",
            "it does not say on what basis the data was given on",
            f"one of {', '.join(known)}",
        )
