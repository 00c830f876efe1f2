"""The console's page of tokens and webhooks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from allauth.account.internal.flows import login
from django.test import Client

from servanda.desk import tokens
from servanda.runtime.workspace import Workspace
from servanda.state.models import Token, Webhook
from servanda.web.models import Member

MakeClient = Callable[[str | Member | None], Client]
_SECRET = re.compile(r'id="secret"[^>]*value="([^"]+)"')


@pytest.fixture
def browser_of_owner(client: MakeClient) -> Client:
    """An owner's, who has just shown their second factor."""
    found = client("owner")
    session: Any = found.session
    shown = {"method": "mfa", "at": time.time() - 1}
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [shown]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = session["_auth_user_id"]
    session.save()
    return found


def _page(client: Client) -> str:
    told = client.get("/console/tokens/")
    assert told.status_code == 200
    return unescape(told.content.decode())


def test_a_token_is_made_shown_once_and_revoked(browser_of_owner: Client) -> None:
    client = browser_of_owner
    assert "There is none yet" in _page(client)
    told = client.post(
        "/console/tokens/make/", {"name": "Ticket desk", "scope": ["board", "plans"], "days": "30"}
    )
    secret = _SECRET.search(told.content.decode())
    assert secret and tokens.find(secret[1]) is not None
    other = tokens.make("Other", ["board"], 9, by=Token.objects.get().by, role="owner")[1]
    shown = _page(client)
    assert "Ticket desk" in shown and secret[1] not in shown
    asked = {"Authorization": f"Bearer {secret[1]}"}
    assert Client(SERVER_NAME="localhost").get("/v1/plans", headers=asked).status_code == 200
    row = Token.objects.get(name="Ticket desk")
    assert client.post(f"/console/tokens/{row.pk}/revoke/").status_code == 302
    assert Client(SERVER_NAME="localhost").get("/v1/plans", headers=asked).status_code == 401
    assert tokens.find(other) is not None
    assert "revoked" in _page(client)


def test_who_has_not_shown_their_second_factor_makes_none(client: MakeClient) -> None:
    owner = client("owner")
    for address, told in (
        ("make", {"name": "x", "scope": ["board"], "days": "30"}),
        ("webhooks/add", {"url": "https://a.example.com/", "kind": ["census"]}),
    ):
        answer = owner.post(f"/console/tokens/{address}/", told)
        assert answer.status_code == 302 and "/reauthenticate" in answer.headers["Location"]
    assert not Token.objects.exists() and not Webhook.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "scope": ["board"], "days": "30"},
        {"name": "x", "days": "30"},
        {"name": "x", "scope": ["nothing"], "days": "30"},
        {"name": "x", "scope": ["board"], "days": "9999"},
        {"name": "x", "scope": ["board"], "days": "-1"},
    ],
)
def test_what_is_wrong_makes_none(browser_of_owner: Client, wrong: dict[str, Any]) -> None:
    assert browser_of_owner.post("/console/tokens/make/", wrong).status_code == 400
    assert not Token.objects.exists()


def test_others_do_not_see_it(client: MakeClient, site: Workspace) -> None:
    for role in ("privacy_lead", "engineer", "support", "auditor", "customer"):
        assert client(role).get("/console/tokens/").status_code == 403


def test_tokens_that_count_no_more_say_why(browser_of_owner: Client, site: Workspace) -> None:
    old = tokens.make("Old", ["board"], 9, by="member 1", role="owner")[0]
    Token.objects.filter(pk=old.pk).update(expires_at=datetime.now(UTC) - timedelta(days=1))
    tokens.make("Left", ["board"], 9, by="member 999", role="owner")
    shown = _page(browser_of_owner)
    assert "expired" in shown and "its member is gone" in shown


def test_webhooks_are_added_started_again_and_removed(browser_of_owner: Client) -> None:
    client = browser_of_owner
    for n in (1, 2):
        told = client.post(
            "/console/tokens/webhooks/add/",
            {"url": f"https://hooks.example.com/{n}", "kind": ["census", "replay"]},
        )
        secret = _SECRET.search(told.content.decode())
        assert secret and secret[1].startswith("whsec_") and secret[1] not in _page(client)
    told = client.post(
        "/console/tokens/webhooks/add/", {"url": "https://169.254.169.254/", "kind": ["census"]}
    )
    assert told.status_code == 400 and Webhook.objects.count() == 2
    first = Webhook.objects.order_by("id")[0]
    Webhook.objects.filter(pk=first.pk).update(
        stopped_at=datetime.now(UTC), error="HTTP 503", failing_since=datetime.now(UTC)
    )
    assert "HTTP 503" in _page(client)
    client.post(f"/console/tokens/webhooks/{first.pk}/start/")
    assert "given up" not in _page(client)
    client.post(f"/console/tokens/webhooks/{first.pk}/remove/")
    assert [each.url for each in Webhook.objects.all()] == ["https://hooks.example.com/2"]
