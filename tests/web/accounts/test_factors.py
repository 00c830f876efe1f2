"""Second factors: shown before they are changed, never down to none, sealed where they lie."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from servanda.web.models import Member
from tests.web.conftest import PASSWORD
from tests.web.world import code, factor

Made = Callable[[str], Member]
Open = Callable[[str | Member | None], Client]
PASSWORD_AGAIN, CODE_AGAIN = "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"
CHANGES = (
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/generate/",
)


@pytest.fixture
def owner(member: Made) -> tuple[Member, str]:
    found = member("owner")
    Authenticator.objects.filter(user=found).delete()
    return found, factor(found)


@pytest.mark.parametrize("path", CHANGES)
def test_a_stolen_session_changes_no_factor(
    owner: tuple[Member, str], client: Open, path: str
) -> None:
    member, secret = owner
    thief = client(member)
    before = set(Authenticator.objects.values_list("pk", flat=True))
    for told in (thief.get(path), thief.post(path, {})):
        assert told.headers["Location"].startswith(CODE_AGAIN), "the password is not enough"
    again = thief.post(PASSWORD_AGAIN, {"password": PASSWORD})
    assert again.headers["Location"].startswith(CODE_AGAIN)
    assert thief.get(path).status_code == 302
    assert set(Authenticator.objects.values_list("pk", flat=True)) == before
    assert thief.post(CODE_AGAIN, {"code": code(secret)}).status_code == 302
    assert thief.get(path).status_code == 200


def test_the_last_factor_stays(owner: tuple[Member, str], client: Open) -> None:
    member, secret = owner
    mine = client(member)
    mine.post(CODE_AGAIN, {"code": code(secret)})
    assert mine.post("/accounts/2fa/totp/deactivate/").status_code == 200  # not done: it says why
    assert Authenticator.objects.filter(user=member, type="totp").exists()
    key = Authenticator.objects.create(user=member, type="webauthn", data={"name": "Key"})
    Authenticator.objects.filter(user=member, type="totp").delete()
    told = mine.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/", follow=True)
    assert b"last second factor" in told.content
    assert Authenticator.objects.filter(pk=key.pk).exists()
    other = Authenticator.objects.create(user=member, type="webauthn", data={"name": "Other"})
    mine.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    left = Authenticator.objects.filter(user=member, type="webauthn")
    assert [each.pk for each in left] == [other.pk]


def test_nobody_removes_the_passkey_of_somebody_else(
    owner: tuple[Member, str], member: Made, client: Open
) -> None:
    mine, secret = owner
    neighbour = member("auditor")
    keys = [
        Authenticator.objects.create(user=neighbour, type="webauthn", data={"name": name})
        for name in ("One", "Two")
    ]
    me = client(mine)
    me.post(CODE_AGAIN, {"code": code(secret)})
    for key in keys:
        assert me.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(user=neighbour, type="webauthn").count() == 2


def test_secrets_of_factors_are_sealed(owner: tuple[Member, str]) -> None:
    member, secret = owner
    codes = RecoveryCodes.activate(member).get_unused_codes()
    stored = repr(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(each in stored for each in codes)


def test_a_recovery_code_works_once_and_the_others_stay(owner: tuple[Member, str]) -> None:
    member, _ = owner
    codes = RecoveryCodes.activate(member).get_unused_codes()
    for text, enters in ((codes[0], True), (codes[0], False), (codes[1], True)):
        client = Client(SERVER_NAME="localhost")
        client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
        told = client.post("/accounts/2fa/authenticate/", {"code": text})
        assert (told.status_code == 302) is enters
        assert (client.get("/console/").status_code == 200) is enters
    (left,) = Authenticator.objects.filter(user=member, type="recovery_codes")
    assert left.wrap().get_unused_codes() == codes[2:]


def test_recovery_codes_are_shown_once(owner: tuple[Member, str], client: Open) -> None:
    member, secret = owner
    mine = client(member)
    mine.post(CODE_AGAIN, {"code": code(secret)})
    page = mine.post("/accounts/2fa/recovery-codes/generate/", follow=True).content.decode()
    shown = re.search(r'<pre id="recovery_codes"[^>]*>(.*?)</pre>', page, re.S)
    assert shown is not None
    codes = shown[1].split()
    assert len(codes) == 10
    again = mine.get("/accounts/2fa/recovery-codes/").content.decode()
    assert not any(each in again for each in codes)
    assert mine.get("/accounts/2fa/recovery-codes/download/").status_code == 403


@pytest.mark.parametrize(
    "path",
    (
        *("signup/", "email/", "confirm-email/", "password/set/", "login/code/confirm/"),
        *("reauthenticate/code/", "3rdparty/", "social/signup/", "confirm-email/abc/"),
    ),
)
def test_what_we_do_not_offer_is_not_there(client: Open, path: str) -> None:
    for who in (client(None), client("owner")):
        assert who.get(f"/accounts/{path}").status_code == 404
    stranger = client(None)
    assert stranger.post(f"/accounts/{path}", {"email": "x@firm.test"}).status_code == 404
    assert not Member.objects.filter(email="x@firm.test").exists()
