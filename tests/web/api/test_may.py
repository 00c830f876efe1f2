"""The use gate over HTTP: who may ask, what is answered, and that a no counts at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from servanda.desk import tokens
from servanda.desk.consents import Act, counting, links, person, record
from servanda.runtime.workspace import Workspace
from servanda.state.models import Token as TokenRow
from servanda.web.api import bulk
from servanda.web.models import Member
from tests.web.api.conftest import Token, owner, token
from tests.web.consent.conftest import _nobody_counted, shop
from tests.web.consent.world import JO, KIM, LEE, agreed, mark

__all__ = ["_nobody_counted", "owner", "shop", "token"]

Ask = Callable[..., Any]


@pytest.fixture
def secret(shop: Workspace, token: Token) -> str:
    return token("gate")


def get(secret: str, subject: str = f"email:{JO}", **asked: str) -> Any:
    told = {"subject": subject, "purpose": "marketing", "channel": "email", **asked}
    answer = _client().get("/v1/may", told, headers=_headers(secret))
    return answer.json() if answer.status_code == 200 else answer.status_code


def post(secret: str, body: Any, path: str = "/v1/may", kind: str = "application/json") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return _client().generic("POST", path, raw, content_type=kind, headers=_headers(secret))


def read(answer: HttpResponse) -> Any:
    return json.loads(answer.getvalue())


def _client() -> Client:
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True)


def _headers(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} if secret else {}


def test_yes_and_no_and_why(shop: Workspace, secret: str) -> None:
    agreed(shop, JO, "email")
    assert get(secret) == {
        "may": True,
        "reason": "consent",
        "detail": None,
        "says": "This person consented to it.",
    }
    assert get(secret, channel="sms")["detail"] == "channel"
    assert get(secret, f"email:{KIM}") == {
        "may": False,
        "reason": "consent",
        "detail": "missing",
        "says": "This person has not consented.",
    }
    assert get(secret, f"email:{KIM}", purpose="", message="invoice")["reason"] == "basis"
    assert get(secret, "nonsense")["reason"] == "unknown"
    assert get(secret, purpose="") == 422 and get(secret, "") == 422


def test_a_withdrawal_counts_in_the_next_answer(shop: Workspace, secret: str) -> None:
    for email in (JO, KIM):
        agreed(shop, email, "email")
    assert get(secret)["may"] and get(secret, f"email:{KIM}")["may"]
    path = links.unsubscribe(shop.desk.book, mark(shop)).removeprefix("http://localhost")
    _client().post(path)
    assert not get(secret)["may"]
    assert get(secret, f"email:{KIM}")["may"]
    subjects = {
        "subjects": [f"email:{JO}", f"email:{KIM}"],
        "message": "newsletter",
        "channel": "email",
    }
    assert [each["may"] for each in read(post(secret, subjects))["answers"]] == [False, True]


def test_a_request_at_the_desk_counts_in_the_next_answer(shop: Workspace, secret: str) -> None:
    for email in (JO, KIM, LEE):
        agreed(shop, email, "email")
    today = shop.desk.book.today()
    for right, email in (("withdraw", JO), ("object", KIM)):
        assert get(secret, f"email:{email}")["may"]
        shop.desk.new(
            right, [("email", email)], received=today, via="post", by="x", purpose="marketing"
        )
        assert get(secret, f"email:{email}")["reason"] == "objection"
    assert get(secret, f"email:{LEE}")["may"]


def test_a_revoked_token_ends_with_the_next_call(
    shop: Workspace, secret: str, owner: Member, token: Token
) -> None:
    other = token("gate")
    assert isinstance(get(secret), dict) and isinstance(get(other), dict)
    first = TokenRow.objects.order_by("id").first()
    assert first is not None
    tokens.revoke(first.pk, by=owner.by)
    assert get(secret) == 401 and isinstance(get(other), dict)
    assert post(secret, {"subjects": [], "purpose": "marketing"}).status_code == 401


def test_a_token_ends_with_its_maker_and_its_time(
    shop: Workspace, secret: str, owner: Member
) -> None:
    assert isinstance(get(secret), dict)
    Member.objects.filter(pk=owner.pk).update(role="engineer")
    assert get(secret) == 403
    Member.objects.filter(pk=owner.pk).update(role="owner", is_active=False)
    assert get(secret) == 401
    Member.objects.filter(pk=owner.pk).update(is_active=True)
    TokenRow.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    from servanda.web.api import gatekeeping

    gatekeeping.forget()
    assert get(secret) == 401


@pytest.mark.parametrize("bad", ["", "svd_nobody", "x"])
def test_strangers_get_nothing(shop: Workspace, bad: str) -> None:
    agreed(shop, JO, "email")
    assert get(bad) == 401
    for path in ("/v1/may", "/v1/send-list"):
        assert post(bad, {}, path).status_code == 401


def test_a_token_for_something_else_may_not(shop: Workspace, token: Token) -> None:
    assert get(token("board")) == 403


def test_tokens_are_not_guessed_for_long(shop: Workspace, secret: str) -> None:
    found = [get(f"svd_{n}") for n in range(40)]
    assert found[:29] == [401] * 29 and found[-1] == 429
    other = Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.7")
    told = {"subject": f"email:{JO}", "purpose": "marketing"}
    assert other.get("/v1/may", told, headers=_headers(secret)).status_code == 200


def test_many_in_their_order_with_counts(shop: Workspace, secret: str) -> None:
    agreed(shop, JO, "email")
    agreed(shop, KIM, "sms")
    subjects = [f"email:{JO}", f"email:{KIM}", "email:né@y.test", "x\x00", f'email:"{LEE}']
    told = read(post(secret, {"subjects": subjects, "purpose": "marketing", "channel": "email"}))
    assert [each["subject"] for each in told["answers"]] == subjects
    assert [each["may"] for each in told["answers"]] == [True, False, False, False, False]
    assert told["counts"]["asked"] == 5 and told["counts"]["yes"] == 1
    assert told["counts"]["no"] == {
        "consent channel": 1,
        "consent missing": 2,
        "unknown unknown": 1,
    }
    assert told["says"]["consent missing"].endswith(".")
    counting.flush()
    assert dict(counting.counted()) == {"yes": 1, "no consent": 3, "no unknown": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        ([], 422),
        ({"purpose": "marketing"}, 422),
        ({"subjects": [1], "purpose": "marketing"}, 422),
        ({"subjects": ["x" * 500], "purpose": "marketing"}, 422),
        ({"subjects": []}, 422),
        ({"subjects": [], "purpose": ["marketing"]}, 422),
        ({"subjects": ["a"] * (bulk.MOST + 1), "purpose": "marketing"}, 413),
    ],
)
def test_what_is_no_list_is_refused(shop: Workspace, secret: str, body: Any, status: int) -> None:
    assert post(secret, body).status_code == status


def test_an_empty_list_has_no_answers(shop: Workspace, secret: str) -> None:
    told = read(post(secret, {"subjects": [], "purpose": "marketing"}))
    assert told == {"answers": [], "counts": {"asked": 0, "yes": 0, "no": {}}, "says": {}}


def test_a_send_list_comes_back_without_those_who_said_no(shop: Workspace, secret: str) -> None:
    for email in (JO, KIM):
        agreed(shop, email, "email")
    record(
        shop.desk.book,
        Act(person(("email", KIM)), {"marketing": {"email": False}}, "phone"),
    )
    told = {"list": [JO, KIM, LEE], "message": "newsletter", "channel": "email", "links": True}
    answer = read(post(secret, told, "/v1/send-list"))
    assert answer["allowed"] == [JO]
    assert answer["counts"] == {
        "asked": 3,
        "yes": 1,
        "no": {"consent withdrawn": 1, "consent missing": 1},
    }
    (link,) = answer["links"]
    path = link["unsubscribe"].removeprefix("http://localhost")
    assert _client().post(path).status_code == 200
    assert read(post(secret, told, "/v1/send-list"))["allowed"] == []


def test_a_csv_keeps_its_columns(shop: Workspace, secret: str) -> None:
    agreed(shop, JO, "email")
    agreed(shop, LEE, "email")
    text = (
        f'name,email,phone\r\n"Jo, A",{JO},+44\r\nKim,{KIM},1\r\nLee,{LEE.upper()},2\r\nshort\r\n'
    )
    path = "/v1/send-list?message=newsletter&channel=email"
    answer = post(secret, text.encode(), path, "text/csv")
    assert answer.status_code == 200, answer.content
    assert answer.content.decode() == (
        f'name,email,phone\r\n"Jo, A",{JO},+44\r\nLee,{LEE.upper()},2\r\n'
    )
    assert json.loads(answer.headers["Servanda-Counts"])["yes"] == 2
    linked = post(secret, text.encode(), f"{path}&links=1", "text/csv").content.decode()
    assert linked.splitlines()[0] == "name,email,phone,unsubscribe,preferences"
    assert "/consent/u/" in linked.splitlines()[1] and "/consent/p/" in linked.splitlines()[1]
    for bad, status in ((b"\xff\xfe", 400), (b"name\r\nx", 422), (b"\r\n", 422)):
        assert post(secret, bad, path, "text/csv").status_code == status
    assert post(secret, text.encode(), "/v1/send-list", "text/csv").status_code == 422


def test_other_methods_are_told_what_is_there(shop: Workspace, secret: str) -> None:
    for path, allowed in (("/v1/may", "GET, POST"), ("/v1/send-list", "POST")):
        answer = _client().delete(path, headers=_headers(secret))
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_the_gate_does_not_load_the_api() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from servanda.web.start import configure_django;"
        "from servanda.runtime.websettings import WebSettings;"
        "configure_django(WebSettings(), b'0' * 32);"
        "import servanda.web.urls, servanda.web.consent.urls;"
        "sys.exit('ninja' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "src"}).returncode == 0


@pytest.mark.parametrize("who", ["gate", "board", "nobody", ""])
def test_the_short_way_answers_as_the_long_one(
    shop: Workspace, token: Token, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    from servanda.web.api import shortcut

    agreed(shop, JO, "email")
    key = token(who) if who in ("gate", "board") else who
    told = {"subject": f"email:{JO}", "purpose": "marketing", "channel": "email"}
    short = _client().get("/v1/may", told, headers=_headers(key))
    monkeypatch.setattr(shortcut, "PATH", "/nowhere")
    long = _client().get("/v1/may", told, headers=_headers(key))
    assert (short.status_code, short.content) == (long.status_code, long.content)
    for name in ("Content-Type", "Content-Length", "X-Content-Type-Options", "Cache-Control"):
        assert short.headers[name] == long.headers[name], name
    assert not short.cookies


def test_a_database_that_fails_is_no_answer(
    shop: Workspace, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servanda.desk.consents import quick
    from servanda.state.connection import StateFailed

    agreed(shop, JO, "email")
    assert get(secret)["may"]

    def fails(*_: object) -> None:
        raise StateFailed("the disk is full")

    monkeypatch.setattr(quick, "one", fails)
    assert get(secret) == 502
