"""The enquiry form takes what the policy declares of it, and no card number in any case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from servanda.desk.intake import counts
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.state.enquiries.models import Enquiry
from servanda.state.models import Request
from servanda.web.enquiry import guard
from servanda.web.models import Member
from tests.web.enquiry.test_form import send, told

MakeClient = Callable[[str | Member | None], Client]
CARD = "4111 1111 1111 1111"

DECLARED = """\
children: {below: 16}
forms:
  enquiry:
    activity: ACTIVITY
    asks_age: AGE
    fields:
      name: {holds: name, required: true}
      email: {holds: contact.email, required: true}
      message: {holds: comms.enquiry, free: true}
"""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(time.time(), tick=False) as found:
        yield found


def declare(site: Workspace, *, age: bool = False) -> None:
    """An activity that says so, and the form as one of the policy's."""
    path = site.folder / "policy.yaml"
    activity = (
        "activities:\n"
        "  website:\n"
        "    purposes: [support]\n    basis: legitimate_interest\n    subjects: [enquirer]\n"
        "    data: [name, contact.email, comms.enquiry]\n"
        "    retain: {at_most: 30 days, after: received, then: delete}\n"
    )
    said = DECLARED.replace("ACTIVITY", "website").replace("AGE", str(age).lower())
    text = path.read_text()
    assert text.count("activities:\n") == 1
    path.write_text(text.replace("activities:\n", activity) + said)
    assert hub.workspace().policy.form("enquiry") is not None, hub.fault()


def sent(visitor: Client, clock: time_machine.Traveller, name: str, **more: str) -> Any:
    return send(visitor, clock, told(name, **more))


@pytest.mark.parametrize("declared", [False, True])
def test_a_card_number_is_refused_and_all_else_stays_on_the_page(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace, declared: bool
) -> None:
    if declared:
        declare(site)
    visitor = client(None)
    found = sent(visitor, clock, "Ann", message=f"I paid with {CARD} on Monday")
    page = found.content.decode()
    assert found.status_code == 422
    assert "There is a card number in it" in page
    assert 'value="Ann"' in page and "ann@example.test" in page
    assert "I paid with •••" in page and "on Monday" in page
    assert "4111" not in page
    assert sent(visitor, clock, "Bob").status_code == 302
    assert sent(visitor, clock, "Cid", message="Case 4111 1111 1111 1112").status_code == 302
    assert sorted(row.name or "" for row in Enquiry.objects.all()) == ["Bob", "Cid"]
    assert counts.totals() == {"enquiry": {"taken": 2, "card": 1}}


def test_what_the_policy_does_not_declare_is_not_asked_for_and_refused(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    visitor = client(None)
    assert b'name="phone"' in visitor.get("/enquiry/").content, "as long as nothing is declared"
    declare(site)
    page = visitor.get("/enquiry/").content.decode()
    assert 'name="message"' in page
    assert 'name="phone"' not in page and 'name="marketing"' not in page
    for more in ({"phone": "028 9018 0001"}, {"religion": "none"}, {"marketing": "on"}):
        found = sent(visitor, clock, "Ann", **more)
        assert found.status_code == 422
        assert "This form takes only what it asks for." in found.content.decode()
    assert sent(visitor, clock, "Bob").status_code == 302
    assert [row.name for row in Enquiry.objects.all()] == ["Bob"]
    assert counts.totals() == {"enquiry": {"undeclared": 3, "taken": 1}}


def test_a_program_is_told_the_same(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    declare(site)
    clock.shift(5)
    headers = {"Accept": "application/json"}
    form = told("Ann", phone="1", message=CARD)
    clock.shift(guard.SOONEST_S + 2)
    found = client(None).post("/enquiry/", form, headers=headers)
    assert found.status_code == 422
    said = found.json()["fields"]
    assert "card number" in said["message"][0] and "only what it asks" in said["__all__"][0]
    assert "4111" not in found.content.decode()


def test_children_need_a_parent_and_may_always_ask_for_erasure(
    client: MakeClient, clock: time_machine.Traveller, site: Workspace
) -> None:
    declare(site, age=True)
    visitor = client(None)
    page = visitor.get("/enquiry/").content.decode()
    assert "How old are you?" in page
    assert sent(visitor, clock, "Ann", age="15").status_code == 422
    assert sent(visitor, clock, "Ann").status_code == 422
    assert Enquiry.objects.count() == 0 and Request.objects.count() == 0
    assert sent(visitor, clock, "Bob", age="15", parent_consents="on").status_code == 302
    assert sent(visitor, clock, "Cid", age="40").status_code == 302
    assert sorted(row.name or "" for row in Enquiry.objects.all()) == ["Bob", "Cid"]
    assert sent(visitor, clock, "Dee", age="12", topic="erasure").status_code == 302
    assert Request.objects.get().right == "erasure"
    assert counts.totals() == {"enquiry": {"taken": 2, "age": 2}}
