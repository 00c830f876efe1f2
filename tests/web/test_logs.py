"""What the server writes down of a request that failed."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from servanda.runtime.workspace import Workspace
from servanda.web.kit import logs
from servanda.web.models import Member
from servanda.web.portal import start

SECRET, ANN = "S3cretS3cretS3cretS3cret", "ann@example.test"


@pytest.fixture
def written(site: Workspace) -> Iterator[io.StringIO]:
    logs.mask()
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    "path",
    (
        "/accounts/join/{}/",
        "/privacy/follow/{}/cancel/",
        "/privacy/confirm/{}",
        "/accounts/password/reset/key/{}/",
    ),
)
def test_a_refused_form_leaves_no_secret(written: io.StringIO, path: str) -> None:
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert browser.post(path.format(f"1-{SECRET}"), {"password": "x"}).status_code == 403
    assert "Forbidden" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_a_refusal_is_one_line(
    written: io.StringIO, client: Callable[[str | Member | None], Client]
) -> None:
    """Nothing of ours went wrong, so no traceback asks anybody to look."""
    assert client("auditor").get("/console/tokens/").status_code == 403
    (line,) = written.getvalue().splitlines()
    assert line == "Forbidden (Permission denied): /console/tokens/"


def test_an_error_is_told_without_its_words(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"Key (email)=({ANN}) already exists")

    monkeypatch.setattr(start, "render", broken)
    browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
    assert browser.get("/privacy/").status_code == 500
    told = written.getvalue()
    assert "RuntimeError" in told and "start.py" in told and "/privacy/" in told
    assert ANN not in told


def test_gunicorn_names_no_caller(written: io.StringIO) -> None:
    log = logging.getLogger("gunicorn.error")
    before, log.propagate = log.propagate, True
    for address in ("192.0.2.7", "2001:db8::7"):
        log.warning(f"Invalid request from ip={address}: Invalid HTTP Version")
    log.propagate = before
    told = written.getvalue()
    assert told.count("Invalid HTTP Version") == 2
    assert "192.0.2.7" not in told and "2001:db8" not in told
