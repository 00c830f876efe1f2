"""When a request must be answered: which laws count, and the promise beside them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda import law
from servanda.kernel.errors import UsageError
from servanda.policy.due import Due, due
from servanda.policy.reading import loads
from servanda.policy.rules import Policy

POLICY = """servanda: 1
organisation: {{name: Example, country: {home}, contact: privacy@example.test}}
jurisdictions: [{jurisdictions}]
rights: {rights}
activities:
  accounts:
    purposes: [account]
    basis: contract
    subjects: [customer]
    data: [name]
    retain: {{at_most: 2 years, after: closed, then: delete}}
"""
ANSWER = '{answer_within: 30 days, law_sooner: "Sooner where the law says."}'
THIRTY = f"{{access: {ANSWER}, erasure: {ANSWER}}}"


def made(home: str, jurisdictions: str, rights: str = THIRTY) -> Policy:
    text = POLICY.format(home=home, jurisdictions=jurisdictions, rights=rights)
    return loads(text.encode(), today="2026-11-27").require()


def found(policy: Policy, place: str | None, right: str, received: str, **events: str) -> Due:
    known = {name: date.fromisoformat(day) for name, day in events.items()}
    return due(policy, place, right, date.fromisoformat(received), known)


KENYA = made("KE", "KE, EU")


def test_in_kenya_seven_days_bind_before_the_promise_of_thirty() -> None:
    got = found(KENYA, "KE", "access", "2026-11-29")
    assert (got.place, got.places) == ("KE", ("KE",))
    assert got.statutory_due == got.due == date(2026, 12, 7)  # the 6th is a Sunday
    assert got.safe_due == date(2026, 12, 6)
    assert got.promised == date(2026, 12, 29)
    assert not got.verified
    assert "the law binds (KE): Mon 2026-12-07" in got.steps


def test_of_two_laws_the_stricter_binds_and_both_are_told() -> None:
    got = found(KENYA, "DE", "erasure", "2026-11-02")
    assert got.places == ("KE", "EU-DE")
    assert got.due == date(2026, 11, 16)  # fourteen days of Kenya, not a month of the Union
    assert {source.split(" art")[0] for source in got.sources} >= {"GDPR"}
    assert len(got.sources) == 2


def test_an_unknown_residence_means_every_law_of_the_policy() -> None:
    got = found(KENYA, None, "access", "2026-11-02")
    assert got.places == ("KE", "EU")
    assert got.due == date(2026, 11, 9)
    assert "not known" in got.steps[0]


def test_where_the_law_gives_no_right_the_promise_binds() -> None:
    policy = made("PR", "PR, US, EU")
    got = found(policy, "PR", "access", "2026-11-02")
    assert got.statutory_due is None
    assert got.due == got.safe_due == got.promised == date(2026, 12, 2)
    assert "what the policy promises binds" in " ".join(got.steps)
    european = found(policy, "ES", "access", "2026-01-31")
    assert european.due == date(2026, 3, 2)  # law: 28 February is a Saturday; promise: the same
    assert european.safe_due == date(2026, 2, 27)


def test_without_a_law_or_a_promise_there_is_no_date() -> None:
    got = found(made("PR", "PR", "{access: {}}"), "PR", "access", "2026-11-02")
    assert (got.due, got.safe_due, got.place) == (None, None, "")
    assert got.steps[-1] == "nobody counts days here: answer without delay"


def test_california_counts_where_the_policy_names_it_or_the_country() -> None:
    named = found(made("PR", "PR, US", "{}"), "US-CA", "erasure", "2026-01-01")
    assert named.places == ("PR", "US-CA")
    assert named.due == date(2026, 2, 15)
    assert found(made("GB-NIR", "GB-NIR", "{}"), "US-CA", "erasure", "2026-01-01").places == (
        "GB-NIR",
    )


def test_a_promise_earlier_than_the_law_binds() -> None:
    policy = made("GB-ENG", "GB-ENG", "{access: {answer_within: 10 days}}")
    got = found(policy, "GB-ENG", "access", "2026-11-02")
    assert (got.statutory_due, got.due) == (date(2026, 12, 2), date(2026, 11, 12))
    assert got.safe_due == date(2026, 11, 12)
    assert got.steps[-1] == "the promise binds: Thu 2026-11-12"


def test_our_own_holidays_count_within_one_law() -> None:
    policy = made("GB-NIR", "GB-NIR", "{}")
    assert found(policy, "GB-ENG", "access", "2026-02-17").due == date(2026, 3, 18)


def test_a_right_the_law_lacks_is_reached_by_others() -> None:
    policy = made("JM", "JM", "{}")
    got = found(policy, "JM", "erasure", "2026-11-02")
    assert got.due == date(2026, 11, 23)  # the notice to stop, before the correction
    assert "no right of erasure" in " ".join(got.steps)
    assert found(policy, "JM", "restriction", "2026-11-02").due == date(2026, 11, 23)


def test_events_restart_stop_and_lengthen() -> None:
    policy = made("GB-ENG", "GB-ENG", "{}")
    assert found(policy, None, "access", "2026-03-02", identity_received="2026-03-20").due == date(
        2026, 4, 20
    )
    asked = found(policy, None, "access", "2026-03-02", scope_asked="2026-03-05")
    assert asked.waiting
    longer = found(policy, None, "erasure", "2026-11-30", extended="2026-12-10")
    assert longer.due == date(2027, 3, 1)
    assert longer.extend_by == date(2026, 12, 30)


def test_an_extension_of_one_law_does_not_lengthen_another() -> None:
    got = found(KENYA, "DE", "access", "2026-11-02", extended="2026-11-05")
    assert got.due == date(2026, 11, 9)
    assert "allows no longer period" in " ".join(got.steps)


@pytest.mark.parametrize(("place", "right"), [("ZZ", "access"), ("KE", "acces"), ("KE", "")])
def test_unknown_words_are_refused(place: str, right: str) -> None:
    with pytest.raises(UsageError):
        found(KENYA, place, right, "2026-11-02")


def test_people_may_call_rights_otherwise() -> None:
    assert found(KENYA, "KE", "deletion", "2026-11-02").right == "erasure"


@given(
    place=st.sampled_from([None, "BR", *law.codes()]),
    right=st.sampled_from(sorted(law.RIGHTS)),
    received=st.dates(date(2024, 1, 1), date(2032, 6, 1)),
    home=st.sampled_from(["KE", "GB-NIR", "JM", "PR"]),
)
def test_no_date_is_later_than_any_law_or_the_promise(
    place: str | None, right: str, received: date, home: str
) -> None:
    policy = _POLICIES[home]
    got = due(policy, place, right, received)
    given_dates = [each for each in (got.statutory_due, got.promised) if each]
    assert got.due == min(given_dates, default=None)
    if got.due is not None:
        assert got.safe_due is not None
        assert received < got.safe_due <= got.due
    for code in got.places:
        one = law.find(code)
        if any(right in r.what and r.in_force(received) for r in one.law.clocks):
            limit = law.clock(one, right, received).statutory_due
            assert got.due is not None
            assert got.due <= limit
    promise = policy.right(right)
    if promise is not None and promise.answer_within is not None:
        assert got.promised == received + timedelta(days=30)


_POLICIES = {home: made(home, f"{home}, US, EU") for home in ("KE", "GB-NIR", "JM", "PR")}
