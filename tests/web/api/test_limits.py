"""How much, how deep, how often: none of it ends in an error of ours."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from servanda.state.models import Job, Token
from servanda.web.api import limits, reading
from servanda.web.api.limits import Window
from servanda.web.kit import windows
from tests.web.api.conftest import Call
from tests.web.api.conftest import Token as Make


def _sent(secret: str, body: bytes, path: str = "/v1/plans") -> tuple[int, str]:
    told = Client(SERVER_NAME="localhost").generic(
        "POST",
        path,
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    return told.status_code, told.content.decode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"only": ["' + b"x" * (1 << 20) + b'"]}', 413),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"only": ' + b"[" * 30 + b"]" * 30 + b"}", 400),
        (b'{"a":' * 100_000, 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"only": ["\\u0000"]}', 400),
        (b'{"only": ["\\ud800"]}', 400),
        (b"NaN", 400),
        (b"9" * 10_000, 400),
        (b'{"nobody": 1}', 422),
        (b'"text"', 422),
    ],
)
def test_what_is_too_much_is_refused(token: Make, body: bytes, status: int) -> None:
    found, text = _sent(token(), body)
    assert found == status, text
    assert text.startswith('{"error"') and "x" * 40 not in text
    assert Job.objects.count() == 0


def test_what_is_wrong_is_named_as_the_caller_knows_it(token: Make) -> None:
    """Not by our own names for the parts of a call."""
    found, text = _sent(token(), b'{"only": [1], "nobody": 1}')
    assert found == 422
    wrong = [each.partition(":")[0] for each in json.loads(text)["error"].split("; ")]
    assert wrong == ["only.0", "nobody"]
    asked = Client(SERVER_NAME="localhost").get(
        "/v1/plans?limit=x", headers={"Authorization": f"Bearer {token()}"}
    )
    assert asked.status_code == 422 and asked.json()["error"].startswith("limit: ")


def test_what_is_just_not_too_much_is_taken(token: Make) -> None:
    body = b'{"only": []}'
    assert _sent(token(), body + b" " * (reading.LARGEST - len(body)))[0] == 202


def test_a_length_that_is_none_is_refused(token: Make) -> None:
    told = Client(SERVER_NAME="localhost").post(
        "/v1/plans", headers={"Authorization": f"Bearer {token()}"}, CONTENT_LENGTH="-1"
    )
    assert told.status_code == 413


def test_an_address_with_a_nul_is_refused(call: Call) -> None:
    for path in ("/requests?tenant=%00", "/runs/%00", "/settings/%00", "/runs?before=a%00"):
        assert call("GET", path).status_code in (400, 404)


def test_a_token_that_calls_too_often_waits(
    call: Call, token: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLS", 5)
    wild, calm = token("plans"), token("plans")
    asked = [call("GET", "/plans", secret=wild).status_code for _ in range(7)]
    assert asked == [200] * 5 + [429] * 2
    told = call("GET", "/plans", secret=wild)
    assert 0 < int(told.headers["Retry-After"]) <= 61
    assert call("GET", "/plans", secret=calm).status_code == 200


def test_who_guesses_tokens_is_locked_out_and_their_neighbour_is_not(
    token: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "GUESSES", 5)
    right = token("plans")

    def ask(secret: str, address: str) -> int:
        told = Client(SERVER_NAME="localhost", REMOTE_ADDR=address).get(
            "/v1/plans", headers={"Authorization": f"Bearer {secret}"}
        )
        return told.status_code

    assert [ask("svd_old", "10.0.0.1") for _ in range(9)] == [401] * 9  # one old token is no guess
    guesses = [ask(f"svd_{n}", "10.0.0.1") for n in range(6)]
    assert guesses == [401] * 4 + [429] * 2
    assert ask(right, "10.0.0.1") == 429
    assert ask(right, "10.0.0.2") == 200
    assert Token.objects.count() == 1


def test_addresses_of_one_network_are_one(monkeypatch: pytest.MonkeyPatch, token: Make) -> None:
    monkeypatch.setattr(windows, "GUESSES", 3)
    right = token("plans")
    for n in range(3):
        Client(SERVER_NAME="localhost", REMOTE_ADDR=f"2001:db8:1:2::{n}").get(
            "/v1/plans", headers={"Authorization": f"Bearer svd_{n}"}
        )
    found = [
        Client(SERVER_NAME="localhost", REMOTE_ADDR=each)
        .get("/v1/plans", headers={"Authorization": f"Bearer {right}"})
        .status_code
        for each in ("2001:db8:1:2::9", "2001:db8:1:3::9")
    ]
    assert found == [429, 200]


def test_a_window_ends_and_forgets() -> None:
    now = 0.0
    window = Window(10, lambda: now)
    for thing in "abc":
        window.add("k", thing)
    assert window.wait("k", 4) == 0
    assert window.wait("k", 3) > 0
    assert window.wait("other", 1) == 0
    now = 10.0
    assert window.wait("k", 3) == 0
    window.add("k", "d")
    assert window.wait("k", 2) == 0
    for n in range(windows._MOST + 5):
        window.add(n, 0)
    assert len(window._found) == windows._MOST
