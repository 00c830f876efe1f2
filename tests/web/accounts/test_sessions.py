"""Sessions end: after a while, after a day, by their owner, by an owner of the console."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from servanda import ledger
from servanda.kernel.seal import new_key
from servanda.runtime.websettings import WebSettings
from servanda.runtime.workspace import Workspace
from servanda.web.accounts import census, sessions
from servanda.web.models import Member
from servanda.web.start import of_workspace
from servanda.web.templatetags.accounts import browser
from tests.web.conftest import PASSWORD
from tests.web.world import Served, code, factor

Made = Callable[[str], Member]
Open = Callable[[str | Member | None], Client]


def _seen(client: Client, path: str = "/console/") -> int:
    return client.get(path).status_code


def _age(client: Client, name: str, seconds: float) -> None:
    session = client.session
    session[name] = int(time.time() - seconds)
    session.save()


def test_a_desk_that_was_left_is_signed_out(client: Open) -> None:
    left, busy = client("owner"), client("auditor")
    assert _seen(left) == _seen(busy) == 200
    _age(left, "seen", settings.SERVANDA_IDLE_SECONDS + 1)
    _age(busy, "seen", settings.SERVANDA_IDLE_SECONDS - 30)
    assert (_seen(left), _seen(busy)) == (302, 200)
    assert (_seen(left), _seen(busy)) == (302, 200)
    assert b"nothing happened" in left.get("/accounts/login/").content


def test_a_session_of_a_password_alone_ends_when_somebody_adds_a_factor(
    site: Workspace, member: Made
) -> None:
    """Somebody who knew the password waits in a session until its owner sets up the factor."""
    mine = member("owner")
    Authenticator.objects.filter(user=mine).delete()
    neighbour, theirs = member("auditor"), Client(SERVER_NAME="localhost")
    theirs.force_login(neighbour)
    assert _seen(theirs) == 200
    browsers = [Client(SERVER_NAME="localhost") for _ in range(2)]
    for each in browsers:
        each.post("/accounts/login/", {"login": mine.email, "password": PASSWORD})
        assert each.get("/console/").headers["Location"] == "/accounts/second-factor/"
    thief, owner = browsers
    owner.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert owner.get("/accounts/2fa/totp/activate/").status_code == 200
    secret = owner.session["mfa.totp.secret"]
    done = owner.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert Authenticator.objects.filter(user=mine, type="totp").exists(), done.content
    assert _seen(owner) == 200
    assert thief.get("/console/").headers["Location"].startswith("/accounts/login/")
    assert _seen(theirs) == 200


def test_a_page_that_polls_keeps_nobody_in(client: Open) -> None:
    found = client("owner")
    assert _seen(found) == 200
    _age(found, "seen", settings.SERVANDA_IDLE_SECONDS - 30)
    before = found.session["seen"]
    assert _seen(found, "/console/board/?poll") == 200
    assert found.session["seen"] == before
    assert _seen(found) == 200
    assert found.session["seen"] > before


def test_no_session_lasts_longer_than_half_a_day(client: Open) -> None:
    found = client("owner")
    assert _seen(found) == 200
    _age(found, "began", 12 * 3600 - 60)
    assert _seen(found) == 200
    _age(found, "began", 12 * 3600 + 60)
    assert (_seen(found), _seen(found)) == (302, 302)


def test_a_member_ends_another_session_of_theirs_and_nobody_elses(
    member: Made, client: Open
) -> None:
    owner, auditor = member("owner"), member("auditor")
    desk, phone, other = client(owner), client(owner), client(auditor)
    assert [_seen(each) for each in (desk, phone, other)] == [200] * 3
    number = {each.session_key: each.pk for each in UserSession.objects.all()}
    listed = desk.get("/accounts/sessions/").content.decode()
    theirs = f"/accounts/sessions/{number[other.session.session_key]}/end/"
    gone = f"/accounts/sessions/{number[phone.session.session_key]}/end/"
    assert gone in listed
    assert theirs not in listed
    assert desk.post(theirs).status_code == 404
    assert desk.get(gone).status_code == 302
    assert [_seen(each) for each in (desk, phone, other)] == [200] * 3
    assert desk.post(gone).status_code == 302
    assert [_seen(each) for each in (desk, phone, other)] == [200, 302, 200]


def test_a_click_is_noted_once_a_minute_and_a_new_name_at_once(client: Open) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = client("owner")
    assert _seen(found) == 200
    with CaptureQueriesContext(connection) as asked:
        assert _seen(found) == 200
    writes = [q["sql"] for q in asked if not q["sql"].startswith(("SELECT", "SAVEPOINT", "BEGIN"))]
    assert writes == []
    session = found.session
    session.cycle_key()
    found.cookies["servanda"] = str(session.session_key)
    assert _seen(found) == 200
    assert UserSession.objects.filter(session_key=session.session_key).count() == 1


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("curl/8.0", "curl/8.0"),
        ("", "unknown"),
    ],
)
def test_browsers_are_called_by_name(line: str, shown: str) -> None:
    assert browser(line) == shown


@pytest.mark.services
def test_the_worker_counts_staff_by_itself(served: Served) -> None:
    until = time.monotonic() + 20
    base = sqlite3.connect(f"file:{served.folder / '.servanda/state.sqlite3'}?mode=ro", uri=True)
    kinds: set[str] = set()
    while "access.census" not in kinds and time.monotonic() < until:
        kinds = {kind for (kind,) in base.execute("SELECT kind FROM servanda_leaf")}
        time.sleep(0.1)
    base.close()
    assert "access.census" in kinds, served.log.read_text()


def test_an_owner_ends_all_sessions_of_somebody(member: Made, client: Open) -> None:
    owner, support, auditor = member("owner"), member("support"), member("auditor")
    mine, desk, phone, other = client(owner), client(support), client(support), client(auditor)
    assert [_seen(each) for each in (mine, desk, phone, other)] == [200] * 4
    address = f"/console/people/{support.pk}/sessions/"
    assert other.post(address).status_code == 403
    assert mine.post(address).status_code == 302
    assert [_seen(each) for each in (mine, desk, phone, other)] == [200, 302, 302, 200]
    assert (last := ledger.history.last("member.changed")) and last.data["ended"] == 2


def test_a_session_gets_a_new_name_when_somebody_signs_in(member: Made) -> None:
    found = member("owner")
    Authenticator.objects.filter(user=found).delete()
    secret = factor(found)
    client = Client(SERVER_NAME="localhost")
    client.cookies["servanda"] = "planted-by-somebody-else-0000000"
    client.post("/accounts/login/", {"login": found.email, "password": PASSWORD})
    between = client.cookies["servanda"].value
    assert between != "planted-by-somebody-else-0000000"
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert _seen(client) == 200
    assert client.cookies["servanda"].value != between
    stolen = Client(SERVER_NAME="localhost")
    stolen.cookies["servanda"] = between
    assert _seen(stolen) == 302


def test_signing_out_ends_the_session_and_clears_the_browser(client: Open) -> None:
    found = client("owner")
    assert _seen(found) == 200
    key = found.session.session_key
    told = found.post("/accounts/logout/")
    assert told.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    kept = Client(SERVER_NAME="localhost")
    kept.cookies["servanda"] = str(key)
    assert _seen(kept) == 302


def test_cookies_are_for_tls_alone_where_there_is_tls() -> None:
    told = of_workspace(WebSettings(url="https://privacy.firm.test"), new_key())
    assert told["SESSION_COOKIE_NAME"] == "__Host-servanda"
    assert told["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert told["SESSION_COOKIE_SECURE"] is told["CSRF_COOKIE_SECURE"] is True
    assert told["ALLOWED_HOSTS"] == ["127.0.0.1", "privacy.firm.test"]
    plain = of_workspace(WebSettings(), new_key())
    assert plain["SESSION_COOKIE_SECURE"] is False


def test_what_is_over_is_forgotten_and_the_rest_stays(
    site: Workspace, member: Made, client: Open
) -> None:
    old, new = client(member("owner")), client(member("auditor"))
    assert _seen(old) == _seen(new) == 200
    keys = old.session.session_key, new.session.session_key
    Session.objects.filter(session_key=keys[0]).update(expire_date=datetime.now(UTC))
    sessions.tidy()
    assert not UserSession.objects.filter(session_key=keys[0]).exists()
    assert UserSession.objects.filter(session_key=keys[1]).exists()
    assert _seen(new) == 200


@pytest.mark.parametrize("hours", [1, 24])
def test_staff_are_counted_when_something_changed_or_a_day_passed(
    site: Workspace, member: Made, hours: int
) -> None:
    member("owner"), member("support")
    census.take(site)
    first = ledger.history.last("access.census")
    assert first is not None
    assert first.data["roles"] == {"owner": 1, "support": 1}
    assert first.data["without_second_factor"] == 0
    later = datetime.now(UTC) + timedelta(hours=hours, minutes=1)
    census.take(site, later)
    unchanged = ledger.history.last("access.census")
    assert unchanged is not None
    assert (unchanged.index > first.index) is (hours == 24)
    Authenticator.objects.filter(user=member("auditor")).delete()
    census.take(site)  # within the hour of the last count: not yet
    assert ledger.history.last("access.census") == unchanged
    census.take(site, later + timedelta(hours=2))
    changed = ledger.history.last("access.census")
    assert changed is not None
    assert changed.index > unchanged.index
    assert changed.data["without_second_factor"] == 1
