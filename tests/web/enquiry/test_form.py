"""The enquiry form, from the company's website to its end in the console."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from servanda import ledger
from servanda.desk import holds
from servanda.desk.requests import outbox
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.state.enquiries.models import Enquiry
from servanda.state.models import Request
from servanda.web.enquiry import guard
from servanda.web.models import Member

MakeClient = Callable[[str | Member | None], Client]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(time.time(), tick=False) as found:
        yield found


def told(name: str = "Ann", **more: str) -> dict[str, str]:
    return {
        "name": name,
        "email": f"{name.lower()}@example.test",
        "topic": "question",
        "message": f"A question of {name}",
        "ticket": guard.ticket(),
        guard.TRAP: "",
        **more,
    }


def send(client: Client, clock: time_machine.Traveller, form: dict[str, str], **more: Any) -> Any:
    clock.shift(guard.SOONEST_S + 2)
    return client.post("/enquiry/", form, **more)


def _purpose(staff: Client, enquiry: int) -> None:
    form = {"scope": f"enquiry:{enquiry}", "next": "/console/", "purpose": "support"}
    assert staff.post("/console/purpose/", form).status_code == 302


def test_an_enquiry_lives_and_ends(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    visitor, staff = client(None), client("support")
    assert b"Leave this empty" in visitor.get("/enquiry/").content
    for name in ("Ann", "Bob", "Cid"):
        assert send(visitor, clock, told(name, marketing="on")).status_code == 302
    rows = {row.name: row for row in Enquiry.objects.all()}
    assert set(rows) == {"Ann", "Bob", "Cid"}
    bob = rows["Bob"].pk

    page = staff.get("/console/enquiries/").content.decode()
    assert "3 open" in page
    assert "Bob" not in page
    asked = staff.get(f"/console/enquiries/{bob}/")
    assert asked.headers["Location"].startswith("/console/purpose/")
    purpose = {
        "scope": f"enquiry:{bob}",
        "next": f"/console/enquiries/{bob}/",
        "purpose": "support",
    }
    assert staff.post("/console/purpose/", purpose).status_code == 302
    page = staff.get(f"/console/enquiries/{bob}/").content.decode()
    assert "A question of Bob" in page
    reads = list(ledger.history.entries("access.read"))
    assert [each.data["scope"] for each in reads] == [f"enquiry:{bob}"]

    staff.post(f"/console/enquiries/{bob}/answer/", {"text": "It is so."})
    sent = outbox.deliver(hub.workspace().desk.book)
    assert len(sent) == 1
    page = staff.get(f"/console/enquiries/{bob}/").content.decode()
    there = "the name, the e-mail address, the message and our answer"
    assert f"<strong>4</strong> fields: {there}." in page and "Type 4 to confirm" in page
    assert "until a sweep clears them" in page
    refused = staff.post(f"/console/enquiries/{bob}/close/", {"confirm": "1"})
    assert refused.status_code == 400
    assert Enquiry.objects.get(id=bob).name == "Bob"
    done = staff.post(f"/console/enquiries/{bob}/close/", {"confirm": "4"})
    assert done.status_code == 302
    assert Enquiry.objects.get(id=bob).name is None
    assert {row.name for row in Enquiry.objects.all()} == {"Ann", None, "Cid"}
    last = list(ledger.history.entries("enquiry.closed"))[-1].data
    assert (last["enquiry"], last["left"]) == (str(bob), 0)


def test_please_delete_my_data_opens_a_request(
    client: MakeClient, clock: time_machine.Traveller
) -> None:
    assert send(client(None), clock, told("Ann", topic="erasure")).status_code == 302
    assert Enquiry.objects.count() == 0
    row = Request.objects.get()
    assert (row.right, row.via, row.verified) == ("erasure", "form", False)


def test_programs_meet_hurdles(client: MakeClient, clock: time_machine.Traveller) -> None:
    visitor = client(None)
    form = told()
    assert visitor.post("/enquiry/", form).status_code == 422  # too quick
    assert send(visitor, clock, told(**{guard.TRAP: "x"})).status_code == 422
    assert send(visitor, clock, told(ticket="x")).status_code == 422
    old = told()
    clock.shift(guard.LATEST_S + 60)
    assert visitor.post("/enquiry/", old).status_code == 422
    assert Enquiry.objects.count() == 0
    form = told()
    assert send(visitor, clock, form).status_code == 302
    assert send(visitor, clock, form).status_code == 422  # the same ticket
    for _ in range(guard.A_CALLER):
        last = send(visitor, clock, told())
    assert last.status_code == 422
    assert Enquiry.objects.count() < guard.A_CALLER + 1
    assert send(client(None), clock, told(), REMOTE_ADDR="198.51.100.7").status_code == 302


def test_the_limit_holds_for_the_hour_and_for_an_ipv6_network(
    client: MakeClient, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 11, 2, 10, 0, 30, tzinfo=UTC))
    visitor = client(None)
    for n in range(guard.A_CALLER):
        found = send(visitor, clock, told(), REMOTE_ADDR=f"2001:db8:1:2::{n + 1}")
        assert found.status_code == 302
    assert send(visitor, clock, told(), REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 422
    clock.shift(301)  # what the cache keeps by default
    assert send(visitor, clock, told(), REMOTE_ADDR="2001:db8:1:2::9").status_code == 422
    assert send(visitor, clock, told(), REMOTE_ADDR="2001:db8:1:3::1").status_code == 302
    clock.shift(3600)
    assert send(visitor, clock, told(), REMOTE_ADDR="2001:db8:1:2::9").status_code == 302


def test_only_the_companys_sites_may_embed_it_or_send_from_there(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    Path(site.folder / "servanda.toml").write_text('[web]\nsites = ["https://www.firm.test"]\n')
    visitor = client(None)
    page = visitor.get("/enquiry/")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    frame = visitor.get("/enquiry/embed/")
    assert "frame-ancestors https://www.firm.test" in frame.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in frame.headers
    foreign = send(visitor, clock, told(), headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 422
    told_ticket = visitor.get("/enquiry/ticket/", headers={"Origin": "https://www.firm.test"})
    assert told_ticket.headers["Access-Control-Allow-Origin"] == "https://www.firm.test"
    ours = send(
        visitor,
        clock,
        told(ticket=told_ticket.json()["ticket"]),
        headers={"Origin": "https://www.firm.test", "Accept": "application/json"},
    )
    assert (ours.status_code, ours.json()) == (201, {"taken": True})
    assert Enquiry.objects.count() == 1


def test_a_held_enquiry_is_not_closed(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    visitor, staff = client(None), client("support")
    for name in ("Ann", "Bob", "Cid"):
        send(visitor, clock, told(name))
    ann, bob, _ = Enquiry.objects.order_by("id")
    holds.add_person(site.master, [("email", "ann@example.test")], reason="a dispute", by="me")
    for row in (ann, bob):
        _purpose(staff, row.pk)
        staff.post(f"/console/enquiries/{row.pk}/close/", {"confirm": "3"})
    assert Enquiry.objects.get(id=ann.pk).email == "ann@example.test"
    assert Enquiry.objects.get(id=bob.pk).email is None
