"""Every change of a policy is said, and what takes something from people is called material."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda import policy as language
from servanda.kernel.errors import Place
from servanda.kernel.period import Period
from servanda.policy.differing import differences, new_purposes, reasons, still_bound
from servanda.policy.rules import Ceiling, Policy, Retention

BARE = (Path(__file__).parent / "full.yaml").read_text("utf-8")
RIGHTS = """\
rights:
  access: {answer_within: 20 days, through: the portal}
  erasure: {through: the portal}
"""
FULL = BARE + RIGHTS
UNSAID = {"digest", "source", "place"}


@cache
def full() -> Policy:
    return loaded(FULL)


def loaded(text: str) -> Policy:
    draft = text.encode()
    return language.load(Path("policy.yaml"), draft=draft, today="2026-11-23").require()


def changed(old: str, new: str) -> tuple[str, ...]:
    """Why this change of the full policy is material; it must be said in any case."""
    assert old in FULL, old
    found = differences(full(), loaded(FULL.replace(old, new)))
    assert found
    return reasons(found)


# ── totality ──────────────────────────────────────────────────────────────────────────────────


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every part of a compiled policy that somebody could change."""
    found = [path] if path else []
    if is_dataclass(value) and not isinstance(value, Period | Place | type):
        for each in fields(value):
            if each.name not in UNSAID:
                found += places(getattr(value, each.name), (*path, each.name))
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            found += places(each, (*path, number))
    return found


def value_at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else at that place."""
    if not path:
        return new
    step, *rest = path
    if isinstance(step, int):
        inner = put(value[step], tuple(rest), new)
        return (*value[:step], inner, *value[step + 1 :])
    return replace(value, **{step: put(getattr(value, step), tuple(rest), new)})


def others(value: Any) -> list[Any]:
    """What could stand there instead."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case str():
            return [f"{value} x", *([] if not value else [value[:-1] or "y"])]
        case Period():
            return [replace(value, days=value.days + 1), Period(hours=1)]
        case tuple() if value:
            return [(), value[1:], value[:-1]]
        case _:
            return []


PLACES = places(full())


def nobody_reads(path: tuple[Any, ...], new: Any) -> bool:
    """What the language does not have: another outcome or role, half of a pair."""
    word = isinstance(new, str) and path[-1] in ("outcome", "role")
    pair = isinstance(new, tuple) and path[0] in ("representatives", "registrations", "events")
    return word or (pair and len(path) == 2)


def test_nothing_changed() -> None:
    assert differences(full(), full()) == ()
    assert len(PLACES) > 200


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_each_change_is_said(path: tuple[Any, ...]) -> None:
    for new in others(value_at(full(), path)):
        if nobody_reads(path, new):
            continue
        other = put(full(), path, new)
        for one, two in ((full(), other), (other, full())):
            found = differences(one, two)
            assert found, f"{path}: {value_at(full(), path)!r} became {new!r}"
            assert all(each.says.strip().endswith((".", '"')) for each in found), found
            assert not any("None" in each.says or "Period(" in each.says for each in found)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_several_changes_at_once(data: Any) -> None:
    other, touched = full(), 0
    chosen = st.lists(st.integers(0, len(PLACES) - 1), min_size=1, max_size=4)
    for path in (PLACES[number] for number in data.draw(chosen)):
        try:
            new = data.draw(st.sampled_from(others(value_at(other, path)) or [None]))
        except (IndexError, AttributeError, TypeError):
            continue  # an earlier change took that part away
        if new is not None and not nobody_reads(path, new):
            other, touched = put(other, path, new), touched + 1
    assert bool(differences(full(), other)) == (other != full())


def test_an_added_or_removed_section_is_said() -> None:
    for each in fields(Policy):
        value = getattr(full(), each.name)
        if each.name in UNSAID or not (isinstance(value, tuple) or is_dataclass(value)):
            continue
        without = put(full(), (each.name,), () if isinstance(value, tuple) else None)
        assert differences(full(), without), each.name
        assert differences(without, full()), each.name


def test_order_alone_is_a_matter_of_wording() -> None:
    (found,) = differences(full(), loaded(FULL.replace("EU]", "EU]").replace(
        "[support, service_quality]", "[service_quality, support]"
    )))  # fmt: skip
    assert found.about == "wording" and not found.material


# ── what weighs ───────────────────────────────────────────────────────────────────────────────

