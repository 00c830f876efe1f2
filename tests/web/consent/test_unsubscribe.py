"""RFC 8058: one POST without cookies ends it, at once; a GET changes nothing."""

from __future__ import annotations

from django.test import Client

from servanda.desk.consents import links
from servanda.desk.consents.gate import Question
from servanda.runtime import consents
from servanda.runtime.workspace import Workspace
from servanda.state.models import ConsentRecord
from tests.web.consent.world import JO, KIM, agreed, mark


def _may(shop: Workspace, email: str, channel: str = "email") -> bool:
    return consents.gate(shop).ask(f"email:{email}", Question("marketing", channel)).may


def _path(address: str) -> str:
    return address.removeprefix("http://localhost")


def test_one_click_ends_it_on_that_channel_for_that_person(shop: Workspace) -> None:
    for email in (JO, KIM):
        agreed(shop, email)
    headers = links.headers(shop.desk.book, mark(shop))
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = _path(headers["List-Unsubscribe"].strip("<>"))
    stranger = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert _may(shop, JO)
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and not answer.cookies
    assert not _may(shop, JO)
    assert _may(shop, JO, "phone") and _may(shop, KIM)  # the neighbours
    assert stranger.post(path, b"", content_type="text/plain").status_code == 200
    assert ConsentRecord.objects.count() == 4


def test_whoever_only_looks_unsubscribes_nobody(shop: Workspace) -> None:
    agreed(shop)
    path = _path(links.unsubscribe(shop.desk.book, mark(shop)))
    page = Client(SERVER_NAME="localhost").get(path)
    Client(SERVER_NAME="localhost").head(path)
    assert page.status_code == 200 and b"List-Unsubscribe" in page.content
    assert _may(shop, JO) and ConsentRecord.objects.count() == 1


def test_somebody_we_know_nothing_of_is_remembered_too(shop: Workspace) -> None:
    path = _path(links.unsubscribe(shop.desk.book, mark(shop), ""))
    assert Client(SERVER_NAME="localhost").post(path).status_code == 200
    found = consents.gate(shop).ask(f"email:{JO}", Question("marketing", "sms"))
    assert (found.may, found.detail) == (False, "refused")


def test_service_messages_still_arrive(shop: Workspace) -> None:
    path = _path(links.unsubscribe(shop.desk.book, mark(shop), ""))
    Client(SERVER_NAME="localhost").post(path)
    question = Question(message="invoice", channel="email")
    assert consents.gate(shop).ask(f"email:{JO}", question).may


def test_a_link_that_we_did_not_make_leads_nowhere(shop: Workspace) -> None:
    agreed(shop)
    path = _path(links.unsubscribe(shop.desk.book, mark(shop)))
    other = _path(links.preferences(shop.desk.book, mark(shop)))
    stem, token = path.rsplit("/", 1)
    swapped = "B" if token[10] == "A" else "A"
    for bad in (
        f"{stem}/{token[:10]}{swapped}{token[11:]}",
        f"{stem}/{token}A",
        f"{stem}/{other.rsplit('/', 1)[1]}",
        f"{stem}/x",
        f"{stem}/ä",
    ):
        assert Client(SERVER_NAME="localhost").post(bad).status_code == 404, bad
    assert _may(shop, JO)
