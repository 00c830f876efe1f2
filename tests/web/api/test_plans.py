"""Plans through the API: the exact number, approvals and four eyes."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from servanda.runtime import hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Run
from servanda.web.models import Member
from tests.apply.requests.house import rows
from tests.web.api.conftest import Call
from tests.web.api.conftest import Token as Make

CLIENTS = "SELECT id FROM clients WHERE id < 4 ORDER BY id"


@pytest.fixture
def due(site: Workspace) -> Workspace:
    """Bob's record is past its time, Ann's and Cid's are not."""
    with closing(sqlite3.connect(site.folder / "crm.sqlite")) as crm, crm:
        crm.execute("UPDATE clients SET created = '2001-01-01 00:00:00' WHERE id = 2")
    return site


def _made(call: Call) -> str:
    assert call("POST", "/plans").status_code == 202
    assert jobs.work(hub.workspace(), threading.Event())
    found = call("GET", "/plans").json()
    assert len(found) == 1
    return str(found[0]["digest"])


def test_a_plan_runs_only_with_its_exact_number(call: Call, due: Workspace) -> None:
    digest = _made(call)
    at = f"/plans/{digest}"
    shown = call("GET", at).json()
    count = shown["count"]
    assert count > 0 and shown["state"] == "open" and "crm.clients" in shown["explained"]
    for wrong in (0, count - 1, count + 1):
        assert call("POST", f"{at}/apply", {"confirm": wrong}).status_code == 409
    assert not Job.objects.filter(kind="apply").exists()
    if shown["refused"]:
        assert call("POST", f"{at}/apply", {"confirm": count}).status_code == 409
        assert call("POST", f"{at}/approve", {"reason": "looked at it"}).status_code == 200
    assert rows(due.folder, "crm", CLIENTS) == [(1,), (2,), (3,)]
    assert call("POST", f"{at}/apply", {"confirm": count}).status_code == 202
    assert jobs.work(hub.workspace(), threading.Event())
    assert rows(due.folder, "crm", CLIENTS) == [(1,), (3,)]
    run = call("GET", "/runs").json()[0]
    assert run["plan"] == digest and run["by"].startswith("token ")
    detail = call("GET", f"/runs/{run['id']}").json()
    assert detail["entries"] and detail["steps"]
    assert call("GET", f"{at}/changes").json() == {"before": None, "changes": []}
    assert call("POST", f"{at}/apply", {"confirm": count}).status_code == 409
    assert call("POST", f"{at}/pause").status_code == 409


def test_with_four_eyes_no_program_approves_or_runs_alone(
    call: Call, token: Make, due: Workspace, owner: Member
) -> None:
    (due.folder / "servanda.toml").write_text("[web]\nfour_eyes = true\n")
    digest = _made(call)
    count = call("GET", f"/plans/{digest}").json()["count"]
    assert call("POST", f"/plans/{digest}/approve", {"reason": "so"}).status_code == 409
    told = call("POST", f"/plans/{digest}/apply", {"confirm": count})
    assert told.status_code == 409
    from servanda.desk import approvals

    approvals.approve(digest, by=owner.by, reason="my own program made it", four_eyes=True)
    assert call("POST", f"/plans/{digest}/apply", {"confirm": count}).status_code == 409
    assert not Run.objects.exists()
    assert rows(due.folder, "crm", CLIENTS) == [(1,), (2,), (3,)]


def test_what_is_not_there(call: Call) -> None:
    for path in ("/plans/abc", "/plans/" + "0" * 64, "/runs/nothing"):
        assert call("GET", path).status_code == 404
    assert call("GET", "/forecast").status_code == 404
    assert call("POST", "/sweeps", {"confirm": "yes"}).status_code == 400
    assert call("POST", "/plans", {"only": ["nothing"]}).status_code == 400
    assert not Job.objects.exists()
    assert call("POST", "/sweeps", {"confirm": "sweep"}).status_code == 202
    assert call("POST", "/forecast").status_code == 202
    assert jobs.work(hub.workspace(), threading.Event())
    assert jobs.work(hub.workspace(), threading.Event())
    assert call("GET", "/forecast").json()["outlooks"]
