"""A person found without a request: few may, for a purpose, on record, and no value is shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from servanda.ledger import history
from servanda.runtime import anyone
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job, Read
from tests.web.requests.conftest import Desk

ANN = {"email": "ann@example.test", "phone": "028 9000 0001"}
BOB = {"email": "bob@example.test", "phone": "028 9000 0002"}


def counted(page: str) -> int:
    found = re.search(r"<strong>(\d+) record", page)
    assert found, page
    return int(found[1])


def test_what_lies_where_is_told_and_no_value(site: Workspace, lead: Desk) -> None:
    lead.states("find")
    assert "What was found" not in lead.get("find/")
    ann, bob = lead.post("find/", ANN, 200), lead.post("find/", BOB, 200)
    assert counted(ann) == 7 and "tapes.wav" in ann and "owned through" in ann
    assert counted(bob) != counted(ann) and counted(bob) > 0
    for page in ann, bob:  # the stores' values: of Ann's order, Bob's name, a tape's path
        told = page.partition("What was found")[2]
        assert not any(each in told for each in ("a desk", "Ann", "Bob", ".wav<", "example.test"))
    assert "Show the records" not in ann and not Job.objects.exists()


def test_the_purpose_is_asked_first_and_each_search_is_on_record(
    site: Workspace, lead: Desk
) -> None:
    answer = lead.client.post("/console/find/", ANN)
    assert answer.status_code == 302 and "/console/purpose/" in answer.headers["Location"]
    assert not Read.objects.exists()
    lead.states("find", "billing")
    assert "of them were collected for another purpose" in lead.post("find/", ANN, 200)
    (row,) = Read.objects.all()
    assert (row.scope, row.purpose, row.what) == ("find", "billing", anyone.LOOKED)
    newest = history.last("access.read")
    assert newest is not None and newest.data["scope"] == "find"
    assert "ann" not in str(newest.data)


@pytest.mark.parametrize("role", ["support", "auditor", "engineer", "customer"])
def test_others_are_refused_on_record(
    site: Workspace, desk: Callable[[str], Desk], role: str
) -> None:
    found = desk(role)
    assert "tapes" not in found.post("find/", ANN, 403)
    assert Read.objects.exclude(refused="").count() == 1
    assert not Read.objects.filter(refused="").exists()
    if role != "customer":
        assert "/console/find/" not in found.get("access-log/" if role == "auditor" else "me/")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"email": "nobody at all"}, {"more": "ann"}, {"more": "shoe size = 4"}],
)
def test_what_names_nobody_is_said(site: Workspace, lead: Desk, wrong: dict[str, str]) -> None:
    lead.states("find")
    page = lead.post("find/", wrong, 400)
    assert 'role="alert"' in page and "What was found" not in page


def test_very_many_places_are_cut_and_counted(
    site: Workspace, lead: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anyone, "MOST_BRANCHES", 1)
    lead.states("find")
    page = lead.post("find/", ANN, 200)
    assert page.count('<li class="in') == 1 and "more places are not shown" in page
    assert counted(page) == 7
