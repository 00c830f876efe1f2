"""Guesses end soon: of passwords, of codes, of invitations, whatever host name is used."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from servanda.desk import invitations
from servanda.desk.requests import outbox
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.web.conftest import PASSWORD
from tests.web.world import Served, code, factor

LOGIN = "/accounts/login/"


def _browser(address: str = "127.0.0.1") -> Client:
    return Client(SERVER_NAME="localhost", REMOTE_ADDR=address)


def _try(client: Client, email: str, password: str, host: str = "localhost") -> bytes:
    told = client.post(LOGIN, {"login": email, "password": password}, headers={"host": host})
    return bytes(told.content) or told.headers["Location"].encode()


def test_five_wrong_passwords_lock_an_account_and_not_its_neighbour(
    member: Callable[[str], Member],
) -> None:
    member("owner"), member("auditor")
    for n in range(5):
        host = ("localhost", "127.0.0.1")[n % 2]
        assert b"not correct" in _try(_browser(), "owner@firm.test", f"wrong {n}", host)
    assert b"Too many failed" in _try(_browser(), "owner@firm.test", PASSWORD)
    assert b"Too many failed" in _try(_browser(), "OWNER@firm.test", PASSWORD, "127.0.0.1")
    assert _try(_browser(), "auditor@firm.test", PASSWORD) == b"/accounts/2fa/authenticate/"


def test_twenty_wrong_passwords_lock_an_address(member: Callable[[str], Member]) -> None:
    member("owner")
    for n in range(20):
        _try(_browser(), f"nobody{n}@firm.test", "wrong")
    assert b"Too many failed" in _try(_browser(), "owner@firm.test", PASSWORD)
    elsewhere = _browser("192.0.2.7")
    assert _try(elsewhere, "owner@firm.test", PASSWORD) == b"/accounts/2fa/authenticate/"


def test_wrong_codes_lock_the_second_step(member: Callable[[str], Member]) -> None:
    from allauth.mfa.models import Authenticator

    found = member("owner")
    Authenticator.objects.filter(user=found).delete()
    secret = factor(found)
    client = _browser()
    assert _try(client, "owner@firm.test", PASSWORD) == b"/accounts/2fa/authenticate/"
    for n in range(5):
        told = client.post("/accounts/2fa/authenticate/", {"code": f"00000{n}"})
        assert b"Incorrect code" in told.content
    told = client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert b"Too many failed" in told.content
    other = _browser("192.0.2.7")  # counted by account, not by browser
    _try(other, "owner@firm.test", PASSWORD)
    assert (
        b"Too many failed"
        in other.post("/accounts/2fa/authenticate/", {"code": code(secret)}).content
    )
    assert client.get("/console/").status_code == 302


def test_a_code_works_once(member: Callable[[str], Member]) -> None:
    from allauth.mfa.models import Authenticator

    found = member("owner")
    Authenticator.objects.filter(user=found).delete()
    now = code(factor(found))
    for expected in (302, 200):
        client = _browser()
        _try(client, "owner@firm.test", PASSWORD)
        told = client.post("/accounts/2fa/authenticate/", {"code": now})
        assert told.status_code == expected
        assert client.get("/console/").status_code == (200 if expected == 302 else 302)


def test_guessed_invitations_end_soon(site: Workspace) -> None:
    secret = invitations.invite("ann@firm.test", "Ann", "auditor", by="the test")
    for n in range(10):
        assert _browser().get(f"/accounts/join/guess{n}/").status_code == 404
    assert _browser().get("/accounts/join/guess/").status_code == 429
    assert _browser().get(f"/accounts/join/{secret}/").status_code == 429
    elsewhere = _browser("192.0.2.7").get(f"/accounts/join/{secret}/")
    assert elsewhere.status_code == 200


def test_a_new_password_by_mail(site: Workspace, member: Callable[[str], Member]) -> None:
    member("owner"), member("auditor")
    open_ = _browser()
    assert _signed(open_, "auditor@firm.test")
    client = _browser()
    for email in ("auditor@firm.test", "nobody@firm.test"):
        told = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        assert b"Look into your mail" in told.content
    letters = _letters(site)
    assert len(letters) == 1
    assert "auditor@firm.test" in letters[0]
    link = re.search(r"(\S+)/accounts/password/reset/key/(\S+)/", letters[0])
    assert link is not None
    assert link[1] == site.settings.web.address
    told = client.get(f"/accounts/password/reset/key/{link[2]}/", follow=True)
    new = "entirely different words here"
    path = told.redirect_chain[-1][0]
    told = client.post(path, {"password1": new, "password2": new}, follow=True)
    assert b"Your password is changed" in told.content
    assert open_.get("/console/").status_code == 302  # the old sessions are over
    assert b"not correct" in _try(_browser(), "auditor@firm.test", PASSWORD)
    assert _try(_browser(), "auditor@firm.test", new) == b"/accounts/2fa/authenticate/"
    assert _try(_browser(), "owner@firm.test", PASSWORD) == b"/accounts/2fa/authenticate/"
    again = client.get(f"/accounts/password/reset/key/{link[2]}/", follow=True)
    assert b"This link is over" in again.content


def test_mails_for_a_new_password_are_few(site: Workspace, member: Callable[[str], Member]) -> None:
    member("owner")
    for n in range(5):
        told = _browser().post("/accounts/password/reset/", {"email": "owner@firm.test"})
        assert told.status_code == (302 if n < 3 else 429)
    assert len(_letters(site)) == 3


def _letters(site: Workspace) -> list[str]:
    from email import message_from_bytes, policy

    outbox.deliver(site.desk.book)
    folder = site.folder / site.settings.mail.folder
    found = []
    for path in sorted(Path(folder).rglob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body()
        assert body is not None
        found.append(f"{message['To']}\n{body.get_content()}")
    return found


def _signed(client: Client, email: str) -> bool:
    client.force_login(Member.objects.get(email=email))
    return client.get("/console/").status_code == 200


@pytest.mark.services
def test_the_count_outlives_the_server(served: Served) -> None:
    _joined(served)
    for n in range(5):
        assert "not correct" in _post(served, f"wrong {n}")
    assert served.stop() == 0
    served.start()
    assert "Too many failed" in _post(served, PASSWORD)


def _post(served: Served, password: str) -> str:
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)
    page = opener.open(f"{served.url}{LOGIN}").read().decode()
    return _sent(opener, f"{served.url}{LOGIN}", page, login="ann@firm.test", password=password)


def _joined(served: Served) -> None:
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)
    link = served.invite("ann@firm.test", "Ann", "owner")
    _sent(opener, link, opener.open(link).read().decode(), password=PASSWORD)


def _sent(opener: urllib.request.OpenerDirector, to: str, page: str, **fields: str) -> str:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
    request = urllib.request.Request(to, data, {"Referer": to})
    try:
        return str(opener.open(request).read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())
