"""The census says what a verdict needs: damage, the untold, reviews, runs under old terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda import state
from servanda.desk.contacts import Details
from servanda.desk.requests import outbox
from servanda.ledger import history
from servanda.plan.file import dump, sealed
from servanda.runtime import customers, editions, plans, policynotices
from servanda.runtime.sweep import run_plan
from servanda.runtime.workspace import Workspace
from servanda.state.models import EditionFile, OutboxMail, Run
from tests.desk.editions.edition_world import policy, publish
from tests.desk.editions.test_retention import opened

TODAY = datetime.now(UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "acme"
    folder.mkdir()
    with opened(folder, f"sqlite:///{tmp_path / 'pbx.sqlite3'}") as found:
        yield found
    state.close()


def test_before_anything_is_published(workspace: Workspace) -> None:
    found = policynotices.counted(workspace)
    assert (found["edition"], found["editions"], found["served"]) == (None, 0, False)
    assert found["review_due"] is None


def test_it_counts(workspace: Workspace) -> None:
    publish(policy(), now=TODAY - timedelta(days=500))
    publish(policy(kept="24 months"), material=True, now=TODAY - timedelta(days=60))
    policynotices.census(workspace)
    entry = history.last("publish.census")
    assert entry is not None
    found = entry.data
    assert (found["edition"], found["bound"], found["editions"]) == (2, 2, 2)
    assert found["digest"] == found["in_force"] == workspace.policy.digest
    assert (found["damaged"], found["untold"], found["bound_without"]) == (0, 0, 0)
    assert found["acceptance"] and found["served"] and not found["officer"]
    assert found["review_due"] < TODAY.date().isoformat()
    editions.review(workspace, by="member 1", changes=False)
    after = policynotices.counted(workspace)
    assert after["review_due"] > TODAY.date().isoformat()
    assert after["reviewed"] == datetime.now(UTC).date().isoformat()
    EditionFile.objects.filter(edition__number=1, kind="html").update(content=b"x")
    assert policynotices.counted(workspace)["damaged"] == 1


def test_a_run_under_terms_nobody_accepted_is_counted(workspace: Workspace) -> None:
    publish(policy(), now=TODAY - timedelta(days=90))
    publish(policy(kept="24 months"), material=True, now=TODAY - timedelta(days=60))
    plan = plans.make(workspace, datetime.now(UTC))
    assert plan.terms
    run_plan(workspace, plan, by="member 1")
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert policynotices.bound_without(now) == 0
    Run.objects.update(plan=dump(sealed(replace(plan, terms=""))))
    assert policynotices.bound_without(now) == 1


def test_contacts_are_told_and_each_once(workspace: Workspace) -> None:
    ours = customers.contacts(workspace)
    acme, best = ours.add_customer("Acme"), ours.add_customer("Best")
    for customer, name in ((acme, "jo"), (best, "kim"), (best, "lee")):
        ours.add(customer, Details(name, "", "", f"{name}@c.test"), by="member 1")
    ours.add(acme, Details("No mail", "", "028 9000 0001"), by="member 1")
    publish(policy(tell="email"), now=TODAY - timedelta(days=1))
    publish(policy(tell="email", kept="24 months"), material=True, now=TODAY)
    policynotices.tell(workspace)
    policynotices.tell(workspace)
    assert OutboxMail.objects.filter(about="edition:2").count() == 3
    outbox.deliver(workspace.desk.book)
    policynotices.tell(workspace)
    entry = history.last("policy.told")
    assert entry is not None and entry.data["reached"] == 3


def test_a_reminder_goes_once(workspace: Workspace) -> None:
    publish(policy(), now=TODAY - timedelta(days=500))
    for _ in range(2):
        policynotices.remind(workspace)
    assert OutboxMail.objects.filter(kind="policy-review").count() == 1
    editions.review(workspace, by="member 1", changes=False)
    policynotices.remind(workspace)
    assert OutboxMail.objects.filter(kind="policy-review").count() == 1
