"""The pack of Request Tracker 5 on a real one, swept by the whole engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.plan.find import Subject
from servanda.runtime import finding
from tests.packs.company import LATELY, LONG_AGO, company, look, sweep
from tests.services.request_tracker import RequestTracker

pytestmark = [pytest.mark.services, pytest.mark.slow]


def of_others(rt: RequestTracker) -> dict[str, list[tuple[int]]]:
    """Numbers of the rows that share tables with tickets and hang on something else."""
    return {
        table: rt.rows(f"SELECT id FROM {table} WHERE {condition} ORDER BY id")
        for table, condition in {
            "transactions": "objecttype <> 'RT::Ticket'",
            "groups": "domain <> 'RT::Ticket-Role'",
            "attributes": "objecttype <> 'RT::Ticket'",
            "principals": "principaltype = 'User'",
            "users": "true",
            "links": "localbase = 0 AND localtarget = 0",
        }.items()
    }


def test_a_closed_ticket_goes_with_all_that_hangs_on_it(
    request_tracker: RequestTracker, tmp_path: Path
) -> None:
    rt = request_tracker
    ann, bo = ("ann@client.example", "Ann Archer"), ("bo@client.example", "Bo Baker")
    old = rt.ticket(*ann, "case purple, call 0700 900123", cc="bo@client.example")
    rt.reply(old, "We rang 0700 900123.")
    other = rt.ticket(*bo, "case orange, call 0700 900456")
    reopened = rt.ticket(*bo, "case yellow, call 0700 900789")
    rt.link(old, other)
    rt.close_ticket(old, LONG_AGO)
    rt.close_ticket(reopened, LONG_AGO)
    rt.reopen(reopened)
    before = {ticket: rt.shown(ticket) for ticket in (other, reopened)}
    untouched = of_others(rt)
    assert all(untouched.values())
    traces = rt.mentions("900123")
    assert {"attachments"} <= traces.keys()
    assert rt.mentions("passport of Ann Archer")["attachments"] >= 1
    assert rt.rows(f"SELECT resolved FROM tickets WHERE id = {reopened}")[0][0].year < 2026

    rt_ = ("request-tracker", rt.database_url)
    with company(tmp_path / "jtec", rt=rt_) as workspace:
        found = look(workspace)
        assert found.complete, found.entry()
        swept, outcome = sweep(workspace)

    assert swept == {"rt.tickets": 1}
    assert {c.collection: c.total for c in outcome.recounts}["rt.open"] == 2
    assert [row[0] for row in rt.rows("SELECT id FROM tickets ORDER BY id")] == [other, reopened]
    assert rt.mentions("900123") == {}
    assert rt.mentions("purple") == {}
    assert rt.mentions("passport of Ann Archer") == {}
    assert {ticket: rt.shown(ticket) for ticket in before} == before
    assert rt.mentions("900456") and rt.mentions("900789")
    assert of_others(rt) == untouched
    orphans = rt.rows(
        "SELECT count(*) FROM groups g WHERE domain = 'RT::Ticket-Role'"
        " AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = g.instance)"
    )
    assert orphans == [(0,)]
    for table, column in (("groupmembers", "groupid"), ("cachedgroupmembers", "memberid")):
        query = f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT id FROM principals)"
        assert rt.rows(query) == [(0,)]
    assert rt.rows("SELECT count(*) FROM links WHERE localbase > 0 OR localtarget > 0") == [(0,)]


def test_a_ticket_whose_closing_nobody_dated_is_counted_and_kept(
    request_tracker: RequestTracker, tmp_path: Path
) -> None:
    rt = request_tracker
    tickets = [rt.ticket("ann@client.example", "Ann Archer", f"case {n}") for n in range(3)]
    for ticket in tickets:
        rt.close_ticket(ticket, LONG_AGO)
    rt.rows(f"UPDATE tickets SET resolved = '1970-01-01 00:00:00' WHERE id = {tickets[1]}")
    with company(tmp_path / "jtec", rt=("request-tracker", rt.database_url)) as workspace:
        swept, outcome = sweep(workspace)
    assert swept == {"rt.tickets": 2}
    assert rt.rows("SELECT id FROM tickets") == [(tickets[1],)]
    assert {c.collection: c.total for c in outcome.recounts}["rt.undated"] == 1


def test_an_open_ticket_goes_by_its_arrival(
    request_tracker: RequestTracker, tmp_path: Path
) -> None:
    rt = request_tracker
    old, new = (rt.ticket("ann@client.example", "Ann Archer", f"case {n}") for n in range(2))
    for ticket, when in ((old, LONG_AGO), (new, LATELY)):
        rt.rows(f"UPDATE tickets SET created = '{when:%Y-%m-%d %H:%M:%S}' WHERE id = {ticket}")
    with company(tmp_path / "jtec", rt=("request-tracker", rt.database_url)) as workspace:
        swept, _ = sweep(workspace)
    assert swept == {"rt.open": 1}
    assert rt.rows("SELECT id FROM tickets") == [(new,)]


def test_a_ticket_is_the_requestors_and_who_gets_copies_sees_it(
    request_tracker: RequestTracker, tmp_path: Path
) -> None:
    rt = request_tracker
    ann, bo = ("ann@client.example", "Ann Archer"), ("bo@client.example", "Bo Baker")
    hers, closed = rt.ticket(*ann, "case purple", cc=bo[0]), rt.ticket(*ann, "case orange")
    his = rt.ticket(*bo, "case yellow")
    rt.close_ticket(closed, LATELY)
    with company(tmp_path / "jtec", rt=("request-tracker", rt.database_url)) as workspace:
        subjects = [Subject(mail, (("email", mail),)) for mail, _ in (ann, bo)]
        trees = finding.find(workspace, subjects)
    found = [
        {
            (branch.collection, branch.role, key[0])
            for branch in tree.branches
            for key in branch.keys
            if branch.collection in ("rt.open", "rt.tickets")
        }
        for tree in trees
    ]
    assert found == [
        {("rt.open", "owner", hers), ("rt.tickets", "owner", closed)},
        {("rt.open", "owner", his), ("rt.open", "accessor", hers)},
    ]
    assert all(tree.complete for tree in trees)
