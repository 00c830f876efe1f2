"""Every fact has a source, a mark and dates; what was not read in the law is not verified."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from servanda.law import codes, find, jurisdictions
from servanda.law.facts import MARKS
from servanda.law.holidays import is_holiday, years
from servanda.policy.vocabulary import terms

TODAY = date(2026, 11, 27)
PLACES = sorted(jurisdictions())


@pytest.mark.parametrize("place", PLACES)
def test_every_fact_says_where_it_is_from(place: str) -> None:
    law = jurisdictions()[place]
    assert law.facts()
    for fact in law.facts():
        assert len(fact.source) > 3
        assert fact.mark in MARKS
        assert fact.verified == (fact.mark == "V")
        assert fact.until is None or fact.since <= fact.until
    for zone in (law.zone, *law.zones.values()):
        ZoneInfo(zone)
    assert set(law.zones) <= set(law.parts)


@pytest.mark.parametrize("place", PLACES)
def test_at_most_one_clock_of_a_kind_is_in_force(place: str) -> None:
    law = jurisdictions()[place]
    for what in {each for rule in law.clocks for each in rule.what}:
        rules = sorted((r for r in law.clocks if what in r.what), key=lambda rule: rule.since)
        for one, other in pairwise(rules):
            assert one.until is not None
            assert one.until < other.since


@pytest.mark.parametrize("place", PLACES)
def test_every_right_has_a_deadline_and_grounds_name_rights(place: str) -> None:
    law = jurisdictions()[place]
    rights = {right.id for right in law.rights}
    timed = {what for rule in law.clocks for what in rule.what}
    assert rights - timed <= {"withdraw", "adm"}  # at once, or within a reasonable time
    for ground in law.grounds:
        assert set(ground.rights) <= rights
        assert ground.says.endswith(".")
    for age in law.ages:
        assert set(age.parts) <= set(law.parts)


def test_what_is_uncertain_is_not_called_verified() -> None:
    jamaica = [rule for rule in find("JM").law.clocks if "access" in rule.what]
    kenya = [rule for rule in find("KE").law.clocks if "erasure" in rule.what]
    assert [rule.verified for rule in (*jamaica, *kenya)] == [False, False]


def test_the_law_is_that_of_the_day() -> None:
    britain = find("GB")
    before, after = date(2026, 2, 4), date(2026, 2, 5)
    refusals = [britain.reply("refusal", day) for day in (before, after)]
    assert [("complaint_to_controller" in r.states) for r in refusals if r] == [False, True]
    assert "complaint" in {right.id for right in britain.rights(TODAY)}
    assert "complaint" not in {right.id for right in britain.rights(after)}
    assert find("PR").rights(TODAY) == []


def test_grounds_are_of_the_right_and_the_day() -> None:
    ids = {ground.id for ground in find("GB").grounds("erasure", TODAY)}
    assert {"legal_obligation", "legal_claims"} <= ids
    assert "others_rights" not in ids
    assert find("GB").grounds("erasure", date(2017, 1, 1)) == []


def test_ages_are_those_of_the_part() -> None:
    (germany,) = find("DE").ages(TODAY)
    (ireland,) = find("EU-IE").ages(TODAY)
    (spain,) = find("ES").ages(TODAY)
    assert [each.age for each in (germany, ireland, spain)] == [16, 16, 14]


def test_holidays_are_those_of_the_part() -> None:
    patrick = date(2026, 3, 17)
    assert is_holiday(find("GB-NIR"), patrick)
    assert not is_holiday(find("GB-ENG"), patrick)
    assert not is_holiday(find("GB"), patrick)  # not in all of it
    assert is_holiday(find("GB"), date(2026, 12, 25))
    assert set(years()) >= set(range(2024, 2033))


def test_every_place_has_holidays_of_every_year() -> None:
    for code in codes():
        assert any(is_holiday(find(code), date(2027, m, d)) for m, d in ((1, 1), (12, 25)))


def test_rights_have_the_names_of_the_vocabulary() -> None:
    known = set(terms("right"))
    ours = {right.id for law in jurisdictions().values() for right in law.rights}
    assert ours - known <= {"optout", "limit", "complaint"}
