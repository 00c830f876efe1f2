"""What the law wants said: every notice has its check, and what is taken out is missed."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from servanda.law import jurisdictions
from servanda.law.notices import SAID, missing, notices, places, wanted
from servanda.policy.rules import Policy
from tests.publish.policy.world import full

TODAY = date(2026, 11, 28)


def lacking(policy: Policy, on: date = TODAY) -> set[tuple[str, str]]:
    return {(each.place, each.id) for each in missing(policy, on)}


def test_every_notice_has_a_check_a_place_and_a_source_and_stands_once() -> None:
    found = [(each.place, each.id) for each in notices()]
    assert len(found) == len(set(found))
    assert {id_ for _, id_ in found} == set(SAID)
    assert {place for place, _ in found} <= set(jurisdictions())
    assert all(each.source and each.says for each in notices())


def test_only_what_was_read_in_the_law_is_verified() -> None:
    marks = {each.id: each for each in wanted("JM", TODAY)}
    assert not any(each.verified for each in marks.values())
    assert all(each.verified for each in wanted("GB", TODAY))
    assert not any(each.verified for each in wanted("PR", TODAY))


def test_a_whole_policy_lacks_nothing() -> None:
    assert places(full(), TODAY) == ["GB", "EU"]
    assert lacking(full()) == set()


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"officer": None}, {("GB", "n.dpo_contact"), ("EU", "n.dpo_contact")}),
        ({"representatives": ()}, {("EU", "n.representative")}),
        ({"forms": ()}, {("GB", "n.mandatory_or_not"), ("EU", "n.mandatory_or_not")}),
        ({"cookies": ()}, {("GB", "n.cookies"), ("EU", "n.cookies")}),
        ({"security": (), "changes": None}, set()),
        (
            {"country": "KE", "jurisdictions": ("KE",), "security": ()},
            {("KE", "n.security_measures")},
        ),
        (
            {"country": "PR", "jurisdictions": ("PR",), "changes": None, "rights": ()},
            {("PR", "n.change_notice"), ("PR", "n.rights")},
        ),
        ({"country": "JM", "jurisdictions": ("JM",), "officer": None}, {("JM", "n.dpo_contact")}),
    ],
)
def test_what_is_taken_out_is_missed(change: dict[str, object], lost: set[tuple[str, str]]) -> None:
    assert lacking(dataclasses.replace(full(), **change)) == lost  # type: ignore[arg-type]


def test_what_is_missed_says_where_the_law_wants_it() -> None:
    found = missing(dataclasses.replace(full(), officer=None), TODAY)[0]
    assert (found.article, found.verified) == ("UK GDPR art. 13(1)(b), 14(1)(b)", True)


def test_a_notice_is_wanted_only_from_its_day_on() -> None:
    ids = {each.id for each in wanted("GB", date(2026, 6, 18))}
    assert "n.complain_controller" not in ids
    assert "n.complain_controller" in {each.id for each in wanted("GB", date(2026, 6, 19))}


def test_who_is_at_home_in_a_place_needs_no_representative_there() -> None:
    at_home = dataclasses.replace(full(), country="FR", jurisdictions=("EU",), representatives=())
    assert ("EU", "n.representative") not in lacking(at_home)


def test_californian_policies_are_reviewed_each_year() -> None:
    policy = dataclasses.replace(full(), jurisdictions=("US-CA",))
    assert policy.changes is not None
    assert ("US-CA", "n.change_notice") not in lacking(policy)
    seldom = dataclasses.replace(policy.changes, review=None)
    assert ("US-CA", "n.change_notice") in lacking(dataclasses.replace(policy, changes=seldom))
