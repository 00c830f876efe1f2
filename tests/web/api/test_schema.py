"""Every call of the description, with whatever fits it and much that does not: never an error of
ours, only answers that are described, and none without a token."""

from __future__ import annotations

import os
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from servanda.runtime.workspace import Workspace
from servanda.web.api import limits
from servanda.web.kit import windows
from servanda.web.wsgi import application
from tests.web.api.conftest import Token
from tests.web.api.world import Filled, filled

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
)
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))
"""Of each kind, for each call. Seeded, so the same every time; more of them for a long look."""


def test_the_whole_api(site: Workspace, token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    there = filled(site)
    # The test asks without a token and with wrong ones all the time, from one address.
    monkeypatch.setattr(windows, "GUESSES", 1_000_000)
    monkeypatch.setattr(limits, "CALLS", 1_000_000)
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", application())
    secret = token()
    problems: dict[str, str] = {}
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        asked += 1
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            problem = _tried(operation, secret, there, mode)
            if problem:
                problems[f"{operation.label} ({mode.value})"] = problem
    assert asked > 80
    assert not problems, "\n\n".join(f"{label}\n{what}" for label, what in problems.items())


def _tried(operation: Any, secret: str, there: Filled, mode: GenerationMode) -> str:
    @seed(7)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        parts = case.path_parameters or {}
        for name, value in _known(there).items():
            if name in parts and crc32(repr(parts).encode()) % 3:
                parts[name] = value
        case.call_and_validate(checks=list(CHECKS), headers=_headers(secret))

    try:
        each()
    except Unsatisfiable:
        return ""  # nothing of this call can be wrong: it takes nothing
    except (Exception, FailureGroup) as error:
        told = error.exceptions if isinstance(error, FailureGroup) else (error,)
        return "\n".join(f"{type(e).__name__}: {e}"[:1500] for e in told)
    return ""


def _headers(secret: str) -> dict[str, str]:
    """`identity`: the tool's reader unpacks nothing."""
    told = {"Authorization": f"Bearer {secret}", "X-Purpose": "rights"}
    return {**told, "Accept-Encoding": "identity"}


def _known(there: Filled) -> dict[str, Any]:
    return {"ref": there.requests[0], "id": 1, "contact": there.contact, "digest": there.plan}
