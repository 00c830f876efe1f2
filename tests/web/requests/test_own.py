"""A customer's member sees what is their company's, and nothing of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servanda import ledger
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.web.requests.conftest import ANN, BOB, Desk
from tests.web.requests.tenants import with_tenants

CID = (("email", "cid@example.test"),)


@pytest.fixture
def firm(site: Workspace) -> Workspace:
    return with_tenants(site)


@pytest.fixture
def of(firm: Workspace, desk: Callable[..., Desk]) -> Callable[[str], Desk]:
    def made(tenant: str) -> Desk:
        found = Member.objects.create_user(
            f"{tenant}@{tenant}.test", "x" * 20, name=tenant, role="customer", tenant=tenant
        )
        from tests.web.world import factor

        factor(found)
        return desk(of=found)

    return made


def routed(firm: Workspace, who: Any, tenant: str) -> str:
    today = firm.desk.book.today()
    return firm.desk.new("erasure", who, received=today, via="post", by="me", tenant=tenant)


def test_each_sees_its_own(firm: Workspace, of: Callable[[str], Desk]) -> None:
    mine = [routed(firm, ANN, "acme"), routed(firm, BOB, "acme")]
    theirs = routed(firm, CID, "beta")
    ours = firm.desk.new("access", BOB, received=firm.desk.book.today(), via="post", by="me")
    acme, beta = of("acme"), of("beta")
    page = acme.get("own/")
    assert page.count("waiting for you") == 2 and "2 requests about your data are open" in page
    assert all(f"/console/own/{each}/" in page for each in mine)
    assert f"/console/own/{theirs}/" not in page and f"<td>{ours}</td>" not in page
    assert "Acme" in page and "Beta" not in page and "@example.test" not in page
    other = beta.get("own/")
    assert other.count("waiting for you") == 1 and f"/console/own/{theirs}/" in other
    assert not any(f"/console/own/{each}/" in other for each in mine)


def test_they_instruct_us_about_their_own_alone(firm: Workspace, of: Callable[[str], Desk]) -> None:
    mine, theirs = routed(firm, ANN, "acme"), routed(firm, CID, "beta")
    ours = firm.desk.new("access", BOB, received=firm.desk.book.today(), via="post", by="me")
    acme = of("acme")
    for ref in (theirs, ours, "999"):
        for do in ("instruct", "answer"):
            acme.post(f"own/{ref}/", {"do": do}, 404)
    assert firm.desk.get(theirs).state == "routed" and firm.desk.get(ours).state == "received"
    acme.post(f"own/{mine}/", {"do": "answer", "note": "our DPO does it"})
    view = firm.desk.get(mine)
    assert view.state == "routed" and view.events[-1].kind == "customer_answers"
    assert (view.events[-1].by, view.events[-1].note) == (acme.member.by, "our DPO does it")
    acme.post(f"own/{mine}/", {"do": "instruct"})
    view = firm.desk.get(mine)
    assert view.state == "verified" and view.events[-1].kind == "instructed"
    acme.post(f"own/{mine}/", {"do": "instruct"})
    acme.post(f"own/{mine}/", {"do": "answer"})
    assert len(firm.desk.get(mine).events) == len(view.events)


def test_rules_and_counts(firm: Workspace, of: Callable[[str], Desk]) -> None:
    for total in (5, 3):
        ledger.append([{"kind": "recount", "collection": "tapes.wav", "total": total}])
    acme = of("acme").get("own/")
    assert "by your instruction: at most 5 years after created" in acme
    assert "counted together with other customers" in acme and "tapes.wav" not in acme
    beta = of("beta").get("own/")
    assert "tapes.wav: 3 records, counted" in beta and "by your instruction" not in beta


def test_nothing_else_is_theirs(firm: Workspace, of: Callable[[str], Desk]) -> None:
    ref = routed(firm, ANN, "acme")
    acme = of("acme")
    assert acme.client.get("/console/").headers["Location"] == "/console/own/"
    pages = ("requests/", f"requests/{ref}/", "callers/", "contacts/", "recordings/")
    for path in pages:
        acme.get(path, 403)
    acme.post(f"requests/{ref}/do/event/", {"kind": "instructed"}, 403)


def test_staff_and_the_companyless(firm: Workspace, desk: Callable[..., Desk]) -> None:
    ref = routed(firm, ANN, "acme")
    for role in ("owner", "privacy_lead", "support", "auditor", "customer"):
        found = desk(role)
        found.get("own/", 403)
        found.post(f"own/{ref}/", {"do": "instruct"}, 403)
    assert firm.desk.get(ref).state == "routed"
