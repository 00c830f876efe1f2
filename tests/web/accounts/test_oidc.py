"""Sign-in with the company's own provider: members only, by a verified address, and never alone."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client

from servanda.runtime.websettings import WebSettings
from servanda.runtime.workspace import Workspace
from servanda.web.accounts import people
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.web.accounts import provider as providers
from tests.web.accounts.provider import Provider
from tests.web.world import code, factor

Made = Callable[[str], Member]
START = "/accounts/oidc/company/login/"
SECOND = "/accounts/2fa/authenticate/"


@pytest.fixture
def provider(site: Workspace) -> Iterator[Provider]:
    with providers.running() as found:
        web = WebSettings(
            oidc_name="Firm ID",
            oidc_server=found.url,
            oidc_client=providers.CLIENT,
            oidc_secret=providers.SECRET,
        )
        configure_django(web, site.master)
        yield found
        configure_django(site.settings.web, site.master)


def _browser() -> Client:
    return Client(SERVER_NAME="localhost")


def _leave(client: Client) -> str:
    """From our sign-in page to the provider's address."""
    page = client.get("/accounts/login/").content.decode()
    link = re.search(r'href="([^"]+)">\s*Go on with Firm ID', page)
    assert link is not None
    told = client.post(html.unescape(link[1]))
    assert told.status_code == 200
    assert "form-action 'self'" in told.headers["Content-Security-Policy"]
    to = re.search(r'content="0;url=([^"]+)"', told.content.decode())
    assert to is not None
    return html.unescape(to[1])


def _there(address: str) -> str:
    """At the provider: the way back."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(line.getresponse().headers["Location"] or "")
    line.close()
    assert back.netloc == "localhost"
    return f"{back.path}?{back.query}"


def _sign_in(client: Client) -> HttpResponse:
    return client.get(_there(_leave(client)))  # type: ignore[return-value]


def _claims(email: str, *, verified: object = True, sub: str = "") -> dict[str, object]:
    return {"sub": sub or email, "email": email, "email_verified": verified, "name": "Somebody"}


def test_a_member_signs_in_and_shows_the_second_factor_here(
    provider: Provider, member: Made
) -> None:
    owner = member("owner")
    Authenticator.objects.filter(user=owner).delete()
    secret = factor(owner)
    provider.claims = _claims("Owner@firm.test")
    client = _browser()
    told = _sign_in(client)
    assert told.headers["Location"] == SECOND
    assert client.get("/console/").status_code == 302
    wrong = client.post(SECOND, {"code": "000000"})
    assert b"Incorrect code" in wrong.content
    assert client.post(SECOND, {"code": code(secret)}).status_code == 302
    assert b"Promises of" in client.get("/console/").content
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_a_member_without_a_second_factor_sees_nothing_yet(
    provider: Provider, member: Made
) -> None:
    auditor = member("auditor")
    Authenticator.objects.filter(user=auditor).delete()
    provider.claims = _claims(auditor.email)
    client = _browser()
    _sign_in(client)
    assert client.get("/console/").headers["Location"] == "/accounts/second-factor/"


@pytest.mark.parametrize("verified", [False, "false", None])
def test_an_address_nobody_verified_finds_no_member(
    provider: Provider, member: Made, verified: object
) -> None:
    member("owner"), member("auditor")
    provider.claims = _claims("owner@firm.test", verified=verified)
    client = _browser()
    told = _sign_in(client)
    assert b"no account for you" in told.content
    assert SocialAccount.objects.count() == 0
    assert Member.objects.count() == 2
    assert client.get(SECOND).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_stranger_gets_no_account(provider: Provider, member: Made) -> None:
    member("owner")
    provider.claims = _claims("stranger@firm.test")
    client = _browser()
    assert b"no account for you" in _sign_in(client).content
    assert client.get("/accounts/3rdparty/signup/").status_code == 404
    assert client.post("/accounts/3rdparty/signup/", {"email": "s@firm.test"}).status_code == 404
    assert Member.objects.count() == 1
    assert SocialAccount.objects.count() == 0


def test_who_was_removed_stays_out(provider: Provider, member: Made) -> None:
    owner, leaver = member("owner"), member("support")
    provider.claims = _claims(leaver.email)
    assert _sign_in(_browser()).headers["Location"] == SECOND
    assert SocialAccount.objects.filter(user=leaver).count() == 1
    people.remove(leaver, by=owner.by)
    assert not SocialAccount.objects.filter(user=leaver).exists()
    client = _browser()
    told = _sign_in(client)
    assert told.status_code == 200, told.headers
    assert b"no account for you" in told.content
    assert not SocialAccount.objects.filter(user=leaver).exists()
    assert client.get("/console/").headers["Location"].startswith("/accounts/login/")


def test_an_identity_keeps_to_its_member_whatever_address_it_gets(
    provider: Provider, member: Made
) -> None:
    member("owner")
    auditor = member("auditor")
    provider.claims = _claims(auditor.email, sub="7")
    _sign_in(_browser())
    provider.claims = _claims("owner@firm.test", verified=True, sub="7")
    client = _browser()
    _sign_in(client)
    assert client.session["account_login"]["user_pk"] == str(auditor.pk)


def test_an_answer_for_another_client_or_browser_counts_for_nothing(
    provider: Provider, member: Made
) -> None:
    member("owner")
    provider.claims = _claims("owner@firm.test")
    back = _there(_leave(_browser()))
    victim = _browser()
    assert b"did not work" in victim.get(back).content  # the state is of another browser
    assert victim.get("/console/").headers["Location"].startswith("/accounts/login/")
    provider.audience = "somebody else's client"
    assert b"did not work" in _sign_in(_browser()).content
    assert SocialAccount.objects.count() == 0


def test_nobody_ties_an_identity_to_an_open_account(
    provider: Provider, client: Callable[[str], Client]
) -> None:
    mine = client("owner")
    for method in (mine.get, mine.post):
        assert method(f"{START}?process=connect").status_code == 404
    assert mine.post(START, {"process": "connect"}).status_code == 404
    assert mine.get("/accounts/3rdparty/").status_code == 404


def test_without_a_provider_there_is_no_such_way(site: Workspace) -> None:
    client = _browser()
    assert b"Go on with" not in client.get("/accounts/login/").content
    assert client.post(START).status_code == 404
