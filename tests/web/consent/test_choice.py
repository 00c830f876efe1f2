"""The banner's choices: taken from the policy's sites, kept without naming anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from servanda.runtime.workspace import Workspace
from servanda.state.models import ConsentRecord
from servanda.web.consent import choice
from tests.web.consent.world import SITE

BROWSER = "0123456789abcdef" * 2
NOTICE = "ab" * 32


def sent(origin: str = SITE, raw: bytes | None = None, **more: Any) -> Any:
    told = {
        "id": BROWSER,
        "choices": {"necessary": True, "functional": True, "analytics": False},
        "how": "chosen",
        "edition": 2,
        "notice": NOTICE,
        "language": "en",
        "place": "GB",
        "gpc": False,
        **more,
    }
    headers = {"Origin": origin} if origin else {}
    body = json.dumps(told).encode() if raw is None else raw
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True).generic(
        "POST", "/consent/choice", body, content_type="application/json", headers=headers
    )  # fmt: skip


def test_a_choice_is_kept_and_answered_with_its_receipt(shop: Workspace) -> None:
    answer = sent()
    assert answer.status_code == 201, answer.content
    told = json.loads(answer.content)
    row = ConsentRecord.objects.get(id=told["record"])
    data = json.loads(row.data)
    assert data["states"] == {"cookies.functional": "given", "cookies.analytics": "refused"}
    assert (data["notice"], data["edition"], data["place"]) == (NOTICE, 2, "GB")
    assert BROWSER not in row.data
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert not answer.cookies
    page = Client(SERVER_NAME="localhost").get(told["receipt"].replace("http://localhost", ""))
    assert page.status_code == 200 and b"cookies: statistics" in page.content.lower()


def test_the_same_browser_takes_it_back(shop: Workspace) -> None:
    sent()
    again = sent(choices={"functional": False, "analytics": True}, how="withdrawn")
    data = json.loads(ConsentRecord.objects.get(id=json.loads(again.content)["record"]).data)
    assert data["states"] == {"cookies.functional": "withdrawn", "cookies.analytics": "given"}


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "https://www.firm.test.evil.test"])
def test_other_sites_are_refused(shop: Workspace, origin: str) -> None:
    answer = sent(origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not ConsentRecord.objects.exists()


def test_the_preflight_names_the_site_alone(shop: Workspace) -> None:
    asked = Client(SERVER_NAME="localhost").options("/consent/choice", headers={"Origin": SITE})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == SITE
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert Client(SERVER_NAME="localhost").get("/consent/choice").status_code == 405


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"id": "short"}, 422),
        ({"id": 7}, 400),
        ({"choices": {}}, 422),
        ({"choices": {"marketing": True}}, 422),
        ({"choices": {"functional": "yes"}}, 422),
        ({"choices": []}, 400),
        ({"how": "phone"}, 422),
        ({"notice": "jo@example.test"}, 422),
        ({"place": "Jo lives here"}, 422),
        ({"language": "jo@example.test"}, 422),
        ({"edition": "2"}, 400),
        ({"edition": -1}, 422),
        ({"gpc": "1"}, 400),
        ({"raw": b"{"}, 400),
        ({"raw": b"[]"}, 400),
        ({"raw": b'{"id": "' + b"0" * 5000 + b'"}'}, 413),
        ({"raw": b"[" * 2000}, 400),
    ],
)
def test_what_is_no_choice_leaves_nothing(
    shop: Workspace, more: dict[str, Any], status: int
) -> None:
    answer = sent(**more)
    assert answer.status_code == status, answer.content
    assert not ConsentRecord.objects.exists()


def test_of_one_address_so_many_a_minute(shop: Workspace) -> None:
    few = replace(shop.settings.consent, choices_per_minute=2)
    shop.settings = replace(shop.settings, consent=few)
    assert [sent().status_code for _ in range(3)] == [201, 201, 429]
    choice.taken.clear()
    assert sent().status_code == 201
