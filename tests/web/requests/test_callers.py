"""The life of a caller check, through the pages: nothing of a customer is shown before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from servanda.desk import access
from servanda.ledger import history
from servanda.runtime import customers, portal
from servanda.runtime.workspace import Workspace
from servanda.state.models import CallerCheck, Contact, Customer, Read, Task
from servanda.status.chronicle import Chronicle
from tests.web.requests.conftest import Desk
from tests.web.requests.tenants import with_tenants

JO = {
    "name": "Jo Doe",
    "role": "head of IT",
    "phone": "028 9000 0011",
    "email": "jo@acme.test",
    "codeword": "blue elephant",
    "authorised_by": "the board",
}
KIM = {"name": "Kim Roe", "phone": "028 9000 0012"}


@pytest.fixture
def acme(site: Workspace, lead: Desk) -> int:
    """A customer of the stores with two contacts, entered by the page."""
    with_tenants(site)
    lead.states("contacts")
    assert "Acme" in lead.get("contacts/")
    ref = Customer.objects.get(tenant="acme").id
    lead.states(f"customer:{ref}")
    for each in (JO, KIM):
        lead.post(f"contacts/{ref}/add/", each)
    assert Contact.objects.count() == 2
    return ref


@pytest.fixture
def support(acme: int, desk: Callable[[str], Desk]) -> Desk:
    found = desk("support")
    found.states("callers")
    found.states(f"customer:{acme}")
    return found


def id_of(page: str, name: str) -> str:
    found = re.search(rf'aria-label="{name}">.*?name="contact" value="(\d+)"', page, re.DOTALL)
    assert found
    return found[1]


def test_who_may_speak_is_shown_masked(acme: int, support: Desk) -> None:
    assert "Acme" in support.get("callers/")
    page = support.get(f"callers/{acme}/")
    assert "Jo Doe" in page and "Kim Roe" in page and "••• 011" in page and "j•••@acme.test" in page
    assert "90000011" not in page and "jo@acme.test" not in page and "the board" not in page
    page = support.post(f"callers/{acme}/recognise/", {"told": "+44 28 9000 0011"}, 200)
    assert page.count("recognised</span>") == 1
    page = support.post(f"callers/{acme}/recognise/", {"told": "028 9000 0077"}, 200)
    assert "Nobody on the list" in page


def test_nothing_is_shown_before_the_check(acme: int, support: Desk, lead: Desk) -> None:
    support.get(f"callers/{acme}/data/", 302)
    refused = Read.objects.filter(scope=f"customer:{acme}").exclude(refused="").get()
    assert refused.what == "customer shown to caller"
    jo = id_of(support.get(f"callers/{acme}/"), "Jo Doe")
    support.post(f"callers/{acme}/codeword/", {"contact": jo, "word": "green elephant"})
    support.get(f"callers/{acme}/data/", 302)
    support.post(f"callers/{acme}/codeword/", {"contact": jo, "word": "Blue elephant"})
    page = support.get(f"callers/{acme}/data/")
    assert "crm.clients" in page and '<td class="num">2</td>' in page and "Jo Doe" in page
    assert "crm.orders" not in page  # of nobody's customer
    newest = history.last("access.read")
    assert newest is not None and newest.data["what"] == "customer shown to caller"
    assert newest.data["scope"] == f"customer:{acme}"
    lead.get(f"callers/{acme}/data/", 302)  # it counts for who made it
    outcomes = [each.data["outcome"] for each in history.entries("caller.checked")]
    assert outcomes == ["refused", "verified"]
    assert "1 refused (50 %)" in support.get("callers/")
    CallerCheck.objects.update(at=CallerCheck.objects.earliest("id").at - timedelta(hours=2))
    support.get(f"callers/{acme}/data/", 302)


def test_called_back(acme: int, support: Desk) -> None:
    jo = id_of(support.get(f"callers/{acme}/"), "Jo Doe")
    page = support.post(f"callers/{acme}/number/", {"contact": jo}, 200)
    assert "+442890000011" in page
    assert Read.objects.filter(what="number to call back shown").count() == 1
    support.post(f"callers/{acme}/called/", {"contact": jo, "outcome": "refused"})
    support.get(f"callers/{acme}/data/", 302)
    support.post(f"callers/{acme}/called/", {"contact": jo, "outcome": "verified"})
    support.get(f"callers/{acme}/data/")
    support.post(f"callers/{acme}/unknown/")
    support.get(f"callers/{acme}/data/", 302)


def test_a_code_by_mail(site: Workspace, acme: int, support: Desk) -> None:
    jo = id_of(support.get(f"callers/{acme}/"), "Jo Doe")
    page = support.post(f"callers/{acme}/send/", {"contact": jo}, 200)
    (mail,) = (site.folder / ".servanda" / "letters").glob("caller-code-*.eml")
    text = mail.read_text()
    code = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", text)
    assert code and "jo@acme.test" in text and code[0] not in page
    support.post(f"callers/{acme}/code/", {"contact": jo, "code": "AAAA-AAAA"})
    support.get(f"callers/{acme}/data/", 302)
    support.post(f"callers/{acme}/code/", {"contact": jo, "code": code[0]})
    support.get(f"callers/{acme}/data/")


def test_a_letter_with_a_code_is_destroyed_when_its_time_is_over(
    site: Workspace, acme: int, support: Desk
) -> None:
    jo = id_of(support.get(f"callers/{acme}/"), "Jo Doe")
    support.post(f"callers/{acme}/send/", {"contact": jo}, 200)
    folder = site.folder / ".servanda" / "letters"
    (code,) = folder.glob("caller-code-*.eml")
    (folder / "request-1-letter-1.eml").write_text("of somebody else")
    portal.tidy(site)
    assert code.exists()
    assert customers.forget_codes(site, datetime.now(UTC) + timedelta(minutes=16)) == 1
    assert [each.name for each in folder.iterdir()] == ["request-1-letter-1.eml"]


def test_the_board_is_judged_by_what_the_pages_wrote(acme: int, support: Desk) -> None:
    """Kept once callers are checked and shown; broken once data is shown by whoever checked none,
    which no page does."""

    def verdict() -> str:
        policy = {"kind": "policy", "zone": "UTC", "heartbeat_s": 172_800, "stores": []}
        found = Chronicle()
        promise = {"id": "C-1", "kept_by": ["callers.verified"], "planned": False}
        at = history.at(0).at
        found.add(0, {**policy, "collections": {}, "promises": [promise], "at": at.isoformat()})
        for entry in history.entries(since_index=0):
            found.add(entry.index + 1, {**entry.data, "kind": entry.kind}, entry.at)
        (check,) = found.check("callers.verified", found.moment or at)
        return check.verdict.name.lower()

    access.census([("owner", True)])
    assert verdict() == "unproven"
    jo = id_of(support.get(f"callers/{acme}/"), "Jo Doe")
    support.post(f"callers/{acme}/codeword/", {"contact": jo, "word": "blue elephant"})
    support.get(f"callers/{acme}/data/")
    assert verdict() == "kept"
    other = Customer.objects.exclude(id=acme).earliest("id")
    task = Task.objects.filter(scope=f"customer:{acme}").latest("opened_at")
    task.scope = f"customer:{other.id}"
    access.read(task, "customer shown to caller")
    assert verdict() == "broken"


def test_a_contact_of_another_customer_is_nobody(acme: int, support: Desk, lead: Desk) -> None:
    beta = Customer.objects.get(tenant="beta").id
    lead.states(f"customer:{beta}")
    lead.post(f"contacts/{beta}/add/", {**KIM, "codeword": "red giraffe"})
    theirs = str(Contact.objects.latest("id").id)
    for what, told in (("codeword", {"word": "red giraffe"}), ("number", {}), ("send", {})):
        support.post(f"callers/{acme}/{what}/", {"contact": theirs, **told})
    assert not CallerCheck.objects.exists()
    lead.post(f"contacts/{acme}/remove/", {"contact": theirs})
    assert Contact.objects.get(id=theirs).removed_at is None
    answer = support.client.get(f"/console/callers/{beta}/")
    assert "/console/purpose/" in answer.headers["Location"]  # each customer is a scope


def test_the_list_is_changed_on_record(acme: int, lead: Desk) -> None:
    page = lead.get(f"contacts/{acme}/")
    assert "+442890000011" in page and "the board" in page and "elephant" not in page
    jo = id_of(page, "Jo Doe")
    lead.post(f"contacts/{acme}/end/", {"contact": jo, "until": "2020-01-01"})
    assert "Jo Doe" not in lead.get(f"callers/{acme}/")
    lead.post(f"contacts/{acme}/remove/", {"contact": jo})
    assert "Jo Doe" not in lead.get(f"contacts/{acme}/")
    file = SimpleUploadedFile(
        "list.csv", b"name,phone\nLee Low,028 9000 0013\nKim Roe,02890000012\n"
    )
    lead.post(f"contacts/{acme}/import/", {"file": file})
    page = lead.get(f"contacts/{acme}/")
    assert "1 added; 1 were on the list already" in page and "Lee Low" in page
    kinds = [each.data["what"] for each in history.entries("contact.changed")]
    assert kinds == ["added", "added", "changed", "removed", "added"]


def test_a_customer_without_records_of_its_own(site: Workspace, lead: Desk) -> None:
    lead.states("contacts")
    lead.post("contacts/", {"name": "  Corner   Shop "})
    shop = Customer.objects.get()
    assert (shop.name, shop.tenant) == ("Corner Shop", "")
    lead.states(f"customer:{shop.id}")
    lead.post(f"contacts/{shop.id}/add/", JO)
    jo = id_of(lead.get(f"callers/{shop.id}/"), "Jo Doe")
    lead.post(f"callers/{shop.id}/called/", {"contact": jo, "outcome": "verified"})
    assert "known by name alone" in lead.get(f"callers/{shop.id}/data/")


def test_who_may(acme: int, desk: Callable[[str], Desk], support: Desk) -> None:
    support.states("contacts")
    support.get("contacts/", 403)
    support.get(f"contacts/{acme}/", 403)
    support.post(f"contacts/{acme}/add/", JO, 403)
    for role in ("auditor", "engineer", "customer"):
        found = desk(role)
        for path in ("callers/", f"callers/{acme}/", f"callers/{acme}/data/", "contacts/"):
            assert "Jo Doe" not in found.get(path, 403)
    assert Contact.objects.count() == 2
