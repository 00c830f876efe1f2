"""What accounts ask of the state database holds on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import RequestFactory

from servanda import ledger, state
from servanda.kernel.errors import UsageError
from servanda.web.accounts import census, people, sessions
from servanda.web.models import Member


@pytest.fixture
def made(each_state: str) -> Callable[[str, str], Member]:
    state.migrate(every=True)
    cache.clear()

    def member(name: str, role: str) -> Member:
        found = Member.objects.create_user(f"{name}@firm.test", None, name=name, role=role)
        Authenticator.objects.create(user=found, type=Authenticator.Type.TOTP, data={})
        until = datetime.now(UTC) + timedelta(hours=1)
        for n in range(2):
            key = f"{name}{n}"
            Session.objects.create(session_key=key, session_data="", expire_date=until)
            UserSession.objects.create(user=found, session_key=key, ip="127.0.0.1", user_agent="x")
        return found

    return member


def test_members_are_listed_changed_and_removed(made: Callable[[str, str], Member]) -> None:
    ann, ben, cy = made("ann", "owner"), made("ben", "support"), made("cy", "auditor")
    Session.objects.filter(session_key="ben1").update(expire_date=datetime.now(UTC))
    rows = people.listed()
    assert [(row.member.name, row.factor, row.sessions) for row in rows] == [
        ("ann", True, 2),
        ("ben", True, 1),
        ("cy", True, 2),
    ]
    people.remove(ben, by=ann.by)
    people.change(cy, "engineer", by=ann.by)
    assert [(row.member.role, row.sessions) for row in people.listed()] == [
        ("owner", 2),
        ("support", 0),
        ("engineer", 2),
    ]
    assert sorted(census.staff()) == [("engineer", True), ("owner", True)]
    Session.objects.filter(session_key="cy0").update(expire_date=datetime.now(UTC))
    sessions.tidy()
    left = UserSession.objects.order_by("session_key").values_list("session_key", flat=True)
    assert list(left) == ["ann0", "ann1", "cy1"]


def test_two_owners_who_remove_each_other_leave_one(made: Callable[[str, str], Member]) -> None:
    pair = made("ann", "owner"), made("ben", "owner")
    made("cy", "auditor")
    start = threading.Barrier(2)
    refused: list[str] = []

    def leave(mine: Member, theirs: Member) -> None:
        start.wait()
        try:
            people.remove(theirs, by=mine.by)
        except UsageError as error:
            refused.append(error.what)
        finally:
            state.close_thread()

    threads = [threading.Thread(target=leave, args=(pair[n], pair[1 - n])) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["this is the last owner"]
    assert Member.objects.filter(role="owner", is_active=True).count() == 1
    assert Member.objects.filter(role="auditor", is_active=True).count() == 1
    assert len(list(ledger.history.entries("member.removed"))) == 1


def test_tries_at_the_same_time_are_all_counted(made: Callable[[str, str], Member]) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", SERVER_NAME="localhost")
    start = threading.Barrier(6)
    passed: list[bool] = []

    def guess() -> None:
        start.wait()
        try:
            for _ in range(2):
                used = ratelimit.consume(
                    request, app="servanda", action="x", config={"x": "5/15m/key"}, key="ann"
                )
                passed.append(used is not None)
        finally:
            state.close_thread()

    threads = [threading.Thread(target=guess) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 12
    assert sum(passed) <= 5
    assert sum(passed) > 0
