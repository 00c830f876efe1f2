"""Purposes: refused where none is declared, over after a while, on record before anything shows."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda import ledger, state
from servanda import policy as policy_language
from servanda.desk import access
from servanda.kernel.errors import UsageError
from servanda.policy.rules import Policy
from servanda.state.models import Read, Task

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNDECLARED = "ads_targeted"
ANN, BEN = access.Reader("member 1", "support"), access.Reader("member 2", "owner")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    from tests.apply.requests.house import build_house

    folder = tmp_path_factory.mktemp("house")
    build_house(folder)
    found = policy_language.load(folder / "policy.yaml").policy
    assert found is not None
    assert any(each.purposes for each in found.activities)
    return found


def _begin(policy: Policy, reader: access.Reader, scope: str, purpose: str = access.RIGHTS) -> Task:
    return access.begin(reader, purpose, scope, policy=policy, lasts=HOUR, now=NOW)


def _kinds() -> list[str]:
    return [entry.kind for entry in ledger.history.entries()]


def test_a_purpose_that_is_not_declared_is_refused_and_recorded(
    sqlite_state: Path, policy: Policy
) -> None:
    _begin(policy, BEN, "request:2")
    with pytest.raises(access.Refused, match="declares no such purpose"):
        _begin(policy, ANN, "request:1", UNDECLARED)
    assert access.current(ANN.by, "request:1", NOW) is None
    assert access.current(BEN.by, "request:2", NOW) is not None
    (refusal,) = access.log(refused=True)
    assert (refusal.by, refusal.scope, refusal.purpose) == ("member 1", "request:1", UNDECLARED)
    entry = ledger.history.last("access.refused")
    assert entry is not None
    assert refusal.entry == entry.index
    assert entry.data["why"] == "the policy declares no such purpose"


def test_what_somebody_typed_for_a_purpose_is_not_kept(sqlite_state: Path, policy: Policy) -> None:
    for typed in ("asked by ann@example.test", "Ann Lee", "x" * 200):
        with pytest.raises(access.Refused):
            _begin(policy, ANN, "request:1", typed)
    assert [each.purpose for each in access.log()] == ["", "", ""]
    entries = list(ledger.history.entries("access.refused"))
    assert [each.data["purpose"] for each in entries] == [None, None, None]


def test_every_declared_purpose_is_taken(sqlite_state: Path, policy: Policy) -> None:
    for number, purpose in enumerate(access.declared(policy)):
        assert _begin(policy, ANN, f"request:{number}", purpose).purpose == purpose
    assert _kinds().count("access.task") == len(access.declared(policy)) > 1


def test_a_task_is_over_after_its_time_and_holds_for_one_scope_and_member(
    sqlite_state: Path, policy: Policy
) -> None:
    task = _begin(policy, ANN, "request:1")
    assert access.current(ANN.by, "request:1", NOW + HOUR - timedelta(seconds=1)) == task
    assert access.current(ANN.by, "request:1", NOW + HOUR) is None
    assert access.current(ANN.by, "request:2", NOW) is None
    assert access.current(BEN.by, "request:1", NOW) is None


def test_a_ticket_is_a_number_and_no_story(sqlite_state: Path, policy: Policy) -> None:
    for ticket in ("4" * 41, "call of Zelda Marker", "zelda@example.test"):
        with pytest.raises(UsageError, match="ticket"):
            access.begin(
                ANN, access.RIGHTS, "request:1", policy=policy, lasts=HOUR, ticket=ticket, now=NOW
            )
    assert not Task.objects.exists()
    for ticket in ("", "HELP-1234", "#77"):
        access.begin(
            ANN, access.RIGHTS, "request:1", policy=policy, lasts=HOUR, ticket=ticket, now=NOW
        )


def test_no_words_that_somebody_typed_get_into_the_ledger(
    sqlite_state: Path, policy: Policy
) -> None:
    typed = "zelda@example.test"
    with pytest.raises(UsageError, match="nothing that can be read"):
        _begin(policy, ANN, f"request:{typed}")
    with pytest.raises(access.Refused):
        _begin(policy, ANN, "request:1", f"because {typed} rang")
    access.refuse(BEN, f"request:{typed}", "call", "the token lacks the scope", now=NOW)
    _begin(policy, BEN, "request:2")
    assert _kinds() == ["access.refused", "access.refused", "access.task"]
    assert "zelda" not in str([entry.raw for entry in ledger.history.entries()])
    assert "zelda" not in str(list(Read.objects.values()) + list(Task.objects.values()))


def test_a_read_is_recorded_before_anything_is_shown_or_nothing_is(
    sqlite_state: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = _begin(policy, ANN, "request:1")
    access.read(task, "the person's tree", NOW)
    (found,) = access.log(scope="request:1")
    entry = ledger.history.at(found.entry or 0)
    assert (entry.kind, entry.data["what"]) == ("access.read", "the person's tree")
    assert entry.data["task"] == task.id

    def broken(*_: object, **__: object) -> range:
        raise UsageError("the ledger does not answer")

    monkeypatch.setattr(ledger, "append", broken, raising=False)
    with pytest.raises(UsageError, match="does not answer"):
        access.read(task, "the letter", NOW)
    assert [each.what for each in access.log(scope="request:1")] == ["the person's tree"]


def test_entries_have_numbers_and_scopes_and_nothing_else(
    sqlite_state: Path, policy: Policy
) -> None:
    for reader, scope in ((ANN, "request:1"), (BEN, "request:2")):
        access.read(_begin(policy, reader, scope), "a page", NOW)
    access.refuse(ANN, "request:2", "a page", "not for the role", now=NOW)
    names = {"v", "at", "kind", "by", "role", "purpose", "scope", "what", "why", "task"}
    found = [dict(entry.data) for entry in ledger.history.entries()]
    assert len(found) == 5
    assert set().union(*found) <= names, json.dumps(found)


def test_data_is_for_the_purposes_it_was_collected_for(policy: Policy) -> None:
    activity = next(each for each in policy.activities if each.purposes)
    own = activity.purposes[0]
    foreign = next(
        (p for p in access.declared(policy) if p not in (*activity.purposes, access.RIGHTS)),
        "marketing.newsletter",
    )
    assert access.permitted(policy, own, activity.id)
    assert not access.permitted(policy, foreign, activity.id)
    assert access.permitted(policy, access.RIGHTS, activity.id)
    assert not access.permitted(policy, own, "no such activity")
    assert not access.permitted(policy, own, None)


def test_the_log_is_newest_first_and_pages(sqlite_state: Path, policy: Policy) -> None:
    tasks = [_begin(policy, reader, "request:1") for reader in (ANN, BEN)]
    for n in range(6):
        access.read(tasks[n % 2], f"page {n}", NOW)
    assert [each.what for each in access.log(limit=2)] == ["page 5", "page 4"]
    older = access.log(before=access.log(limit=2)[-1].pk, limit=2)
    assert [each.what for each in older] == ["page 3", "page 2"]
    assert [each.what for each in access.log(by=BEN.by)] == ["page 5", "page 3", "page 1"]


def test_a_census_counts_what_came_since_the_last(sqlite_state: Path, policy: Policy) -> None:
    task = _begin(policy, ANN, "request:1")
    access.read(task, "page", NOW)
    access.refuse(BEN, "request:1", "page", "no", now=NOW)
    access.census([("owner", True), ("support", False), ("support", True)], now=NOW + HOUR)
    found = ledger.history.last("access.census")
    assert found is not None
    assert found.data["roles"] == {"owner": 1, "support": 2}
    assert found.data["without_second_factor"] == 1
    assert (found.data["reads"], found.data["refused"], found.data["without_purpose"]) == (1, 1, 0)
    access.read(task, "page", NOW + 2 * HOUR)
    access.read(task, "page", NOW + 2 * HOUR)
    Read.objects.create(
        task=None, by="member 9", role="owner", scope="request:3", what="page", at=NOW + 2 * HOUR
    )
    access.census([("owner", True)], now=NOW + 3 * HOUR)
    found = ledger.history.last("access.census")
    assert found is not None
    assert (found.data["reads"], found.data["refused"], found.data["without_purpose"]) == (3, 0, 1)


def test_a_clock_that_was_set_back_miscounts_nothing(sqlite_state: Path, policy: Policy) -> None:
    task = _begin(policy, ANN, "request:1")
    access.read(task, "page", NOW)
    access.census([("owner", True)], now=NOW + HOUR)
    for moment in (NOW - 5 * HOUR, NOW - 5 * HOUR, NOW + HOUR):  # before, before, at the same time
        access.read(task, "page", moment)
    access.refuse(BEN, "request:1", "page", "no", now=NOW - 5 * HOUR)
    for reads, refused in ((3, 1), (0, 0)):
        access.census([("owner", True)], now=NOW + 2 * HOUR)
        found = ledger.history.last("access.census")
        assert found is not None
        assert (found.data["reads"], found.data["refused"]) == (reads, refused)


def test_a_read_beside_a_census_counts_once(each_state: str, policy: Policy) -> None:
    task = _begin(policy, ANN, "request:1")

    def reads() -> None:
        try:
            for _ in range(15):
                access.read(task, "page")
        finally:
            state.close_thread()

    threads = [threading.Thread(target=reads) for _ in range(2)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        access.census([("owner", True)])
    for each in threads:
        each.join()
    access.census([("owner", True)])
    counted = [each.data["reads"] for each in ledger.history.entries("access.census")]
    assert sum(counted) == 30
