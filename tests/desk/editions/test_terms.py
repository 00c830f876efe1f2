"""New terms count for who accepted them; what is not told or not published, for nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from servanda import policy as language
from servanda.desk import editions
from servanda.desk.editions import accept, applies, needs_acceptance
from servanda.kernel.errors import UsageError
from servanda.policy.rules import Policy
from tests.desk.editions.edition_world import NOW, Acceptances, load, policy, publish

NEXT = NOW + timedelta(days=1)
BOUND = NOW + timedelta(days=60)
WIDER = {"purposes": "support, service_quality"}


def test_a_new_purpose_waits_for_acceptance_for_ever(each_state: str) -> None:
    publish(policy())
    assert needs_acceptance("support", NOW) is None
    second = publish(policy(**WIDER), material=True, now=NEXT)
    assert second.terms == ["service_quality"]
    for at in (NEXT, BOUND):
        assert needs_acceptance("service_quality", at) == 2
        assert needs_acceptance("support", at) is None
    publish(policy(**WIDER, kept="6 months"), now=BOUND)
    assert needs_acceptance("service_quality", BOUND) == 2, "a later edition changes nothing"


def test_without_that_promise_it_waits_for_the_day(each_state: str) -> None:
    publish(policy(consent="false"))
    second = publish(policy(consent="false", **WIDER), material=True, now=NEXT)
    assert needs_acceptance("service_quality", NEXT) == 2
    assert needs_acceptance("service_quality", second.binds_at) is None


def test_what_is_not_published_counts_for_nobody(each_state: str) -> None:
    assert needs_acceptance("marketing", NOW) is None, "nothing is published here at all"
    publish(policy())
    assert needs_acceptance("marketing", NOW) == 2, "an edition that nobody can have accepted"


def test_two_people_and_a_record_each(each_state: str) -> None:
    publish(policy())
    publish(policy(**WIDER), material=True, now=NEXT)
    keeper = Acceptances()
    for each in ("ann", "ben"):
        assert not applies(keeper, [each], "service_quality", BOUND)
        assert applies(keeper, [each], "support", BOUND)
    row = editions.get(2)
    assert accept(keeper, ["ann"], 2, NEXT) == f"2-{row.sha256[:8]}"
    assert applies(keeper, ["ann"], "service_quality", BOUND)
    assert not applies(keeper, ["ben"], "service_quality", BOUND), "the neighbour did not accept"
    with pytest.raises(UsageError, match="does not ask"):
        accept(keeper, ["ben"], 1, NEXT)
    with pytest.raises(UsageError, match="no edition 5"):
        accept(keeper, ["ben"], 5, NEXT)
    with pytest.raises(UsageError, match="nobody"):
        accept(keeper, [], 2, NEXT)


def test_a_later_edition_covers_the_earlier(each_state: str) -> None:
    publish(policy())
    publish(policy(**WIDER), material=True, now=NEXT)
    publish(policy(**WIDER, kept="24 months"), material=True, now=BOUND)
    keeper = Acceptances()
    accept(keeper, ["ann"], 3, BOUND)
    assert applies(keeper, ["ann"], "service_quality", BOUND)


def test_older_limits_in_a_chain(each_state: str) -> None:
    publish(policy())
    publish(policy(kept="24 months"), material=True, now=NEXT)
    publish(policy(kept="36 months"), material=True, now=BOUND)
    found = editions.older(BOUND + timedelta(days=60), policy(kept="36 months"))
    assert [(str(o.ceiling.period), o.edition, o.free) for o in found] == [
        ("1 year", 2, ("2", "3")),
        ("2 years", 3, ("3",)),
    ]
    assert editions.older(BOUND, policy(kept="36 months")) == found
    drafted = editions.older(BOUND, policy(kept="48 months"))
    assert [(str(o.ceiling.period), o.edition, o.free) for o in drafted[len(found) :]] == [
        ("3 years", 0, ())
    ], "what is only written binds nobody"


def test_nothing_older_without_a_promise(each_state: str) -> None:
    assert editions.older(NOW, policy()) == ()
    publish(policy(changes=""))
    publish(policy(changes="", kept="24 months"), material=True, now=NEXT)
    assert editions.older(NEXT, policy(changes="", kept="36 months")) == ()


def test_a_new_name_ends_no_promise(each_state: str) -> None:
    from servanda import ledger

    first = publish(policy())
    entry = {"kind": "policy", "digest": first.digest, "collections": {"calls": ["pbx.cdr"]}}
    ledger.append([entry])
    text = policy(kept="24 months").source.decode().replace("calls:", "talks:")
    renamed = _load(text.replace("activities.calls", "activities.talks"))
    publish(renamed, material=True, now=NEXT)
    (found,) = editions.older(BOUND, renamed)
    assert (found.activity, found.collections) == ("calls", ("pbx.cdr",))


def _load(text: str) -> Policy:
    return language.load(Path("policy.yaml"), draft=text.encode()).require()


def test_a_purpose_that_moves_away_from_consent_waits_for_acceptance(each_state: str) -> None:
    asked = policy(purposes="marketing").source.decode().replace("legitimate_interest", "consent")
    freed = load(asked.replace("basis: consent", "basis: contract"))
    publish(load(asked))
    assert needs_acceptance("marketing", NOW, load(asked)) is None
    assert needs_acceptance("marketing", NOW, freed) == 2, (
        "only written: nobody can have accepted it"
    )
    second = publish(freed, material=True, now=NEXT)
    assert (second.terms, second.asks) == (["marketing"], True)
    for at in (NEXT, BOUND):
        assert needs_acceptance("marketing", at, freed) == 2
    keeper = Acceptances()
    accept(keeper, ["ann"], 2, NEXT)
    assert applies(keeper, ["ann"], "marketing", BOUND)
    assert not applies(keeper, ["ben"], "marketing", BOUND)
