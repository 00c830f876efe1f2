"""Runs in the console: who, when, what it came to, and where its evidence stands."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from servanda.ledger import history
from servanda.runtime import hub, plans, runs
from servanda.runtime.sweep import sweep
from servanda.runtime.workspace import Workspace
from servanda.state.models import Run, StepRun
from tests.web.plans.conftest import FRESH, Browse, calls, change, fill, made, run


def test_a_run_is_listed_and_told(due: Workspace, client: Browse) -> None:
    owner, auditor = client("owner"), client("auditor")
    assert "Nothing was run yet" in auditor.get("/console/runs/").content.decode()
    plan = made(owner)
    assert run(owner, plan) == 302
    fill(due.folder, [7, 8])
    time.sleep(1.1)  # runs are listed by the second in which they began
    assert run(owner, made(owner)) == 302
    assert calls(due.folder) == FRESH
    newer, older = runs.listed()
    assert (newer.records, older.records, older.plan) == (2, 3, plan.digest)
    page = auditor.get("/console/runs/").content.decode()
    assert page.index(newer.id) < page.index(older.id) and "Owner" in page
    page = auditor.get(f"/console/runs/{older.id}/").content.decode()
    (index,) = [e.index for e in history.entries("run.ended") if e.data["run"] == older.id]
    for said in ("3 records deleted or changed", "1 done", f"entry {index}", plan.digest[:12]):
        assert said in page, said
    assert f"entry {index + 40}" not in page
    found = runs.get(older.id)
    assert {kind for _, kind in found.entries} >= {"run.started", "recount", "run.ended"}
    assert all(history.at(i).data["run"] == older.id for i, _ in found.entries)
    assert auditor.get("/console/runs/20200101T000000Z-aaaaaa/").status_code == 404
    assert client("support").get("/console/runs/").status_code == 403


def test_it_is_said_with_whose_login_was_counted(due: Workspace, client: Browse) -> None:
    """Without a login of its own a second count is no other pair of eyes, and nobody may say so."""
    owner, same, own = client("owner"), "the same login as the sweep", "a login of its own"
    plan = made(owner)
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert f"counted again with {same}" in page and own not in page
    assert run(owner, plan) == 302
    (line,) = runs.listed()
    page = owner.get(f"/console/runs/{line.id}/").content.decode()
    assert f"<td>{same}</td>" in page and f"<td>{own}</td>" not in page
    connect = "connect: sqlite:///pbx.sqlite\n"
    change(due.folder, "stores.yaml", connect, f"{connect}    recount: sqlite:///pbx.sqlite\n")
    fill(due.folder, [7, 8])
    time.sleep(1.1)
    plan = made(owner)
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "a login of its own: pbx." in page.replace("With a", "a")
    assert run(owner, plan) == 302
    page = owner.get(f"/console/runs/{runs.listed()[0].id}/").content.decode()
    assert f"<td>{own}</td>" in page


def test_the_list_asks_as_often_for_many_as_for_few(site: Workspace, client: Browse) -> None:
    auditor = client("auditor")

    def add(numbers: range) -> None:
        for n in numbers:
            id_ = f"20260301T{n:06d}Z-abcdef"
            at = datetime(2026, 3, 1, tzinfo=UTC)
            by = f"member {n}"
            row = {"plan_digest": "a" * 64, "plan": b"", "state": "done", "started_at": at}
            Run.objects.create(id=id_, by=by, **row)
            StepRun.objects.create(run_id=id_, step_id="one", records=n)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert auditor.get("/console/runs/").status_code == 200
        return len(queries)

    add(range(3))
    asked()
    few = asked()
    add(range(10, 70))
    assert asked() == few
    page = auditor.get("/console/runs/").content.decode()
    assert "Older runs" in page and "20260301T000069Z" in page and "20260301T000001Z" not in page
    last = runs.listed(limit=50)[-1].id
    rest = auditor.get("/console/runs/", {"before": last}).content.decode()
    assert "20260301T000001Z" in rest and "20260301T000069Z" not in rest


def test_a_run_that_was_given_up_says_so(due: Workspace, client: Browse) -> None:
    from servanda.apply import run as applying

    plan = plans.make(due, datetime.now(UTC))
    given_up = applying.start(plan, due.site)
    change(due.folder, "policy.yaml", "at_most: 12 months", "at_most: 13 months")
    sweep(hub.workspace(), datetime.now(UTC))
    assert Run.objects.get(id=given_up).state == "stale"
    page = client("auditor").get(f"/console/runs/{given_up}/").content.decode()
    assert "fits no more" in page and "it ended" in page and "left out" in page
    assert calls(due.folder) == FRESH  # by the sweep's own plan
