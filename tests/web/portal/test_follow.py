"""What a link shows, and what it shows only after a code. Guessing leads nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk.portal import links
from servanda.desk.requests import keeping
from servanda.runtime.workspace import Workspace
from servanda.state.models import PortalLink, Request
from tests.web.portal.visitor import Visitor

Made = Callable[..., Visitor]
ANN, BOB = "ann@example.test", "bob@example.test"
PARTS = ("letters", "cancel", "details", "package")


def test_other_peoples_links_cannot_be_guessed(visitor: Made) -> None:
    follow = visitor().request("access", ANN)
    secret = follow.split("/")[-2]
    stranger = visitor()
    for guess in ("1", "x" * 43, secret[:-1], f"{secret}A", secret.swapcase()):
        for part in ("", "code/", *(f"{each}/" for each in PARTS)):
            assert stranger.client.get(f"/privacy/follow/{guess}/{part}").status_code == 404
            assert stranger.client.post(f"/privacy/follow/{guess}/{part}").status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_the_link_alone_shows_and_does_nothing_more(
    site: Workspace, visitor: Made, part: str
) -> None:
    follow = visitor().request("access", ANN)
    stranger = visitor()
    stranger.last = stranger.client.post(f"{follow}{part}/", {"text": "x", "fetch": "1"})
    assert stranger.last.status_code == 302
    assert stranger.last.headers["Location"].startswith(f"{follow}code/")
    assert site.desk.get("1").state == "verified"


def test_a_code_opens_one_link_in_one_browser_for_a_while(
    site: Workspace, visitor: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = visitor(), visitor()
    hers, his = ann.request("access", ANN), bob.request("access", BOB)
    site.desk.keep_letter("1", "acknowledgement", b"Dear Ann, it arrived.")
    site.desk.keep_letter("2", "acknowledgement", b"Dear Bob, it arrived.")
    page = ann.prove(hers, ANN, "portal-letters")
    assert "Dear Ann" in page and "Dear Bob" not in page
    assert "Dear" not in ann.get(f"{his}letters/")
    assert "Dear" not in visitor().get(f"{hers}letters/")
    from servanda.web.portal import follow

    monkeypatch.setattr(follow, "HOLDS_S", 0)
    assert "Dear" not in ann.get(f"{hers}letters/")


def test_the_code_of_a_link_is_no_code_of_another(visitor: Made) -> None:
    ann, bob = visitor(), visitor()
    hers, his = ann.request("access", ANN), bob.request("access", BOB)
    ann.client.post(f"{hers}code/")
    bob.client.post(f"{his}code/")
    said = ann.post(f"{his}code/", code=ann.code(ANN))
    assert "not the code" in said


def test_a_request_is_taken_back_by_its_person(site: Workspace, visitor: Made) -> None:
    one = visitor()
    visitor().request("erasure", BOB)
    follow = one.request("erasure", ANN)
    one.prove(follow, ANN, "portal-cancel")
    assert "Take the request back?" in one.last.content.decode()
    one.post(f"{follow}cancel/")
    assert "You took it back" in one.last.content.decode()
    assert site.desk.get("2").state == "cancelled"
    assert site.desk.get("1").state == "verified"


def test_what_we_asked_is_answered(site: Workspace, visitor: Made) -> None:
    one = visitor()
    follow = one.request("access", ANN)
    today = site.desk.book.today()
    site.desk.event("1", "scope_asked", today, by="member 1")
    assert "we asked what exactly you mean" in one.get(follow)
    one.prove(follow, ANN, "portal-details")
    for refused in ("", "4111 1111 1111 1111", "x" * 2001):
        assert one.client.post(f"{follow}details/", {"text": refused}).status_code == 400
    one.post(f"{follow}details/", text="Only my calls, please.")
    view = site.desk.get("1")
    assert view.waiting_for == "" and view.state == "verified"
    answer = next(each for each in view.events if each.kind == "scope_answered")
    assert answer.note == "Only my calls, please." and answer.by == "portal"


def test_a_link_ends_with_the_persons_key(site: Workspace, visitor: Made) -> None:
    one = visitor()
    follow = one.request("erasure", ANN)
    kept = visitor().request("erasure", BOB)
    site.desk.cancel("1", by="portal")
    keeping.forget(site.desk.book, now=datetime.now(UTC) + timedelta(days=1200))
    assert Request.objects.count() == 2
    assert one.client.get(follow).status_code == 404
    assert PortalLink.objects.count() == 1
    assert "Request 2" in one.get(kept)
    assert links.secret_of(site.desk.book, "2") == kept.split("/")[-2]


def test_without_a_mailbox_the_page_says_to_call(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "erasure"})
    one.answer(who={"phone": "028 9000 0001"}, place={"place": ""}, text={"text": ""})
    one.post("/privacy/request/review/")
    said = one.get(f"{one.path}letters/")
    assert "Please call or write" in said and "9000" not in said


def test_the_log_tells_no_secret(visitor: Made, caplog: pytest.LogCaptureFixture) -> None:
    one = visitor()
    follow = one.request("access", ANN)
    secret = follow.split("/")[-2]
    one.client.post(f"{follow}code/", {"code": "AAAAA-AAAAA"})
    one.client.get(f"/privacy/follow/{secret}x/")
    said = [each.getMessage() for each in caplog.records]
    assert len(said) == 2 and all("/privacy/follow/…" in each for each in said), said
    assert secret not in caplog.text
