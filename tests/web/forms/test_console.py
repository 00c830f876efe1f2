"""What each form takes and refused; a child's data that is found; no card number in the console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from servanda.desk.intake import counts
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.state.models import Incident, Leaf, Request
from servanda.web.models import Member
from tests.web.enquiry.test_gate import declare

MakeClient = Callable[[str | Member | None], Client]
CARD = "4111 1111 1111 1111"


def purpose(staff: Client, scope: str) -> None:
    form = {"scope": scope, "next": "/console/", "purpose": "rights"}
    assert staff.post("/console/purpose/", form).status_code == 302


def test_forms_and_what_they_refused(client: MakeClient, site: Workspace) -> None:
    staff = client("auditor")
    assert "declares no form" in staff.get("/console/forms/").content.decode()
    declare(site, age=True)
    counts.taken("enquiry")
    counts.refused("enquiry", ["card", "age"])
    counts.refused("portal", ["card"])
    page = staff.get("/console/forms/").content.decode()
    assert '<h2 id="f-1">enquiry</h2>' in page and "asks the age" in page
    assert "Card numbers</dt><dd>1 refused" in page
    assert "<td>Privacy portal</td><td>1</td>" in page
    assert "&lt;form method=&quot;post&quot; action=&quot;" in page and "/enquiry/&quot;" in page
    for name in ("name", "email", "message", "age", "parent_consents"):
        assert f"name=&quot;{name}&quot;" in page
    assert "religion" not in page
    assert "Change the forms" not in page, "an auditor changes nothing"
    assert "Change the forms" in client("owner").get("/console/forms/").content.decode()


@pytest.mark.parametrize(
    ("told", "opens"),
    [
        ({"email": "ann@example.test"}, True),
        ({"email": "ann@example.test", "age": "12"}, True),
        ({"email": "ann@example.test", "age": "40"}, False),
        ({"text": ""}, False),
    ],
)
def test_a_childs_data_that_is_found_is_to_be_erased(
    client: MakeClient, site: Workspace, told: dict[str, str], opens: bool
) -> None:
    staff = client("privacy_lead")
    purpose(staff, "requests")
    assert "A child’s data was found" in staff.get("/console/requests/").content.decode()
    form = {"text": "In the list of the summer camp", "place": "GB", **told}
    found = staff.post("/console/requests/child/", form)
    assert found.status_code == (302 if opens else 400)
    assert Request.objects.count() == opens
    if not opens:
        return
    row = Request.objects.get()
    assert (row.right, row.because, row.via) == ("erasure", "child", "staff")
    view = site.desk.get(str(row.pk))
    assert view.identities == (("email", "ann@example.test"),) and view.child
    assert view.because[0] == "opened because a child's data was found"
    entry = next(
        bytes(e.entry).decode() for e in Leaf.objects.all() if b"request.received" in bytes(e.entry)
    )
    assert '"because":"child"' in entry and "ann@" not in entry


def test_the_policys_age_counts_as_well_as_the_laws(site: Workspace) -> None:
    """In Great Britain the law says 13; the policy may say more."""

    def opened(age: int) -> list[str]:
        desk = hub.workspace().desk
        before = {view.ref for view in desk.listed()}
        desk.new(
            "access",
            [("email", f"of{age}@example.test")],
            received=desk.book.today(),
            via="post",
            by="x",
            place="GB",
            age=age,
        )
        return sorted(view.right for view in desk.listed() if view.ref not in before)

    assert opened(12) == ["access", "erasure"]
    assert opened(14) == ["access"]
    path = Path(site.folder / "policy.yaml")
    path.write_text(path.read_text() + "children: {below: 16}\n")
    assert opened(15) == ["access", "erasure"]
    assert opened(16) == ["access"]


def test_no_page_of_the_console_takes_a_card_number(client: MakeClient, site: Workspace) -> None:
    staff = client("owner")
    form = {
        "kind": "loss",
        "severity": "low",
        "noticed_at": "2026-01-02T10:00",
        "personal": "yes",
        "summary": f"A caller said {CARD}",
    }
    found = staff.post("/console/incidents/new/", form)
    assert found.status_code == 422
    page = found.content.decode()
    assert "summary: it holds what looks like the number of a payment card" in page
    assert "4111" not in page and Incident.objects.count() == 0
    fine = {**form, "summary": "A caller said 4111 1111 1111 1112"}
    assert staff.post("/console/incidents/new/", fine).status_code == 302
    assert Incident.objects.count() == 1
    strange = staff.post("/console/incidents/new/", {**form, "summary": "x", f"n{CARD}": CARD})
    assert strange.status_code == 422 and "4111" not in strange.content.decode()
    assert counts.totals() == {"console": {"card": 2}}
    stranger = client(None).post("/console/incidents/new/", form)
    assert stranger.headers["Location"].startswith("/accounts/login/")
    assert counts.totals() == {"console": {"card": 2}}
