"""The samples as they are shipped, swept with nothing set up: SQLite and folders beside them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.examples.office import (
    assert_done,
    assert_evidence_is_whole,
    assert_nothing_left_to_do,
    controls,
    judged,
    office,
    sample,
    swept,
)

pytestmark = pytest.mark.slow


def test_jtec_keeps_its_promises_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "jtec"
    with office("jtec-northern-ireland", folder, {}) as workspace:
        sample("jtec-northern-ireland").build(folder, datetime.now(UTC))
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
        kept = ("JT-06", "JT-09", "JT-10")
        assert {verdict[id_] for id_ in kept} == {"kept"}
        assert controls(workspace, "JT-03")["activities.client-accounts.retain"] == {"kept"}
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)
    left = rows(
        folder / "data" / "website.sqlite",
        "SELECT count(*), sum(meta_value) FROM wp_posts JOIN wp_postmeta ON post_id = ID"
        " WHERE post_type = 'flamingo_inbound' AND meta_key = '_field_marketing'",
    )
    assert left == [(36, 6)]


def test_exmas_keeps_its_promises_on_its_sample(tmp_path: Path) -> None:
    folder = tmp_path / "exmas"
    with office("exmas-kenya", folder, {}) as workspace:
        url = f"sqlite:///{folder}/data/exmas.sqlite"
        (folder / "data").mkdir()
        sample("exmas-kenya").build(url, folder, datetime.now(UTC))
        done = swept(workspace)
        assert_done(done)
        assert len(done.counts) == 7
        assert all(count > 10 for count in done.counts.values()), done.counts
        verdict = judged(workspace)
        kept = [*(f"EX-{n}" for n in range(21, 29)), "EX-42"]
        assert {id_: verdict[id_] for id_ in kept} == dict.fromkeys(kept, "kept")
        assert_evidence_is_whole(workspace)
        assert_nothing_left_to_do(workspace)


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    found = connection.execute(statement).fetchall()
    connection.close()
    return found
