"""Holds in the console: seen by many, opened by few and for a purpose, set and released."""

from __future__ import annotations

import pytest
from django.test import Client

from servanda.desk import holds
from servanda.ledger import history
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from tests.web.plans.conftest import DUE, FRESH, Browse, calls, made, run

ANN = "028 9000 0001"


def purposed(browser: Client) -> Client:
    told = browser.post(
        "/console/purpose/", {"scope": "holds", "purpose": "rights", "next": "/console/holds/"}
    )
    assert told.status_code == 302
    return browser


def add(browser: Client, **told: str) -> int:
    return browser.post("/console/holds/add/", {"reason": "the case of Ann", **told}).status_code


def held() -> list[holds.HoldLine]:
    return holds.overview()


def test_a_person_is_held_and_let_go(due: Workspace, client: Browse) -> None:
    lead = purposed(client("privacy_lead"))
    assert add(lead, way="person", phone=ANN) == 302
    (line,) = held()
    page = lead.get(f"/console/holds/{line.id}/").content.decode()
    assert "the case of Ann" in page and "4 records" not in page and "pbx.calls" in page
    plan = made(lead)
    assert run(lead, plan, "1") == 302
    assert calls(due.folder) == [*FRESH, 4, 6]  # Bob's went, Ann's stay
    release = f"/console/holds/{line.id}/release/"
    assert lead.post(release, {"reason": " "}).status_code == 400
    assert held() == [line]
    assert lead.post(release, {"reason": "settled"}).status_code == 302
    assert held() == [] and [each.id for each in holds.overview(released=True)] == [line.id]
    assert run(lead, made(lead), "2") == 302
    assert calls(due.folder) == FRESH


@pytest.mark.parametrize(
    ("told", "stay"),
    [
        ({"way": "record", "collection": "pbx.calls", "key": "5"}, [5]),
        (
            {"way": "predicate", "collection": "pbx.calls", "where": "src contains 0001\nid > 4"},
            [6],
        ),
    ],
)
def test_records_are_held(
    due: Workspace, client: Browse, told: dict[str, str], stay: list[int]
) -> None:
    lead = purposed(client("privacy_lead"))
    assert add(lead, **told) == 302
    (line,) = held()
    assert "1 record." in lead.get(f"/console/holds/{line.id}/").content.decode()
    assert run(lead, made(lead), "2") == 302
    assert calls(due.folder) == FRESH + stay


@pytest.mark.parametrize(
    "told",
    [
        {"way": "person"},
        {"way": "person", "email": "no address"},
        {"way": "record", "collection": "pbx.calls", "key": "4\n5"},
        {"way": "record", "collection": "pbx.nothing", "key": "4"},
        {"way": "predicate", "collection": "pbx.calls", "where": "nothing = 1"},
        {"way": "person", "phone": ANN, "reason": "  "},
        {},
    ],
)
def test_what_makes_no_hold_is_said(due: Workspace, client: Browse, told: dict[str, str]) -> None:
    assert add(purposed(client("privacy_lead")), **told) == 400
    assert held() == []


def test_one_that_covers_nothing_says_so(due: Workspace, client: Browse) -> None:
    lead = purposed(client("privacy_lead"))
    assert add(lead, way="person", email="nobody@example.test") == 302
    page = lead.get(f"/console/holds/{held()[0].id}/").content.decode()
    assert "covers no record now" in page


def test_an_address_alone_says_that_calls_are_not_searched(due: Workspace, client: Browse) -> None:
    lead = purposed(client("privacy_lead"))
    assert add(lead, way="person", email="ann@example.test") == 302
    (line,) = held()
    told = "Not searched by this hold, which covers nothing there: pbx.calls, tapes.wav."
    remedy = "set another hold by the person&#x27;s telephone number"
    engineer = client("engineer").get("/console/holds/").content.decode()
    for page in (
        lead.get(f"/console/holds/{line.id}/").content.decode(),
        lead.get("/console/holds/").content.decode(),
        engineer,
    ):
        assert told in page and remedy in page
    assert "ann@example.test" not in engineer
    assert run(lead, made(lead), "3") == 302
    assert calls(due.folder) == FRESH  # it was said: the calls went
    assert add(lead, way="person", email="ann@example.test", phone=ANN) == 302
    page = lead.get(f"/console/holds/{held()[0].id}/").content.decode()
    assert "Not searched" not in page


def test_legal_claims_are_a_purpose_of_holds_and_of_nothing_else(
    due: Workspace, client: Browse
) -> None:
    lead = client("privacy_lead")
    assert "legal_claims" not in {p for e in due.policy.activities for p in e.purposes}
    asked, form = "/console/purpose/", {"purpose": "legal_claims", "next": "/console/holds/"}
    page = lead.get(asked, {"scope": "holds", "next": "/console/holds/"}).content.decode()
    assert "establishing, exercising or defending legal claims" in page
    page = lead.get(asked, {"scope": "request:1", "next": "/console/"}).content.decode()
    assert "legal claims" not in page
    assert lead.post(asked, {**form, "scope": "request:1"}).status_code == 403
    assert lead.post(asked, {**form, "scope": "holds"}).status_code == 302
    assert add(lead, way="person", phone=ANN) == 302
    (read,) = [e.data for e in history.entries("access.task")]
    assert (read["scope"], read["purpose"]) == ("holds", "legal_claims")


def test_whom_and_why_only_for_a_purpose(due: Workspace, client: Browse) -> None:
    id_ = holds.add_person(
        due.master, [("email", "ann@example.test")], reason="the case of Ann", by="member 1"
    )
    other = holds.add_record(due.master, "pbx.calls", [5], reason="a theft", by="member 1")
    lead, auditor = client("privacy_lead"), client("auditor")
    for browser in (lead, auditor, client("engineer")):
        page = browser.get("/console/holds/").content.decode()
        assert id_ in page and other in page and "pbx.calls" in page
        for secret in ("ann@", "case of", "theft"):
            assert secret not in page
    told = lead.get(f"/console/holds/{id_}/")
    assert told.status_code == 302 and told.headers["Location"].startswith("/console/purpose/")
    assert (
        lead.post("/console/holds/add/", {"way": "person", "email": "x@y.test"}).status_code == 302
    )
    assert len(held()) == 2
    purposed(lead)
    page = lead.get(f"/console/holds/{id_}/").content.decode()
    assert "ann@example.test" in page and "the case of Ann" in page and "theft" not in page
    (read,) = [e.data for e in history.entries("access.read")]
    assert (read["scope"], read["what"]) == ("holds", f"hold {id_}")
    for deed in (f"{id_}/", "add/"):
        assert auditor.get(f"/console/holds/{deed}").status_code == 403
    assert auditor.post(f"/console/holds/{id_}/release/", {"reason": "x"}).status_code == 403
    assert len(held()) == 2
    assert lead.get("/console/holds/eve@example.test/").status_code == 404
    assert len(list(history.entries("access.read"))) == 1  # and what was typed is kept nowhere


def test_a_restriction_is_lifted_by_its_request_alone(due: Workspace, client: Browse) -> None:
    lead = purposed(client("privacy_lead"))
    workspace = hub.workspace()
    id_ = holds.add_person(
        workspace.master, [("phone", ANN)], reason="restricted", by="x", origin="request 7"
    )
    assert "lifted there" in lead.get(f"/console/holds/{id_}/").content.decode()
    assert lead.post(f"/console/holds/{id_}/release/", {"reason": "x"}).status_code == 400
    assert len(held()) == 1 and calls(due.folder) == FRESH + DUE
