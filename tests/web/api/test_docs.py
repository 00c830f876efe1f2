"""The pages about the API say what it does."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from servanda import ledger
from servanda.desk import tokens, webhooks
from servanda.runtime.workspace import Workspace
from servanda.web.api.describing import calls
from servanda.web.api.urls import api
from tests.web.api.conftest import Call

ROOT = Path(__file__).parents[3]
HOW_TO = (ROOT / "docs" / "how-to" / "api.md").read_text("utf-8")


def test_the_page_of_calls_is_what_the_calls_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "gen-api-reference", "--print"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert done.stdout == page, "run tools/gen-api-reference"
    for path, method, _ in calls(api):
        assert f"### {method.upper()} /v1{path}\n" in page


def test_shapes_have_names_of_their_own() -> None:
    """Two of one name would be described as one."""
    from ninja import Schema

    names: dict[str, type] = {}

    def walk(of: type) -> None:
        each: type
        for each in of.__subclasses__():
            if each.__module__.startswith("servanda."):
                other = names.setdefault(each.__name__, each)
                assert other is each, f"{each.__module__} and {other.__module__}: {each.__name__}"
            walk(each)

    walk(Schema)
    assert len(names) > 80


def test_the_description_is_public_and_holds_no_data(site: Workspace) -> None:
    told = Client(SERVER_NAME="localhost").get("/v1/openapi.json")
    assert told.status_code == 200
    found = told.json()
    assert "House Ltd" not in told.content.decode()
    one = found["paths"]["/v1/requests/{ref}"]["get"]
    assert one["x-scopes"] == ["request"] and one["security"]
    purpose = next(each for each in one["parameters"] if each["name"] == "X-Purpose")
    assert purpose["required"]


def _is_ours() -> Callable[..., bool]:
    (code,) = re.findall(r"```python\n(.*?)```", HOW_TO, re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)
    found: Callable[..., bool] = known["is_ours"]
    return found


def test_the_example_tells_our_messages_from_others(
    site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[tuple[bytes, dict[str, str]]] = []

    def post(url: str, body: bytes, headers: dict[str, str], *, inside: bool) -> None:
        got.append((body, headers))

    monkeypatch.setattr(webhooks, "post", post)
    _, secret = webhooks.add("https://a.example.com/", ["census"], by="x", master=site.master)
    ledger.append([{"kind": "census"}])
    assert webhooks.deliver(site.master) == 1
    ((body, headers),) = got
    is_ours = _is_ours()
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert is_ours(secret, headers, body)
    assert not is_ours(other, headers, body)
    assert not is_ours(secret, headers, body + b" ")
    assert not is_ours(secret, {**headers, "webhook-id": "1-999"}, body)
    old = {**headers, "webhook-timestamp": str(int(time.time()) - 301)}
    assert not is_ours(secret, old, body)
    got.clear()
    ledger.append([{"kind": "census"}])
    assert webhooks.deliver(site.master, now=datetime.now(UTC) - timedelta(seconds=400)) == 0
    webhooks.deliver(site.master)
    assert len(got) == 1


def test_the_calls_of_the_how_to_work(call: Call) -> None:
    (given,) = re.findall(r"-d '(\{.*?\})'", HOW_TO)
    import json

    told = call("POST", "/requests", json.loads(given), **{"Idempotency-Key": "ticket-4711"})
    assert told.status_code == 201
    again = call("POST", "/requests", json.loads(given), **{"Idempotency-Key": "ticket-4711"})
    assert again.json() == told.json() and again.headers["Idempotent-Replay"] == "true"
    shown = call("GET", f"/requests/{told.json()['ref']}", **{"X-Ticket": "T-4711"})
    assert shown.json()["identities"] == [["email", "ann@example.com"]]
    secret = tokens.make("x", ["plans"], 9, by="member 1", role="owner")[1]
    refused = call("GET", "/board", secret=secret).content.decode()
    assert refused in HOW_TO.replace(": ", ":")
