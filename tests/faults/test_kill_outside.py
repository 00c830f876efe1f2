"""kill -9 at every boundary of a window over stores without transactions: mail and a program.

In the end every record that was due is gone, none other is, and the manifests name exactly that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.apply.world import unsealed
from tests.connectors.imap.mailboxes import person
from tests.faults.harness import Case, assert_true_evidence
from tests.faults.outside import OutsideWorld, letters
from tests.faults.test_kill import IN_A_WINDOW, WHEN_RESUMING
from tests.services.dovecot import Dovecot

OLD, NEW = 34, 17


def messages(dovecot: Dovecot, user: str) -> dict[str, bytes]:
    """By name, as evidence would have it."""
    found = {}
    for each in dovecot.messages(user):
        number = re.search(rb"UID (\d+)", each)
        assert number is not None
        found[number[1].decode()] = each
    return found


@pytest.fixture
def mail(dovecot: Dovecot, sqlite_state: str, tmp_path: Path) -> tuple[Case, str]:
    user = person(dovecot)
    letters(dovecot, user, OLD, NEW)
    world = OutsideWorld(tmp_path, "", mail=dovecot.url(user))
    world.customers(1, 1)
    return Case(world, sqlite_state), user


@pytest.mark.services
@pytest.mark.parametrize("at", IN_A_WINDOW)
def test_messages(dovecot: Dovecot, mail: tuple[Case, str], at: Any) -> None:
    case, user = mail
    before = messages(dovecot, user)
    run = case.start(case.world.plan(case.world.delete("mail.inbox")))
    case.killed("work", run, at, 2)
    due = {uid for uid, text in before.items() if b'INTERNALDATE "30-Jan' in text}
    assert before.keys() - due <= messages(dovecot, user).keys()
    assert case.resume(run) == "done"
    after = messages(dovecot, user)
    assert after == {uid: before[uid] for uid in before.keys() - due}
    assert (len(due), len(after)) == (OLD, NEW)
    recorded = [key[0].rpartition("=")[2] for key in unsealed(run)["delete-mail.inbox"]]
    assert sorted(recorded) == sorted(due)


@pytest.mark.services
@pytest.mark.parametrize("at", WHEN_RESUMING)
def test_messages_again_while_resuming(dovecot: Dovecot, mail: tuple[Case, str], at: Any) -> None:
    case, user = mail
    run = case.start(case.world.plan(case.world.delete("mail.inbox")))
    case.killed("work", run, "after-record", 2)
    if at == "after-reopen":
        case.killed("resume", run, at)
        case.killed("resume", run, at)
    assert case.resume(run) == "done"
    assert len(messages(dovecot, user)) == NEW
    assert len(unsealed(run)["delete-mail.inbox"]) == OLD


@pytest.mark.parametrize("at", IN_A_WINDOW)
def test_customers_behind_a_program(sqlite_state: str, tmp_path: Path, at: Any) -> None:
    world = OutsideWorld(tmp_path, "")
    world.customers(OLD, NEW)
    case = Case(world, sqlite_state)
    before = world.crm.raw()
    run = case.start(world.plan(world.delete("crm.customers")))
    case.killed("work", run, at, 2)
    assert [each for each in before[OLD:] if each not in world.crm.raw()] == []
    assert case.resume(run) == "done"
    assert world.crm.raw() == before[OLD:]
    due = {(each["id"],) for each in before[:OLD]}
    assert_true_evidence(run, {"delete-crm.customers": due})
