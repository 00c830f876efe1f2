"""The page Consents: a purpose first, then one person; a choice by telephone counts at once."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from servanda.desk.consents.gate import Question
from servanda.runtime import consents
from servanda.runtime.workspace import Workspace
from servanda.state.models import ConsentRecord, Read
from servanda.web.models import Member
from tests.web.consent.world import JO, KIM, agreed

MakeClient = Callable[[str | Member | None], Client]
PERSON = "/console/consents/person/"


def _stated(client: Client) -> Client:
    asked = client.get(PERSON)
    assert asked.status_code == 302 and "/console/purpose/" in asked.headers["Location"]
    told = {"scope": "consents", "purpose": "rights", "next": PERSON, "ticket": ""}
    assert client.post("/console/purpose/", told).status_code == 302
    return client


def test_support_states_a_purpose_and_sees_one_person(shop: Workspace, client: MakeClient) -> None:
    agreed(shop, JO, "email", note="asked at the counter")
    agreed(shop, KIM, "phone")
    support = client("support")
    assert "2 records of 2 people" in support.get("/console/consents/").content.decode()
    page = _stated(support).post(PERSON, {"kind": "email", "value": JO}).content.decode()
    assert "asked at the counter" in page and "by e-mail" in page and KIM not in page
    assert Read.objects.filter(scope="consents", what="consents of a person").count() == 1
    file = support.post(f"{PERSON}export/", {"kind": "email", "value": JO})
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert JO in file.content.decode() and KIM not in file.content.decode()
    nobody = support.post(PERSON, {"kind": "email", "value": "x@y.test"}).content.decode()
    assert "Nothing is kept of this person" in nobody


def test_a_choice_by_telephone_counts_at_once(shop: Workspace, client: MakeClient) -> None:
    agreed(shop, JO, "email")
    agreed(shop, KIM, "email")
    support = _stated(client("support"))
    told = {"kind": "email", "value": JO, "choice": "marketing/email", "how": "phone"}
    assert support.post(f"{PERSON}record/", {**told, "answer": "no"}).status_code == 302
    gate, news = consents.gate(shop), Question("marketing", "email")
    assert not gate.ask(f"email:{JO}", news).may and gate.ask(f"email:{KIM}", news).may
    without = support.post(f"{PERSON}record/", {**told, "answer": "yes"})
    assert without.status_code == 400 and ConsentRecord.objects.count() == 3
    words = {**told, "answer": "yes", "note": "rang on Monday"}
    assert support.post(f"{PERSON}record/", words).status_code == 302
    assert gate.ask(f"email:{JO}", news).may


def test_others_see_numbers_or_nothing(shop: Workspace, client: MakeClient) -> None:
    agreed(shop, JO, "email")
    auditor = client("auditor")
    assert auditor.get("/console/consents/").status_code == 200
    assert auditor.post(PERSON, {"kind": "email", "value": JO}).status_code == 403
    assert client("engineer").get("/console/consents/").status_code == 403
