"""The page that asks why: what it takes stands in the ledger, and it leads nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from servanda import ledger
from servanda.state.models import Task
from servanda.web.models import Member

Open = Callable[[str | Member | None], Client]
PAGE = "/console/purpose/"


@pytest.mark.parametrize(
    "scope",
    ("request:ann@example.test", "request:Ann Lee", "customer:Acme", "request:", "", "x" * 30),
)
def test_nobodys_name_becomes_evidence(client: Open, scope: str) -> None:
    staff = client("support")
    form = {"scope": scope, "purpose": "rights", "next": "/console/"}
    assert staff.post(PAGE, form).status_code == 400
    assert not Task.objects.exists()
    assert list(ledger.history.entries("access.task")) == []
    assert staff.post(PAGE, {**form, "scope": "request:1"}).status_code == 302
    assert staff.post(PAGE, {**form, "scope": "callers"}).status_code == 302
    assert [e.data["scope"] for e in ledger.history.entries("access.task")] == [
        "request:1",
        "callers",
    ]


@pytest.mark.parametrize(
    "back", ("https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test", "nowhere")
)
def test_it_leads_nowhere_else(client: Open, back: str) -> None:
    form = {"scope": "request:1", "purpose": "rights", "next": back}
    assert client("support").post(PAGE, form).status_code == 400
    assert not Task.objects.exists()
