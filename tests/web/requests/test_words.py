"""Pages of a request speak of what was asked for, and of what happened, in plain words."""

from __future__ import annotations

import re

import pytest

from servanda import law
from servanda.desk.requests import identity
from servanda.runtime.workspace import Workspace
from tests.web.requests.conftest import ANN, BOB, Desk

OF_AN_ERASURE = re.compile(r"stays|goes|[Ee]rase|keeps|touched", re.DOTALL)


def _main(page: str) -> str:
    return page.partition('<main id="main"')[2].partition("</main>")[0]


@pytest.mark.parametrize("right", ["access", "portability", "restriction", "rectification"])
def test_no_page_of_another_right_speaks_of_erasing(
    site: Workspace, lead: Desk, right: str
) -> None:
    ref = site.desk.new(right, ANN, received=site.desk.book.today(), via="post", by="me")
    lead.states(f"request:{ref}")
    tree = _main(lead.get(f"requests/{ref}/person/"))
    assert "theirs alone" in tree and "also of 1 other owner" in tree
    assert OF_AN_ERASURE.findall(tree) == []
    for branch in re.findall(r"/person/([0-9a-f]{16})/", tree):
        page = _main(lead.get(f"requests/{ref}/person/{branch}/"))
        assert OF_AN_ERASURE.findall(page.partition("<table")[0]) == []


def test_the_page_of_an_erasure_says_what_stays(site: Workspace, lead: Desk) -> None:
    ref = site.desk.new("erasure", ANN, received=site.desk.book.today(), via="post", by="me")
    lead.states(f"request:{ref}")
    assert "stays: 1 other owner" in _main(lead.get(f"requests/{ref}/person/"))


def test_decided_answered_and_closed_are_in_the_history(site: Workspace, lead: Desk) -> None:
    desk, today = site.desk, site.desk.book.today()
    ref, other = (
        desk.new("access", each, received=today, via="post", by="me") for each in (ANN, BOB)
    )
    identity.seen(desk.book, ref, "passport", by="me", note="looked at it")
    desk.decide(ref, "act", by=lead.member.by)
    desk.replied(ref, b"Dear Ann", by=lead.member.by)
    desk.close(ref, "done", by=lead.member.by)
    lead.states(f"request:{ref}")
    lead.states(f"request:{other}")
    page = lead.get(f"requests/{ref}/").partition("<h2>What happened</h2>")[2]
    rows = re.findall(r"<tr><td>.*?</td><td>(.*?)</td>", page.partition("</table>")[0])
    assert rows == [
        "arrived",
        "it was shown who they are",
        "decided: to do what was asked",
        "answered",
        "closed",
    ]
    page = lead.get(f"requests/{other}/").partition("<h2>What happened</h2>")[2]
    assert re.findall(r"<tr><td>.*?</td><td>(.*?)</td>", page.partition("</table>")[0]) == [
        "arrived"
    ]


def test_places_are_names_and_ours_come_first(site: Workspace, lead: Desk) -> None:
    lead.states("requests")
    listed = lead.get("requests/new/").partition('name="place"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]*)"[^>]*>\s*([^<]+?)\s*</option>', listed)
    codes, names = [code for code, _ in options], [name for _, name in options]
    ours = [found.code for each in site.policy.jurisdictions if (found := law.near(each))]
    assert codes[0] == "" and set(codes[1 : 1 + len(ours)]) == set(ours)
    rest = [name.casefold() for name in names[1 + len(ours) :]]
    assert rest == sorted(rest) and len(rest) > 100
    assert not any(code == name for code, name in options)
    assert len(set(codes)) == len(codes) and {"KE", "DE", "ZA"} <= set(codes)
    ref = site.desk.new(
        "access", ANN, received=site.desk.book.today(), via="post", by="me", place="KE"
    )
    lead.states(f"request:{ref}")
    assert re.search(r'<option value="KE" selected>Kenya<', lead.get(f"requests/{ref}/edit/"))
