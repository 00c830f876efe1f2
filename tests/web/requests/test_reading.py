"""Nobody reads a person without a purpose, beyond it, or without a trace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest

from servanda.desk import access
from servanda.ledger import history
from servanda.runtime.workspace import Workspace
from servanda.state.models import Read
from tests.web.requests.conftest import ANN, BOB, Desk

PAGES = ("", "person/", "decide/", "act/", "answer/", "edit/", "play/", "package/")


@pytest.mark.parametrize("page", PAGES)
def test_the_purpose_is_asked_first(site: Workspace, lead: Desk, page: str) -> None:
    ref = site.desk.new("erasure", ANN, received=site.desk.book.today(), via="post", by="me")
    answer = lead.client.get(f"/console/requests/{ref}/{page}")
    assert answer.status_code == 302 and "/console/purpose/" in answer.headers["Location"]
    assert not Read.objects.exists()


@pytest.mark.parametrize("role", ["support", "auditor", "engineer", "customer"])
def test_others_are_refused_on_record(
    site: Workspace, desk: Callable[[str], Desk], role: str
) -> None:
    ref = site.desk.new("erasure", ANN, received=site.desk.book.today(), via="post", by="me")
    found = desk(role)
    for page in PAGES:
        text = found.get(f"requests/{ref}/{page}", 403)
        assert "ann@" not in text
    found.post(f"requests/{ref}/do/seen/", {"document": "passport"}, 403)
    found.post(f"requests/{ref}/act/go/", {"confirm": "1", "shown": "1"}, 403)
    found.get("requests/new/", 403)
    found.get("recordings/", 403)
    refused = Read.objects.exclude(refused="")
    assert refused.count() == len(PAGES) + 4 and not Read.objects.filter(refused="").exists()
    assert not site.desk.get(ref).verified


def branches(page: str) -> list[str]:
    return re.findall(r'/person/([0-9a-f]{16})/"', page)


def test_only_what_the_purpose_covers(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    every = branches(lead.get(f"requests/{ref}/person/"))
    assert len(every) > 3
    lead.states(f"request:{ref}", "billing")
    page = lead.get(f"requests/{ref}/person/")
    assert "5 of them are withheld" in page
    (orders,) = branches(page)
    shown = lead.get(f"requests/{ref}/person/{orders}/")
    assert "a desk" in shown and "a lamp" in shown and "a chair" not in shown
    for branch in set(every) - {orders}:
        answer = lead.client.get(f"/console/requests/{ref}/person/{branch}/", follow=True)
        assert b"does not cover these records" in answer.content


def test_a_branch_of_another_person_is_none(site: Workspace, lead: Desk) -> None:
    """A branch is looked up in the request's own tree, whatever the address says."""
    one, other = lead.new("access", ANN), lead.new("access", BOB)
    for branch in branches(lead.get(f"requests/{one}/person/")):
        mine = lead.get(f"requests/{one}/person/{branch}/")
        assert "Bob" not in mine and "bob@example.test" not in mine
        theirs = lead.client.get(f"/console/requests/{other}/person/{branch}/", follow=True)
        assert b"ann@example.test" not in theirs.content and b"a desk" not in theirs.content


def test_what_tells_of_others_stays_hidden(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    pages = [
        lead.get(f"requests/{ref}/person/{each}/")
        for each in branches(lead.get(f"requests/{ref}/person/"))
    ]
    assert any("hidden: tells of others" in each for each in pages)
    assert not any("02890000003" in each for each in pages)  # Cid's, of a call with Ann


def test_a_store_that_is_gone_is_named(site: Workspace, lead: Desk) -> None:
    ref = lead.decided("erasure", ANN)
    shutil.move(site.folder / "tapes", site.folder / "away")
    page = lead.get(f"requests/{ref}/person/")
    assert "tapes did not answer" in page
    assert "tapes does not answer" in lead.get(f"requests/{ref}/act/")
    shutil.move(site.folder / "away", site.folder / "tapes")
    assert "did not answer" not in lead.get(f"requests/{ref}/person/")


def test_who_looked_is_shown_and_in_evidence(site: Workspace, lead: Desk) -> None:
    ref = lead.new("access", ANN)
    page = lead.get(f"requests/{ref}/")
    assert "Privacy Lead" in page and "request shown" in page
    newest = history.last("access.read")
    assert newest is not None
    assert newest.data["scope"] == f"request:{ref}" and newest.data["by"] == lead.member.by
    assert access.log(scope=f"request:{ref}")[0].what == "request shown"


def test_no_such_request(lead: Desk) -> None:
    lead.states("request:999")
    for page in PAGES:
        lead.get(f"requests/999/{page}", 404)
    lead.post("requests/999/do/seen/", {"document": "passport"}, 404)
