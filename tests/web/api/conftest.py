"""`call`: a program with a token that has every scope, or those that are named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from servanda.desk import tokens
from servanda.runtime.workspace import Workspace
from servanda.web.api import limits
from servanda.web.models import Member

Call = Callable[..., Any]
Token = Callable[..., str]


@pytest.fixture(autouse=True)
def _nobody_counted() -> Iterator[None]:
    limits.calls.clear()
    limits.guesses.clear()
    yield


@pytest.fixture
def owner(site: Workspace) -> Member:
    return Member.objects.create_user("maker@firm.test", None, name="Maker", role="owner")


@pytest.fixture
def token(owner: Member) -> Token:
    def made(*scopes: str, of: Member | None = None) -> str:
        maker = of or owner
        wanted = scopes or tuple(tokens.SCOPES)
        return tokens.make("a program", wanted, 30, by=maker.by, role=maker.role)[1]

    return made


@pytest.fixture
def call(token: Token) -> Call:
    everything = token()

    def made(method: str, path: str, body: Any = None, *, secret: str = "", **headers: str) -> Any:
        told = {"Authorization": f"Bearer {secret or everything}", "X-Purpose": "rights"}
        return Client(SERVER_NAME="localhost").generic(
            method,
            f"/v1{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={**told, **headers},
        )

    return made
