"""The access log: everything that was read or refused, for auditors, without the people read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servanda.desk import access
from servanda.runtime.workspace import Workspace
from servanda.web.kit import cells
from servanda.web.models import Member

Open = Callable[[str | Member | None], Client]
Made = Callable[[str], Member]


@pytest.fixture
def reads(site: Workspace, member: Made) -> tuple[Member, Member]:
    """Two members; three looks and a refusal."""
    owner, support = member("owner"), member("support")
    for who, scope in ((owner, "request:1"), (owner, "request:2"), (support, "enquiry:1")):
        task = access.begin(
            access.Reader(who.by, who.role),
            access.RIGHTS,
            scope,
            policy=site.policy,
            lasts=timedelta(minutes=5),
        )
        access.read(task, f"the page of {scope.partition(':')[0]}")
    access.refuse(access.Reader(support.by, support.role), "request:1", "=1+1", "not for the role")
    return owner, support


def _rows(page: bytes) -> int:
    return page.count(b"<tr>") - 1


def test_it_shows_reads_and_refusals_newest_first(
    reads: tuple[Member, Member], client: Open
) -> None:
    told = client("auditor").get("/console/access-log/").content
    assert _rows(told) == 4
    text = told.decode()
    assert text.index("not for the role") < text.index("the page of enquiry")
    assert ">Support<" in text
    assert "@firm.test" not in text


def test_it_is_filtered(reads: tuple[Member, Member], client: Open) -> None:
    owner, _ = reads
    auditor = client("auditor")

    def found(**asked: str) -> int:
        return _rows(auditor.get("/console/access-log/", asked).content)

    assert found(by=owner.by) == 2
    assert found(scope="request:1") == 2
    assert found(refused="1") == 1
    assert found(by=owner.by, scope="request:1") == 1
    assert b"Nothing fits" in auditor.get("/console/access-log/", {"by": "member 999"}).content


def test_it_pages_and_asks_the_same_for_any_number(
    site: Workspace, reads: tuple[Member, Member], client: Open
) -> None:
    owner, support = reads
    auditor = client("auditor")

    def asked(address: str) -> tuple[bytes, int]:
        with CaptureQueriesContext(connection) as found:
            told = auditor.get(address)
        assert told.status_code == 200
        return told.content, len(found)

    asked("/console/access-log/")
    _, few = asked("/console/access-log/")
    for n in range(60):
        who = (owner, support)[n % 2]
        access.refuse(access.Reader(who.by, who.role), f"request:{n + 100}", "page", "no")
    page, many = asked("/console/access-log/?refused=1")
    assert many == few
    assert _rows(page) == 50
    older = page.decode().partition('href="?refused=1&amp;before=')[2].partition('"')[0]
    rest, _ = asked(f"/console/access-log/?refused=1&before={older}")
    assert _rows(rest) == 11
    assert b"request:100<" in rest
    assert b"request:159<" not in rest


def test_it_is_downloaded_by_number_with_formulas_defused(
    reads: tuple[Member, Member], client: Open
) -> None:
    owner, support = reads
    told = client("auditor").get("/console/access-log.csv", {"by": support.by})
    assert told.headers["Content-Disposition"] == 'attachment; filename="access-log.csv"'
    text = b"".join(told.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["what"] for row in rows] == ["'=1+1", "the page of enquiry"]
    assert {row["by"] for row in rows} == {support.by}
    assert owner.name not in text
    assert support.name not in text


def test_it_is_not_for_those_who_are_read_about(reads: tuple[Member, Member], client: Open) -> None:
    _, support = reads
    for who in (support, None):
        for address in ("/console/access-log/", "/console/access-log.csv"):
            assert client(who).get(address).status_code == (403 if who else 302)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert cells.safe(cell) == f"'{cell}"
    assert cells.safe(f"a{cell}") == f"a{cell}"
