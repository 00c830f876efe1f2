"""Incidents in the console: put down, answered, closed, with the clock in sight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servanda.desk import incidents
from servanda.ledger import history
from servanda.runtime import duties
from servanda.runtime.workspace import Workspace
from servanda.state.models import Incident
from tests.web.plans.conftest import Browse

NEW = "/console/incidents/new/"


def facts(**more: str) -> dict[str, str]:
    noticed = f"{datetime.now(UTC) - timedelta(hours=5):%Y-%m-%dT%H:%M}"
    return {
        "kind": "disclosure",
        "severity": "high",
        "personal": "yes",
        "noticed_at": noticed,
        "summary": "a list went to the wrong customer",
        **more,
    }


def test_its_life(site: Workspace, client: Browse) -> None:
    support, auditor = client("support"), client("auditor")
    told = support.post(NEW, facts())
    assert told.headers["Location"] == "/console/incidents/1/"
    support.post(NEW, facts(summary="a phone was lost", personal="no", severity="low"))
    page = support.get("/console/incidents/").content.decode()
    assert "wrong customer" in page and "a phone was lost" in page and "authority by" in page
    page = auditor.get("/console/incidents/").content.decode()
    assert "wrong customer" not in page and "a phone was lost" not in page
    assert "1: data reached somebody" in page and "authority by" in page
    assert "wrong customer" in support.get("/console/incidents/1/").content.decode()
    assert "wrong customer" not in auditor.get("/console/incidents/1/").content.decode()
    page = auditor.get("/console/incidents/1/").content.decode()
    assert "UK GDPR art. 33(1)" in page and "5 hours" in page and "in 66 hours" in page
    assert "<form" not in page.split("<main")[1]
    assert "art. 33" not in auditor.get("/console/incidents/2/").content.decode()
    for deed in ("add/", "close/"):
        refused = auditor.post(f"/console/incidents/1/{deed}", {"event": "note", "note": "x"})
        assert refused.status_code == 403
    assert auditor.get(NEW).status_code == 403
    support.post("/console/incidents/1/add/", {"event": "investigating", "note": "asked them"})
    support.post("/console/incidents/1/add/", {"event": "notified"})
    page = support.get("/console/incidents/1/").content.decode()
    assert "asked them" in page and "Authority told" in page and "art. 33" not in page
    page = auditor.get("/console/incidents/1/").content.decode()
    assert "asked them" not in page and "Authority told" in page
    close = "/console/incidents/1/close/"
    assert support.post(close, {"outcome": "resolved", "note": ""}).status_code == 400
    assert support.post(close, {"outcome": "resolved", "note": "deleted there"}).status_code == 302
    assert "wrong customer" not in support.get("/console/incidents/").content.decode()
    assert "wrong customer" in support.get("/console/incidents/?show=closed").content.decode()
    assert "wrong customer" not in auditor.get("/console/incidents/?show=closed").content.decode()
    assert [e.data["incident"] for e in history.entries("incident.closed")] == [1]
    assert Incident.objects.get(id=2).closed_at is None
    assert auditor.get("/console/incidents/99/").status_code == 404
    assert client("customer").get("/console/incidents/").status_code == 403


def test_what_is_wrong_is_said_and_kept(site: Workspace, client: Browse) -> None:
    support = client("support")
    for wrong in ({"summary": " "}, {"noticed_at": "soon"}, {"noticed_at": "2999-01-01T10:00"}):
        told = support.post(NEW, facts(**wrong))
        assert told.status_code == 400 and 'role="alert"' in told.content.decode()
    assert "wrong customer" in told.content.decode()  # what was typed is still there
    assert not Incident.objects.exists()


def test_nobody_looks_into_it(site: Workspace, client: Browse) -> None:
    now = datetime.now(UTC)
    old = incidents.open_(
        site.master,
        kind="intrusion",
        severity="critical",
        personal=True,
        noticed_at=now - timedelta(hours=100),
        summary="a log-in from nowhere",
        by="member 1",
        now=now - timedelta(hours=6),
    )
    support = client("support")
    support.post(NEW, facts())
    page = support.get("/console/incidents/").content.decode()
    assert page.count("nobody looks into it") == 1 and "✗ authority by" in page
    page = support.get(f"/console/incidents/{old}/").content.decode()
    assert "Nobody looks into it" in page and "was to be told by" in page
    duties.count_incidents(site)
    duties.count_incidents(site)  # once a day is enough
    (census,) = [e.data for e in history.entries("incidents.census")]
    assert (census["open"], census["unanswered"]) == (2, 1)