MATERIAL = {
    "purpose": ("[support, service_quality]", "[support, service_quality, billing]",
                "purpose:billing@call-recording"),
    "new purpose": ("[support, service_quality]", "[support, service_quality, fraud]",
                    "purpose:fraud"),
    "category": ("[comms.call_recording, comms.call_log]",
                 "[comms.call_recording, comms.call_log, contact.phone]",
                 "category:contact.phone@call-recording"),
    "recipient": ("recipients: [voip-host, cloud]", "recipients: [voip-host, cloud, bank]",
                  "recipient:bank"),
    "country": ("kind: processor, country: GB,", "kind: processor, country: IE,",
                "country:IE@voip-host"),
    "transfer": ("transfer: idta", "transfer: bcr", "transfer:cloud"),
    "longer": ("{at_most: 12 months, after: hung_up", "{at_most: 13 months, after: hung_up",
               "ceiling:call-recording"),
    "another event": ("after: hung_up, then", "after: closed, then", "ceiling:call-recording"),
    "basis": ("basis: legitimate_interest\n    subjects: [caller]",
              "basis: contract\n    subjects: [caller]", "basis:call-recording"),
    "automated": ("    recipients: [voip-host, cloud]",
                  "    recipients: [voip-host, cloud]\n    automated: A machine ranks calls.",
                  "automated:call-recording"),
    "cookie": ("  _ga_*:", "  pixel: {category: advertising, purpose: ads, lasts: 1 day}\n  _ga_*:",
               "cookie:pixel"),
    "cookie longer": ("lasts: 13 months", "lasts: 14 months", "cookie:_ga_*"),
    "notice": ("notice: 14 days", "notice: 13 days", "changes"),
    "ways": ("tell: [banner, email, portal]", "tell: [banner, portal]", "changes"),
    "acceptance": ("consent: true", "consent: false", "changes"),
    "objection": ("objection: 30 days", "objection: 29 days", "changes"),
    "children": ("below: 13", "below: 12", "children"),
    "forever": ("{at_most: 12 months, after: hung_up, then: delete}", "{forever: we like it}",
                "ceiling:call-recording"),
    "consent counts longer": ("asks_again: 2 years", "asks_again: 3 years", "consent:marketing"),
    "promise": ("  JT-08: {says: We care., how: stated, owner: privacy lead}\n", "",
                "promise:JT-08"),
}  # fmt: skip
BANK = "  bank: {name: A Bank, kind: processor, country: GB}\n"
MINOR = {
    "shorter": ("{at_most: 12 months, after: hung_up", "{at_most: 11 months, after: hung_up"),
    "fewer categories": ("[comms.call_recording, comms.call_log]", "[comms.call_log]"),
    "fewer purposes": ("[support, service_quality]", "[support]"),
    "one recipient less": ("recipients: [voip-host, cloud]", "recipients: [cloud]"),
    "longer notice": ("notice: 14 days", "notice: 20 days"),
    "necessary cookie": ("  _ga_*:",
                         "  csrf: {category: necessary, purpose: x, lasts: 1 day}\n  _ga_*:"),
    "contact": ("contact: privacy@example.test", "contact: data@example.test"),
    "older children": ("below: 13", "below: 16"),
    "words": ("We care.", "We care a lot."),
    "a narrower word": ("[name, contact.email, contact.phone, comms]",
                        "[name, contact.email, contact.phone, comms, comms.call_log]"),
}  # fmt: skip


@pytest.mark.parametrize("name", MATERIAL)
def test_material(name: str) -> None:
    old, new, token = MATERIAL[name]
    if name == "recipient":
        text = FULL.replace(old, new).replace("recipients:\n", f"recipients:\n{BANK}", 1)
        found = reasons(differences(full(), loaded(text)))
        assert {token, "recipient:bank@call-recording"} <= set(found)
    else:
        assert token in changed(old, new)


@pytest.mark.parametrize("name", MINOR)
def test_minor(name: str) -> None:
    assert changed(*MINOR[name]) == ()


def test_a_lost_right_and_a_later_deadline() -> None:
    later = loaded(FULL.replace("20 days", "25 days"))
    assert reasons(differences(full(), later)) == ("deadline:access",)
    assert reasons(differences(later, full())) == ()
    assert reasons(differences(full(), loaded(BARE))) == ("right:access", "right:erasure")
    assert reasons(differences(loaded(BARE), full())) == ()
    silent = loaded(FULL.replace("answer_within: 20 days, ", ""))
    assert reasons(differences(full(), silent)) == ("deadline:access",)


def test_consent_that_is_dropped() -> None:
    text = FULL.replace(
        "purposes: [support]\n    basis: legitimate_interest",
        "purposes: [marketing]\n    basis: consent",
    ).replace("kind: service, purpose: support", "kind: service, purpose: billing")
    found = reasons(differences(loaded(text), loaded(text.replace(
        "purposes: [marketing]\n    basis: consent",
        "purposes: [marketing]\n    basis: legitimate_interest",
    ))))  # fmt: skip
    assert set(found) == {"basis:enquiries", "consent:enquiries"}


def test_new_purposes_are_those_of_no_activity() -> None:
    text = FULL.replace("[support, service_quality]", "[support, billing, fraud]")
    assert new_purposes(full(), loaded(text)) == ("fraud",)
    assert new_purposes(full(), full()) == ()


periods = st.builds(
    Period,
    months=st.integers(0, 40),
    days=st.integers(0, 60),
    hours=st.integers(0, 50),
)


@given(periods, periods)
def test_longer_is_material_and_shorter_is_not(old: Period, new: Period) -> None:
    rule = full().activities[0].retention
    assert rule is not None
    path = ("activities", 0, "retention", "ceilings", 0, "period")
    before, after = put(full(), path, old), put(full(), path, new)
    found = differences(before, after)
    assert bool(found) == (old != new)
    material = any(each.material for each in found)
    assert material == (not old.at_least_as_long_as(new))
    ceiling = Ceiling(old, "hung_up", "delete")
    assert still_bound(ceiling, Retention((replace(ceiling, period=new),))) != material


def test_a_purpose_that_needs_less_of_a_person_is_new() -> None:
    asked = FULL.replace(
        "purposes: [support]\n    basis: legitimate_interest",
        "purposes: [marketing]\n    basis: consent",
    ).replace("kind: service, purpose: support", "kind: service, purpose: billing")
    taken = asked.replace("[marketing]\n    basis: consent", "[marketing]\n    basis: contract")
    assert new_purposes(loaded(asked), loaded(taken)) == ("marketing",)
    assert new_purposes(loaded(taken), loaded(asked)) == (), "consent takes nothing"
    unasked = replace(loaded(taken), consents=())
    assert new_purposes(loaded(taken), unasked) == ("marketing",), "nobody is asked now"
    firm = FULL.replace("[support, service_quality]\n    basis: legitimate_interest",
                        "[support, service_quality]\n    basis: contract")  # fmt: skip
    assert new_purposes(full(), loaded(firm)) == ("support", "service_quality"), "no objecting now"
    assert new_purposes(loaded(firm), full()) == ()
