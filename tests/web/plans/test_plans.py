"""Plans in the console: made, read, compared, approved, run, paused; refused where they must be."""

from __future__ import annotations

from servanda.desk import approvals
from servanda.ledger import history
from servanda.runtime import hub, jobs, plans, standing
from servanda.runtime.workspace import Workspace
from tests.web.plans.conftest import (
    DUE,
    FRESH,
    Browse,
    calls,
    change,
    fill,
    four_eyes,
    limit,
    made,
    run,
    worked,
)


def test_a_plan_is_made_read_and_run(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    assert "No plan lies here" in owner.get("/console/plans/").content.decode()
    plan = made(owner)
    listed = owner.get("/console/plans/").content.decode()
    assert plan.digest[:12] in listed and "Owner" in listed and "not run yet" in listed
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    for said in ("3 records would be deleted", "Delete pbx.calls", "1 year after recorded"):
        assert said in page, page
    assert calls(due.folder) == FRESH + DUE
    assert run(owner, plan) == 302
    assert calls(due.folder) == FRESH
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "3 records deleted or changed" in page and "0 ✓" in page and 'name="confirm"' not in page
    (started,) = [e.data for e in history.entries("run.started")]
    assert started["by"].startswith("member ")


def test_nothing_runs_without_the_exact_number(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    plan = made(owner)
    for typed in ("", "2", "33", "yes", "3 0"):
        assert run(owner, plan, typed) == 400
        assert calls(due.folder) == FRESH + DUE
    assert run(owner, plan, "3") == 302
    assert calls(due.folder) == FRESH


def test_who_may_do_what(due: Workspace, client: Browse) -> None:
    plan = made(client("owner"))
    auditor = client("auditor")
    page = auditor.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "3 records would be deleted" in page and "<form" not in page.split("<main")[1]
    for role, may_not in (
        ("auditor", ("make/", "sweep/", "approve/", "run/", "pause/")),
        ("engineer", ("approve/",)),
        ("support", ("make/", "sweep/", "approve/", "run/", "pause/")),
    ):
        browser = auditor if role == "auditor" else client(role)
        for deed in may_not:
            of = "" if deed in ("make/", "sweep/") else f"{plan.digest}/"
            told = browser.post(f"/console/plans/{of}{deed}", {"confirm": "3", "reason": "so"})
            assert told.status_code == 403, (role, deed)
    worked()
    assert calls(due.folder) == FRESH + DUE
    assert client("customer").get(f"/console/plans/{plan.digest}/").status_code == 403
    assert client(None).get(f"/console/plans/{plan.digest}/").status_code == 302
    assert auditor.get(f"/console/plans/{'a' * 64}/").status_code == 404
    assert auditor.get("/console/plans/..%2f..%2fpolicy.yaml/").status_code == 404


def test_above_a_limit_it_waits_for_an_approval(due: Workspace, client: Browse) -> None:
    limit(due.folder, 2)
    owner = client("owner")
    plan = made(owner)
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "Above a limit: pbx.calls" in page and "more than 2 records" in page
    assert run(owner, plan) == 400
    assert calls(due.folder) == FRESH + DUE
    approve = f"/console/plans/{plan.digest}/approve/"
    assert owner.post(approve, {"reason": " "}).status_code == 400
    assert owner.post(approve, {"reason": "an import"}).status_code == 302
    assert run(owner, plan) == 302
    assert calls(due.folder) == FRESH
    lead = client("privacy_lead")
    assert lead.post(approve, {"reason": "too late"}).status_code == 400
    assert len(approvals.of(plan.digest)) == 1


def test_a_plan_that_fits_no_more_says_so(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    plan = made(owner)
    change(due.folder, "policy.yaml", "at_most: 12 months", "at_most: 13 months")
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "the policy changed since the plan was made" in page and 'name="confirm"' not in page
    assert run(owner, plan, "3") == 400
    assert calls(due.folder) == FRESH + DUE
    assert "fits no more" in owner.get("/console/plans/").content.decode()


def test_more_records_than_planned_are_refused_and_told(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    plan = made(owner)
    fill(due.folder, [7])
    assert run(owner, plan) == 302
    assert calls(due.folder) == [*FRESH, *DUE, 7]
    page = owner.get(f"/console/plans/{plan.digest}/").content.decode()
    assert "did not come to its end" in page and "would now touch 4 records" in page


def test_two_plans_are_compared(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    first = made(owner)
    page = owner.get(f"/console/plans/{first.digest}/").content.decode()
    assert "no plan before this one" in page
    fill(due.folder, [7, 8])
    second = made(owner)
    page = owner.get(f"/console/plans/{second.digest}/").content.decode()
    assert "+2" in page and ">more<" in page and "1 year after recorded" in page
    assert run(owner, second) == 302
    third = made(owner)
    _, changes = standing.changes(hub.workspace(), third)
    (gone,) = [each for each in changes if each.writes]
    assert (gone.kind, gone.before, gone.now) == ("gone", 5, 0)
    assert gone.why == ("nothing of it is due any more",)
    assert calls(due.folder) == FRESH


def test_a_run_is_paused_and_gone_on_with(due: Workspace, client: Browse) -> None:
    owner = client("owner")
    plan = made(owner)
    of = f"/console/plans/{plan.digest}/"
    assert owner.post(f"{of}pause/").status_code == 400  # it does not run
    owner.post(f"{of}run/", {"confirm": "3"})
    running = owner.get(f"{of}progress/?poll").content.decode()
    assert "Waiting for the worker" in running and "<progress" in running
    assert owner.post(f"{of}pause/").status_code == 302
    worked()
    assert calls(due.folder) == FRESH + DUE
    told = owner.get(f"{of}progress/?poll")
    assert told.headers["HX-Refresh"] == "true"
    assert owner.post(f"{of}run/", {"confirm": "3"}).status_code == 302
    worked()
    assert calls(due.folder) == FRESH


def test_a_sweep_on_demand(due: Workspace, client: Browse) -> None:
    engineer = client("engineer")
    assert engineer.post("/console/plans/sweep/", {"confirm": "yes"}).status_code == 400
    worked()
    assert calls(due.folder) == FRESH + DUE
    assert engineer.post("/console/plans/sweep/", {"confirm": "sweep"}).status_code == 302
    assert engineer.get("/console/plans/making/?poll").status_code == 200
    worked()
    assert calls(due.folder) == FRESH
    assert "What it did" in engineer.get("/console/plans/").content.decode()
    assert list(history.entries("census"))


def test_four_eyes_in_the_console(due: Workspace, client: Browse) -> None:
    four_eyes(due.folder)
    owner, lead = client("owner"), client("privacy_lead")
    plan = made(owner)
    approve = f"/console/plans/{plan.digest}/approve/"
    assert run(owner, plan) == 400  # nobody approved it
    assert owner.post(approve, {"reason": "mine"}).status_code == 400
    assert run(owner, plan) == 400
    jobs.ask("apply", {"plan": plan.digest}, about="behind the page", by="member 1")
    worked()
    job = jobs.latest("behind the page")
    assert job is not None and job.state == "failed" and "four eyes" in job.error
    assert calls(due.folder) == FRESH + DUE
    assert lead.post(approve, {"reason": "looked at it"}).status_code == 302
    assert run(lead, plan) == 400  # who approved it does not run it
    assert calls(due.folder) == FRESH + DUE
    assert run(owner, plan) == 302
    assert calls(due.folder) == FRESH


def test_with_four_eyes_a_sweep_on_demand_waits(due: Workspace, client: Browse) -> None:
    four_eyes(due.folder)
    owner = client("owner")
    owner.post("/console/plans/sweep/", {"confirm": "sweep"})
    worked()
    assert calls(due.folder) == FRESH + DUE
    assert "waits for approval" in owner.get("/console/plans/").content.decode()
    assert standing.count(plans.listed(hub.workspace())[0]) == 3
