"""`call`: a program with a token that has every scope, or those that are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from servanda.desk import tokens
from servanda.runtime.workspace import Workspace

Call = Callable[..., Any]


@pytest.fixture
def token(site: Workspace) -> Callable[..., str]:
    def made(*scopes: str) -> str:
        wanted = scopes or tuple(tokens.SCOPES)
        return tokens.make("a program", wanted, 30, by="member 1", role="owner")[1]

    return made


@pytest.fixture
def call(token: Callable[..., str]) -> Call:
    everything = token()

    def made(method: str, path: str, body: Any = None, *, secret: str = "", **headers: str) -> Any:
        return Client(SERVER_NAME="localhost").generic(
            method,
            f"/v1{path}",
            b"" if body is None else __import__("json").dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret or everything}", **headers},
        )

    return made
