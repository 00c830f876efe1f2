"""Programs see what is published, compare it, and publish the next where their token may."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.runtime.workspace import Workspace
from servanda.state.models import Edition
from tests.web.api.conftest import Call
from tests.web.console.publishing import change, first, ready


@pytest.fixture(autouse=True)
def _ready(site: Workspace) -> None:
    ready()


def longer() -> None:
    change(lambda text: text.replace("at_most: 12 months", "at_most: 30 months", 1))


def test_published_listed_compared(call: Call) -> None:
    assert call("GET", "/editions").json() == []
    first()
    longer()
    refused = call("POST", "/editions", {"confirm": "minor"})
    assert refused.status_code == 409 and "material" in refused.json()["error"]
    early = call("POST", "/editions", {"confirm": "material", "binds": "2020-01-01"})
    assert early.status_code == 409
    assert call("POST", "/editions", {"confirm": "huge"}).status_code in (400, 422)
    made = call("POST", "/editions", {"confirm": "material"})
    assert made.status_code == 201
    found = made.json()
    assert (found["number"], found["bound"], found["asks"]) == (2, False, True)
    assert found["reasons"] == ["ceiling:calls"]
    assert datetime.fromisoformat(found["binds_at"]) > datetime.now(UTC)
    assert [each["number"] for each in call("GET", "/editions").json()] == [2, 1]
    one = call("GET", "/editions/1").json()
    assert "1, published on" in one["text"]
    assert one["forms"] == ["text", "html", "markdown", "jsonld", "pdf"]
    diff = call("GET", "/editions/1/diff/2").json()
    assert diff["material"] and "30 months" in diff["changes"][0]["says"]
    assert not call("GET", "/editions/2/diff/1").json()["material"]
    assert call("GET", "/editions/9").status_code == 404
    assert call("GET", "/editions/1/diff/9").status_code == 404
    assert Edition.objects.count() == 2
