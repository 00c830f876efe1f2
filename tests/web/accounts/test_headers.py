"""What browsers may do with our pages, and whose word about a caller is believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from servanda.runtime import hub
from servanda.runtime.websettings import WebSettings
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django

Open = Callable[[str | Member | None], Client]

FACES = ("/privacy/", "/accounts/login/", "/accounts/password/reset/", "/accounts/join/none/")
INSIDE = (
    *("/console/", "/console/me/", "/console/people/", "/console/people/1/"),
    *("/console/access-log/", "/accounts/2fa/", "/accounts/sessions/", "/console/nowhere/"),
    *("/accounts/password/change/", "/accounts/2fa/webauthn/", "/accounts/reauthenticate/"),
)
URL = "https://privacy.firm.test"
PROXY = "10.0.0.2"


def _pages(client: Open) -> Iterator[tuple[str, object]]:
    stranger, owner = client(None), client("owner")
    for path in FACES:
        yield path, stranger.get(path)
    for path in INSIDE:
        yield path, owner.get(path, follow=True)


def test_every_face_has_the_strict_policy(client: Open) -> None:
    for path, told in _pages(client):
        headers = told.headers  # type: ignore[attr-defined]
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'", path
        assert policy["script-src"] == policy["style-src"] == "'self'", path
        assert policy["form-action"] == policy["connect-src"] == "'self'", path
        assert policy["frame-ancestors"] == "'none'", path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"], path
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_no_page_has_anything_inline_or_from_elsewhere(client: Open) -> None:
    for path, told in _pages(client):
        page = told.content.decode()  # type: ignore[attr-defined]
        assert "<h1" in page, path
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page), path
        for tag in re.findall(r"<script[^>]*>", page):
            assert 'src="/static/' in tag or 'type="application/json"' in tag, (path, tag)
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', page):
            assert not re.match(r"https?:|//", address), (path, address)
        assert "/signup" not in page, path


def test_a_host_name_that_is_not_ours_is_refused(site: Workspace, client: Open) -> None:
    owner = client("owner")
    for host in (
        "evil.test",
        "localhost.evil.test",
        "localhost@evil.test",
        "",
        "127.0.0.1.evil.test",
    ):
        told = owner.get("/accounts/login/", headers={"host": host})
        assert told.status_code == 400, host
        assert b"evil" not in told.content
    told = owner.get("/console/", headers={"x-forwarded-host": "evil.test"})
    assert told.status_code == 200
    assert b"evil" not in told.content


@pytest.fixture
def behind_a_proxy(site: Workspace) -> Iterator[Workspace]:
    web = WebSettings(listen="0.0.0.0:8460", url=URL, proxies=(PROXY,))
    configure_django(web, site.master)
    yield site
    configure_django(site.settings.web, site.master)


def _through(
    address: str, scheme: str = "https", told: str = "192.0.2.9"
) -> tuple[Client, dict[str, str]]:
    client = Client(SERVER_NAME="privacy.firm.test", REMOTE_ADDR=address)
    return client, {"x-forwarded-proto": scheme, "x-forwarded-for": told}


def test_with_tls_cookies_and_hsts_are_strict(behind_a_proxy: Workspace) -> None:
    assert hub.workspace() is behind_a_proxy
    client, headers = _through(PROXY)
    told = client.get("/accounts/login/", headers=headers)
    assert told.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = told.cookies["__Host-csrf"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Strict", "/", "")
    member = Member.objects.create_user(
        "a@firm.test", "a long enough password", name="A", role="owner"
    )
    form = {"login": member.email, "password": "a long enough password"}
    told = client.post("/accounts/login/", form, headers=headers)
    session = told.cookies["__Host-servanda"]
    assert session["secure"]
    assert session["httponly"]
    assert (session["samesite"], session["path"], session["domain"]) == ("Lax", "/", "")
    assert not session["max-age"]


def test_only_a_proxy_of_ours_speaks_for_others(behind_a_proxy: Workspace) -> None:
    client, headers = _through("203.0.113.5")  # a stranger says it came by TLS
    told = client.get("/accounts/login/", headers=headers)
    assert "Strict-Transport-Security" not in told.headers
    seen: list[tuple[str, bool]] = []
    for address, forwarded in ((PROXY, "1.1.1.1, 192.0.2.9"), ("203.0.113.5", "192.0.2.9")):
        client, headers = _through(address, told=forwarded)
        request = client.get("/privacy/", headers=headers).wsgi_request
        seen.append((request.META["REMOTE_ADDR"], request.is_secure()))
    assert seen == [("192.0.2.9", True), ("203.0.113.5", False)]


def test_behind_a_proxy_on_this_machine_callers_are_told_apart(site: Workspace) -> None:
    try:
        for listen, by, seen in (
            ("127.0.0.1:8460", "127.0.0.1", "192.0.2.9"),
            ("[::1]:8460", "::1", "192.0.2.9"),
            ("127.0.0.1:8460", "203.0.113.5", "203.0.113.5"),
        ):
            configure_django(WebSettings(listen=listen, url=URL), site.master)
            client, headers = _through(by)
            request = client.get("/privacy/", headers=headers).wsgi_request
            assert request.META["REMOTE_ADDR"] == seen
            assert request.is_secure() == (seen != by)
        configure_django(WebSettings(), site.master)  # no proxy, so nobody speaks for another
        client, headers = _through("127.0.0.1")
        client.defaults["SERVER_NAME"] = "localhost"
        assert client.get("/privacy/", headers=headers).wsgi_request.META["REMOTE_ADDR"] == (
            "127.0.0.1"
        )
    finally:
        configure_django(site.settings.web, site.master)


def test_guesses_through_a_proxy_are_counted_by_caller(behind_a_proxy: Workspace) -> None:
    def guess(caller: str) -> int:
        client, headers = _through(PROXY, told=caller)
        return client.get("/accounts/join/guess/", headers=headers).status_code

    def forged(caller: str) -> int:
        client, headers = _through("203.0.113.5", told=caller)
        return client.get("/accounts/join/guess/", headers=headers).status_code

    assert {guess("192.0.2.9") for _ in range(10)} == {404}
    assert (guess("192.0.2.9"), guess("192.0.2.10")) == (429, 404)
    assert {forged(f"198.51.100.{n}") for n in range(10)} == {404}
    assert forged("198.51.100.99") == 429


def test_a_form_from_elsewhere_is_refused(client: Open) -> None:
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    told = strict.post("/accounts/login/", {"login": "a", "password": "b"})
    assert told.status_code == 403
    assert b"too old" in told.content
