"""Published once, kept for ever, told before it binds, and confirmed by a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import editions
from servanda.kernel.errors import UsageError
from servanda.ledger import history
from servanda.state.models import ChangeNotice, Edition, EditionFile
from tests.desk.editions.edition_world import NOW, files, policy, publish

NEXT = NOW + timedelta(days=1)
LONGER = {"kept": "24 months"}


def test_the_first_binds_at_once_and_nobody_is_told(each_state: str) -> None:
    first = publish(policy())
    assert (first.number, first.material, first.terms, first.ways) == (1, False, [], [])
    found = editions.current(NOW)
    assert found is not None and found.number == 1
    assert editions.pending(NOW) is None and editions.untold(NOW) == []
    entry = history.last("policy.published")
    assert entry is not None and entry.index == first.entry
    assert entry.data["sha256"] == first.sha256
    assert set(entry.data["files"]) == {"text", "html"}
    assert editions.file(1, "text") == files(policy())["text"]


def test_a_material_change_binds_after_its_notice(each_state: str) -> None:
    publish(policy())
    second = publish(policy(**LONGER), material=True, now=NEXT)
    assert second.reasons == ["ceiling:calls"] and second.asks
    # 14 days after 2 March 10:00 end on the 16th at 10:00: it binds with the next day.
    assert second.binds_at == datetime(2026, 3, 17, tzinfo=UTC)
    before = second.binds_at - timedelta(seconds=1)
    for at, number in ((before, 1), (second.binds_at, 2)):
        found = editions.current(at)
        assert found is not None and found.number == number
    coming = editions.pending(before)
    assert coming is not None and coming.number == 2 and "2 years" in coming.changes[0]
    assert editions.pending(second.binds_at) is None
    asked = editions.asking(second.binds_at)
    assert asked is not None and asked.number == 2
    told = [entry.data for entry in history.entries("policy.told")]
    assert [(each["about"], each["way"]) for each in told] == [
        ("edition:2", "banner"),
        ("edition:2", "portal"),
    ]


def test_an_earlier_day_is_refused(each_state: str) -> None:
    publish(policy())
    early = datetime(2026, 3, 16, tzinfo=UTC)
    with pytest.raises(UsageError, match="2026-03-17 at the earliest"):
        publish(policy(**LONGER), material=True, now=NEXT, binds_at=early)
    assert [each.number for each in editions.listed()] == [1]
    assert ChangeNotice.objects.count() == 0
    later = publish(policy(**LONGER), material=True, now=NEXT, binds_at=early + timedelta(days=9))
    assert later.binds_at == early + timedelta(days=9)
    with pytest.raises(UsageError, match="before it is published"):
        publish(policy(kept="6 months"), now=NEXT, binds_at=NOW - timedelta(days=3))


def test_a_person_confirms_or_says_why_not(each_state: str) -> None:
    publish(policy())
    with pytest.raises(UsageError, match="found to be material"):
        publish(policy(**LONGER), now=NEXT)
    with pytest.raises(UsageError, match="no reason"):
        publish(policy(**LONGER), now=NEXT, overruled="because")
    second = publish(policy(**LONGER), now=NEXT, overruled="correction")
    assert (second.material, second.reasons, second.computed) == (False, [], ["ceiling:calls"])
    entry = history.last("policy.published")
    assert entry is not None and entry.data["overruled"] == "correction"
    with pytest.raises(UsageError, match="found to be minor"):
        publish(policy(kept="6 months"), material=True, now=NEXT)
    third = publish(policy(kept="6 months"), material=True, now=NEXT, overruled="caution")
    assert third.material and third.reasons == ["decided"] and third.binds_at > NEXT


def test_the_same_again_is_refused_unless_the_words_changed(each_state: str) -> None:
    publish(policy())
    with pytest.raises(UsageError, match="says the same already"):
        publish(policy(), now=NEXT)
    assert publish(policy(), now=NEXT, rewritten=True).number == 2
    with pytest.raises(UsageError, match="made for edition 7"):
        publish(policy(**LONGER), material=True, now=NEXT, number=7)


def test_no_later_edition_binds_before_the_one_it_rests_on(each_state: str) -> None:
    publish(policy())
    second = publish(policy(**LONGER), material=True, now=NEXT)
    third = publish(policy(kept="20 months"), now=NEXT)
    assert not third.material and third.binds_at == NEXT
    found = editions.current(NEXT)
    assert found is not None and found.number == 1, "what it rests on was not told yet"
    found = editions.current(second.binds_at)
    assert found is not None and found.number == 3


def test_without_a_promise_it_binds_at_once(each_state: str) -> None:
    publish(policy(changes=""))
    second = publish(policy(changes="", **LONGER), material=True, now=NEXT)
    assert (second.binds_at, second.asks, second.ways) == (NEXT, False, [])
    found = editions.current(NEXT)
    assert found is not None and found.number == 2


def test_the_promise_people_know_counts_for_the_change_that_drops_it(each_state: str) -> None:
    publish(policy())
    second = publish(policy(changes="", **LONGER), material=True, now=NEXT)
    assert second.asks and second.ways == ["banner", "portal"]
    assert "changes" in second.reasons
    assert second.binds_at == datetime(2026, 3, 17, tzinfo=UTC)


def test_whatever_is_changed_later_is_seen(each_state: str) -> None:
    publish(policy())
    publish(policy(**LONGER), material=True, now=NEXT)
    assert editions.verify() == []
    row = EditionFile.objects.get(edition__number=1, kind="html")
    other = EditionFile.objects.get(edition__number=2, kind="html")
    EditionFile.objects.filter(id=row.id).update(content=other.content, sha256=other.sha256)
    assert editions.verify() == [editions.Damage(1, "html")]
    EditionFile.objects.filter(id=row.id).update(content=b"junk")
    assert editions.verify() == [editions.Damage(1, "html")]
    with pytest.raises(Exception, match="not what was published"):
        editions.file(1, "html")
    assert editions.file(2, "html") == files(policy(**LONGER))["html"], "the other is unharmed"
    EditionFile.objects.filter(id=row.id).update(content=row.content, sha256=row.sha256)
    assert editions.verify() == []
    Edition.objects.filter(number=2).update(material=False)
    assert editions.verify() == [editions.Damage(2, "row")]
    EditionFile.objects.filter(edition__number=1).delete()
    Edition.objects.filter(number=1).delete()
    assert [each for each in editions.verify() if each.number == 1] == [editions.Damage(1, "row")]


def test_a_failure_leaves_nothing(each_state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from servanda import ledger

    def refuse(*_: object, **__: object) -> range:
        raise ZeroDivisionError

    publish(policy())
    monkeypatch.setattr(ledger, "append", refuse, raising=False)
    with pytest.raises(ZeroDivisionError):
        publish(policy(**LONGER), material=True, now=NEXT)
    monkeypatch.undo()
    assert Edition.objects.count() == 1
    assert EditionFile.objects.count() == 2
    assert ChangeNotice.objects.count() == 0


def test_between_two_editions(each_state: str) -> None:
    publish(policy())
    publish(policy(**LONGER), material=True, now=NEXT)
    (change,) = editions.between(1, 2)
    assert change.material and "1 year" in change.says and "2 years" in change.says
    (back,) = editions.between(2, 1)
    assert not back.material
    assert editions.since(policy(**LONGER)) == ()
    with pytest.raises(UsageError, match="no edition 9"):
        editions.between(1, 9)
