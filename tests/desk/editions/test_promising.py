"""Who drops a promise frees nobody from it but those who are bound by the edition that drops it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import editions, recipients
from servanda.desk.editions import needs_acceptance
from servanda.desk.editions.promising import longest
from servanda.kernel.errors import UsageError
from servanda.kernel.period import Period
from servanda.state.models import ChangeNotice
from tests.desk.editions.edition_world import NOW, policy, publish

NEXT = NOW + timedelta(days=1)
MINUTE = NEXT + timedelta(minutes=1)
FAR = NOW + timedelta(days=90)
CLOUD = "  cloud: {name: Example Cloud, kind: subprocessor, country: GB}"
WIDER = {
    "changes": "",
    "purposes": "support, service_quality",
    "kept": "24 months",
    "more": CLOUD,
    "recipients": "host, cloud",
}


def test_the_edition_after_the_one_that_drops_it_is_told_and_asked_too(each_state: str) -> None:
    publish(policy())
    second = publish(policy(changes=""), material=True, now=NEXT)
    assert second.asks and not second.guarded
    with pytest.raises(UsageError, match="2026-03-17 at the earliest"):
        publish(policy(**WIDER), material=True, now=MINUTE, binds_at=MINUTE + timedelta(days=1))
    third = publish(policy(**WIDER), material=True, now=MINUTE)
    assert (third.asks, third.ways) == (True, ["banner", "portal"])
    assert third.binds_at == datetime(2026, 3, 17, tzinfo=UTC)
    windows = set(ChangeNotice.objects.filter(about="edition:3").values_list("window", flat=True))
    assert windows == {"14 days"}
    assert needs_acceptance("service_quality", FAR) == 3
    assert [(o.edition, o.free) for o in editions.older(FAR, policy(**WIDER))] == [(3, ("3",))]
    assert recipients.active("host", MINUTE) and not recipients.active("cloud", FAR)


def test_nor_does_what_is_only_written_count_then(each_state: str) -> None:
    publish(policy())
    publish(policy(changes=""), material=True, now=NEXT)
    assert needs_acceptance("marketing", FAR) == 3
    (found,) = editions.older(FAR, policy(changes="", kept="24 months"))
    assert (found.edition, str(found.ceiling.period)) == (0, "1 year")


def test_where_no_acceptance_was_promised_it_ends_when_the_edition_binds(each_state: str) -> None:
    publish(policy(consent="false"))
    second = publish(policy(changes=""), material=True, now=NEXT)
    assert not second.asks
    longer = policy(changes="", kept="24 months")
    before = second.binds_at - timedelta(seconds=1)
    assert editions.earliest(longer, before, material=True) > second.binds_at
    assert editions.earliest(longer, second.binds_at, material=True) == second.binds_at
    third = publish(longer, material=True, now=second.binds_at)
    assert (third.ways, third.asks) == ([], False)


def test_the_strictest_of_several(each_state: str) -> None:
    publish(policy(tell="portal"))
    shorter = "changes: {notice: 2 days, tell: [banner], consent: true, objection: 40 days}"
    publish(policy(changes=shorter), material=True, now=NEXT)
    third = publish(policy(changes=shorter, kept="24 months"), material=True, now=MINUTE)
    assert third.asks and third.ways == ["portal", "banner"]
    assert third.binds_at == datetime(2026, 3, 17, tzinfo=UTC)


def test_the_longest_ends_before_none() -> None:
    assert longest([Period(days=2), Period(months=1), Period(days=9)]) == Period(months=1)
    assert longest([Period(months=1), Period(days=30)]) == Period(days=31)
