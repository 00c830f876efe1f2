"""The samples as they are shipped, swept with nothing set up: SQLite and folders beside them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from servanda.desk import holds
from tests.examples.office import (
    assert_done,
    assert_evidence_is_whole,
    assert_nothing_left_to_do,
    build,
    controls,
    judged,
    office,
    swept,
)

pytestmark = pytest.mark.slow


def test_jtec_keeps_its_promises_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "jtec"
    with office("jtec-northern-ireland", folder, {}) as workspace:
        build("jtec-northern-ireland", folder)
        done = swept(workspace)
        assert_done(done)
        assert done.counts["pbx.cdr"] == done.counts["recordings.calls"]
        assert done.counts["pbx.cel"] == 2 * done.counts["pbx.cdr"] > 1_000
        assert done.counts["voicemail.messages"] == 2
        assert done.counts["logs.queue"] == 2 * done.counts["logs.full"] > 500
        # Of sixty enquiries twelve are dealt with, and twelve more are old and unticked.
        assert done.counts["website.enquiries"] == 24
        assert done.counts["accounts.clients"] == 20
        verdict = judged(workspace)
        assert {verdict[id_] for id_ in ("JT-06", "JT-10")} == {"kept"}
        assert controls(workspace, "JT-09")["activities.enquiries.retain"] == {"kept"}
        assert controls(workspace, "JT-03")["activities.client-accounts.retain"] == {"kept"}
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)
    left = rows(
        folder / "data" / "website.sqlite",
        "SELECT count(*), sum(meta_value) FROM wp_posts JOIN wp_postmeta ON post_id = ID"
        " WHERE post_type = 'flamingo_inbound' AND meta_key = '_field_marketing'",
    )
    assert left == [(37, 6)]


def test_exmas_keeps_its_promises_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "exmas"
    with office("exmas-kenya", folder, {}) as workspace:
        build("exmas-kenya", folder)
        done = swept(workspace)
        assert_done(done)
        assert len(done.counts) == 7
        assert all(count > 10 for count in done.counts.values()), done.counts
        verdict = judged(workspace)
        kept = [*(f"EX-{n}" for n in range(21, 29)), "EX-42"]
        assert {id_: verdict[id_] for id_ in kept} == dict.fromkeys(kept, "kept")
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)


def test_r3tek_keeps_its_promises_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "r3tek"
    with office("r3tek-jamaica", folder, {}) as workspace:
        build("r3tek-jamaica", folder)
        done = swept(workspace)
        assert_done(done)
        assert done.counts.keys() == {
            "office.clients",
            "office.payments",
            "office.subscribers",
            "office.visits",
            "rmm.checks",
            "tickets.tickets",
            "website.enquiries",
        }
        assert all(count > 10 for count in done.counts.values()), done.counts
        assert judged(workspace)["RT-13"] == "kept"
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)
    # Whose payments the law wants kept, although the client is gone.
    orphans = "SELECT count(*) FROM payments WHERE client_id NOT IN (SELECT id FROM clients)"
    ((count,),) = rows(folder / "data" / "office.sqlite", orphans)
    assert int(str(count)) > 10


def test_r3comm_keeps_its_promises_and_its_customers_orders_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "r3comm"
    with office("r3comm-puerto-rico", folder, {}) as workspace:
        build("r3comm-puerto-rico", folder)
        done = swept(workspace)
        assert_done(done)
        assert {c for c in done.counts if c.startswith("app.")} == {"app.accounts", "app.records"}
        verdict = judged(workspace)
        assert (verdict["RC-09"], verdict["RC-17"]) == ("kept", "kept")
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)
    data = folder / "data"
    # Bayside said 30 days, the policy 90.
    days = "max((strftime('%s', 'now') - at) / 86400)"
    oldest = rows(
        data / "rmm.sqlite",
        f"SELECT customer, {days} FROM metrics WHERE customer IS NOT NULL GROUP BY 1",
    )
    assert [(name, int(str(age)) >= 30) for name, age in oldest] == [
        ("bayside", False),
        ("coqui", True),
        ("delmar", True),
    ]
    # What was Del Mar's in the application is theirs again; a row of nobody stays where it is.
    assert rows(data / "app.sqlite", "SELECT DISTINCT customer FROM app_accounts ORDER BY 1") == [
        ("bayside",),
        ("coqui",),
    ]
    assert len(list((data / "returned").rglob("*.jsonl.gz"))) >= 2
    nobodys = "SELECT count(*) FROM sign_ins WHERE customer IS NULL"
    assert rows(data / "microsoft.sqlite", nobodys) == [(5,)]


def test_england_keeps_its_promises_and_a_hold_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "england"
    with office("england-it-support", folder, {}) as workspace:
        build("england-it-support", folder)
        workspace.use_state()
        holds.add_person(
            workspace.master, [("phone", "07700 900104")], reason="a claim", by="Office Manager"
        )
        done = swept(workspace)
        assert_done(done)
        assert done.counts["portal.calls"] == done.counts["recordings.files"] > 80
        assert done.counts["remote.sessions"] > 10
        assert done.counts["books.clients"] == 4
        verdict = judged(workspace)
        assert (verdict["EN-03"], verdict["EN-05"]) == ("kept", "kept")
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)
    held = "SELECT id FROM calls WHERE julianday('now') - julianday(started) > 100"
    assert rows(folder / "data" / "portal.sqlite", held) == [("C-0905",)]
    recordings = {path.name[:6] for path in (folder / "data" / "recordings").rglob("*.wav")}
    assert len(recordings) == 205 - done.counts["recordings.files"]
    assert "C-0905" in recordings


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    found = connection.execute(statement).fetchall()
    connection.close()
    return found
