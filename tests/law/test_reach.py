"""Which laws apply to whom, and what each gives under the common names of rights."""

from __future__ import annotations

from datetime import date

import pytest

from servanda import law
from servanda.kernel.errors import UsageError

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("residence", "jurisdictions", "places"),
    [
        ("KE", ["KE", "EU"], ["KE"]),
        ("DE", ["KE", "EU"], ["KE", "EU-DE"]),  # GDPR art. 3(2) beside Kenya s.4
        ("KE", ["EU-IE"], ["EU-IE", "KE"]),  # Kenya reaches those who are there
        (None, ["KE", "EU"], ["KE", "EU"]),
        ("BR", ["KE", "EU"], ["KE", "EU"]),  # no law of Brazil is known here
        ("GB-ENG", ["GB-NIR"], ["GB-NIR"]),  # one law, our own holidays
        ("IE", ["GB-NIR"], ["GB-NIR", "EU-IE"]),
        ("JM", ["US"], ["US", "JM"]),
        ("PR", ["PR", "US", "EU"], ["PR"]),
        ("US-CA", ["PR", "US"], ["PR", "US-CA"]),
        ("US-CA", ["US-CA"], ["US-CA"]),
        ("US-CA", ["GB-NIR"], ["GB-NIR"]),  # below the thresholds unless the policy says so
        ("US-TX", ["PR", "US"], ["PR", "US"]),
        ("EEA", ["KE"], ["KE", "EU"]),
        (None, [], []),
    ],
)
def test_which_laws_apply(
    residence: str | None, jurisdictions: list[str], places: list[str]
) -> None:
    found = law.reasons(residence, jurisdictions, on=TODAY)
    assert [each.place.code for each in found] == places
    assert all(each.why for each in found)
    assert law.applicable(residence, jurisdictions, on=TODAY) == tuple(e.place for e in found)


def test_where_we_are_counts_before_what_the_policy_names() -> None:
    found = law.applicable("DE", ["EU", "KE"], home="KE", on=TODAY)
    assert [place.code for place in found] == ["KE", "EU-DE"]


def test_every_law_says_whom_it_reaches() -> None:
    for place in law.jurisdictions().values():
        assert {each.by for each in place.reach} == {"home", "residence"}


def test_california_calls_rights_otherwise() -> None:
    california = law.find("US-CA")
    called = {
        id_: right.called
        for id_ in ("access", "erasure", "rectification")
        if (right := law.right(california, id_, TODAY))
    }
    assert called == {
        "access": "right to know",
        "erasure": "right to delete",
        "rectification": "right to correct",
    }
    assert law.right(california, "restriction", TODAY) is None


def test_jamaica_has_no_right_of_erasure_but_a_way_to_it() -> None:
    jamaica = law.find("JM")
    assert law.right(jamaica, "erasure", TODAY) is None
    other = law.instead(jamaica, "erasure", TODAY)
    assert other is not None
    assert other.by == ("rectification", "object")
    assert [each.id for each in law.grounds(jamaica, "erasure", TODAY)] == ["conditions_not_met"]


def test_ages_below_which_a_parent_consents() -> None:
    ages = {code: law.child_age(law.find(code), TODAY) for code in ("GB", "DE", "ES", "JM", "KE")}
    assert ages == {"GB": 13, "DE": 16, "ES": 14, "JM": 18, "KE": 18}
    # Sixteen in California is the age for selling data, not for holding them.
    assert [law.child_age(law.find(c), TODAY) for c in ("PR", "US", "US-CA")] == [13, 13, 13]


def test_what_must_be_said() -> None:
    britain = law.find("GB")
    assert "complaint_to_controller" in law.reply_must_say(britain, "refusal", TODAY)
    assert "complaint_to_controller" not in law.reply_must_say(britain, "refusal", date(2026, 2, 4))
    kenya = law.find("KE")
    assert "recommendations" in law.reply_must_say(kenya, "breach_regulator", TODAY)
    assert law.reply_must_say(law.find("PR"), "refusal", TODAY) == ()
    (office,) = law.regulators(law.find("JM"), TODAY)
    assert "Information Commissioner" in office.name


def test_rights_without_a_counted_time_are_still_prompt() -> None:
    for code in ("GB", "EU", "KE", "JM"):
        found = law.prompt(law.find(code), "withdraw", TODAY)
        assert found is not None
        assert "at once" in found.says


def test_a_right_has_one_name_here_and_several_outside() -> None:
    assert {law.right_id(word) for word in ("Deletion", "erasure")} == {"erasure"}
    with pytest.raises(UsageError, match="acces"):
        law.right_id("acces")


def test_a_place_without_law_is_near_nothing() -> None:
    assert law.near("BR") is None
    texas = law.near("US-TX")
    assert texas is not None
    assert texas.code == "US"
