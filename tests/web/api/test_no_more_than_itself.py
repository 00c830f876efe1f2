"""Nothing that a token makes may more than the token: tokens, members, webhooks, the maker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servanda.state.models import Invitation, Token, Webhook
from servanda.web.models import Member
from tests.web.api.conftest import Call
from tests.web.api.conftest import Token as Make


def test_a_token_makes_no_stronger_one(call: Call, token: Make, owner: Member) -> None:
    weak = token("tokens", "board")
    for scopes in (["plans"], ["board", "decide"], ["tokens", "invite"]):
        told = call("POST", "/tokens", {"name": "x", "scopes": scopes, "days": 5}, secret=weak)
        assert told.status_code == 403
    told = call("POST", "/tokens", {"name": "x", "scopes": ["nothing"], "days": 5}, secret=weak)
    assert told.status_code == 400
    assert Token.objects.filter(name="x").count() == 0
    told = call("POST", "/tokens", {"name": "x", "scopes": ["board"], "days": 5}, secret=weak)
    assert told.status_code == 201
    made = told.json()
    assert made["by"] == owner.by and made["scopes"] == ["board"]
    assert call("GET", "/board", secret=made["secret"]).status_code == 200
    assert call("GET", "/plans", secret=made["secret"]).status_code == 403
    assert made["secret"] not in call("GET", "/tokens").content.decode()


def test_a_token_makes_none_that_outlives_it(call: Call, token: Make) -> None:
    secret = token("tokens", "board")
    ends = datetime.now(UTC) + timedelta(days=2)
    Token.objects.filter(scopes=["board", "tokens"]).update(expires_at=ends)
    told = call("POST", "/tokens", {"name": "x", "scopes": ["board"], "days": 300}, secret=secret)
    assert told.status_code == 201
    assert Token.objects.get(name="x").expires_at == ends


def test_a_token_gives_no_role_that_is_more(call: Call, token: Make) -> None:
    weak = token("invite", "board")
    for role in ("owner", "privacy_lead", "engineer", "support", "auditor"):
        told = {"email": "a@b.test", "name": "A", "role": role}
        assert call("POST", "/members/invite", told, secret=weak).status_code == 403
    other = Member.objects.create_user("o@firm.test", None, name="O", role="customer", tenant="t")
    told = call("POST", f"/members/{other.pk}/role", {"role": "owner"}, secret=weak)
    assert told.status_code == 403
    lead = Member.objects.create_user("l@firm.test", None, name="L", role="privacy_lead")
    for deed, body in (("role", {"role": "customer"}), ("deactivate", None)):
        told = call("POST", f"/members/{lead.pk}/{deed}", body, secret=weak)
        assert told.status_code == 403
    other.refresh_from_db()
    lead.refresh_from_db()
    assert (other.role, lead.role, lead.is_active) == ("customer", "privacy_lead", True)
    assert Invitation.objects.count() == 0


def test_a_token_does_not_touch_its_maker(call: Call, owner: Member) -> None:
    Member.objects.create_user("second@firm.test", None, name="S", role="owner")
    for deed, body in (("role", {"role": "auditor"}), ("deactivate", None), ("sign-out", None)):
        assert call("POST", f"/members/{owner.pk}/{deed}", body).status_code == 409
    owner.refresh_from_db()
    assert owner.is_active and owner.role == "owner"


def test_members_come_change_and_go(call: Call, token: Make) -> None:
    told = call(
        "POST", "/members/invite", {"email": "new@firm.test", "name": "New", "role": "auditor"}
    )
    assert told.status_code == 201 and "/accounts/join/" in told.json()["link"]
    kept = Member.objects.create_user("kept@firm.test", None, name="Kept", role="support")
    gone = Member.objects.create_user("gone@firm.test", None, name="Gone", role="owner")
    theirs, others = token("board", of=gone), token("board", of=kept)
    assert call("GET", "/board", secret=theirs).status_code == 200
    told = call("POST", f"/members/{gone.pk}/role", {"role": "engineer"})
    assert told.json() == {"id": gone.pk, "role": "engineer", "active": True}
    assert call("GET", "/board", secret=theirs).status_code == 401  # they make new ones, of less
    gone.refresh_from_db()
    theirs = token("board", of=gone)
    assert call("GET", "/board", secret=theirs).status_code == 200
    assert call("POST", f"/members/{gone.pk}/deactivate").json()["active"] is False
    assert call("GET", "/board", secret=theirs).status_code == 401
    assert call("GET", "/board", secret=others).status_code == 200
    kept.refresh_from_db()
    assert kept.is_active
    listed = {each["email"]: each["active"] for each in call("GET", "/members").json()}
    assert listed["kept@firm.test"] and not listed["gone@firm.test"]


def test_who_may_not_see_evidence_adds_no_webhook(call: Call, token: Make) -> None:
    told = {"url": "https://hooks.example.com/a", "kinds": ["census"]}
    assert call("POST", "/webhooks", told, secret=token("tokens")).status_code == 403
    assert Webhook.objects.count() == 0
    assert call("POST", "/webhooks", told, secret=token("tokens", "evidence")).status_code == 201


def test_webhooks_are_added_shown_and_removed(call: Call) -> None:
    first, second = (
        call("POST", "/webhooks", {"url": f"https://hooks.example.com/{n}", "kinds": ["census"]})
        for n in (1, 2)
    )
    assert first.status_code == second.status_code == 201
    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert secret not in call("GET", "/webhooks").content.decode()
    told = call("POST", "/webhooks", {"url": "https://127.0.0.1/", "kinds": ["census"]})
    assert told.status_code == 400
    Webhook.objects.update(stopped_at=datetime.now(UTC))
    told = call("POST", f"/webhooks/{first.json()['id']}/start-again")
    assert told.json()["stopped_at"] is None
    assert call("POST", f"/webhooks/{first.json()['id']}/remove").status_code == 200
    assert [each["url"] for each in call("GET", "/webhooks").json()] == [
        "https://hooks.example.com/2"
    ]


def test_a_token_is_revoked_and_its_neighbour_is_not(call: Call, token: Make) -> None:
    gone, kept = token("board"), token("board")
    ids = [each["id"] for each in call("GET", "/tokens").json()]
    told = call("POST", f"/tokens/{ids[1]}/revoke")
    assert told.json()["revoked_at"]
    assert call("GET", "/board", secret=gone).status_code == 401
    assert call("GET", "/board", secret=kept).status_code == 200
    assert call("POST", "/tokens/99999/revoke").status_code == 404
