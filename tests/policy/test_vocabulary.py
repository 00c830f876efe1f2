"""The words a policy may use, and the facts about countries, are whole and usable."""

from __future__ import annotations

import re
from typing import get_args
from zoneinfo import available_timezones

import pytest

from servanda.policy import vocabulary
from servanda.policy.controls import FIXED, known
from servanda.policy.transfers import adequacy, same_area
from servanda.policy.vocabulary import Country, Kind, countries, country_of, covers, terms

KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_term_says_what_it_is(kind: Kind) -> None:
    found = terms(kind)
    assert len(found) >= 5
    for id_, term in found.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)*", id_)
        assert term.label
        assert term.match in ("exact", "broader", "own")
        assert term.iri.startswith("https://w3id.org/dpv") == (term.match != "own")
        if term.match == "broader" and kind == "data":
            assert term.note, f"{id_}: say why we need a word of our own"


def test_no_exact_term_is_meant_twice() -> None:
    for kind in KINDS:
        iris = [term.iri for term in terms(kind).values() if term.match == "exact"]
        assert len(iris) == len(set(iris)), kind


def test_a_wide_category_covers_the_narrow_one_only() -> None:
    assert covers("contact", "contact.email")
    assert covers("contact.email", "contact.email")
    assert not covers("contact.email", "contact")
    assert not covers("contact.email", "contact.email_work")


def test_countries() -> None:
    found = countries()
    assert len(found) > 240
    zones = available_timezones()
    assert all(each.zone in zones for each in found.values() if each.zone)
    assert sum(each.area == "EEA" for each in found.values()) == 30
    assert country_of("GB-NIR") == found["GB"]
    assert country_of("US-CA") == found["US"]
    for wrong in ("UK", "gb", "GB-", "GB-nir", "GB-TOOLONG", "", "-", "GB-N.I"):
        assert country_of(wrong) is None


def test_no_transfer_within_one_area() -> None:
    places = vocabulary.countries()
    assert same_area(places["GB"], places["GB"])
    assert same_area(places["DE"], places["NO"])
    assert same_area(places["PR"], places["US"])
    assert not same_area(places["GB"], places["DE"])
    assert not same_area(places["KE"], places["JM"])  # neither belongs to an area


def test_adequacy_decisions() -> None:
    places = vocabulary.countries()

    def allowed(origin: Country, destination: Country, on: str) -> bool:
        return adequacy(origin, destination, on) is not None

    assert allowed(places["GB"], places["DE"], "2026-11-23")
    assert allowed(places["DE"], places["GB"], "2026-11-23")
    assert not allowed(places["DE"], places["GB"], "2032-01-01")
    assert not allowed(places["GB"], places["KE"], "2026-11-23")
    assert not allowed(places["KE"], places["JM"], "2026-11-23")
    assert not allowed(places["KE"], places["GB"], "2026-11-23")


def test_controls() -> None:
    assert set(known({"calls": 1})) == {*FIXED, "activities.calls.retain"}
