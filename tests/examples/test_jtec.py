"""JTec's policy on a real Asterisk and a real WordPress: what was promised is what happens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from servanda.desk import holds
from servanda.ledger.verify import verify_bundle
from servanda.runtime.judge import judge_bundle
from servanda.runtime.workspace import VKEY, Workspace
from tests.examples.office import (
    EXAMPLES,
    assert_done,
    assert_evidence_is_whole,
    assert_nothing_left_to_do,
    controls,
    judged,
    office,
    swept,
    verdicts,
)
from tests.services.ageing import age_call, age_full_log, age_voicemail
from tests.services.asterisk import Asterisk, Call
from tests.services.wordpress import WordPress

pytestmark = [pytest.mark.services, pytest.mark.slow]

KEPT = ["JT-06", "JT-10"]
ANN, BO = "+442890180001", "+442890180002"
ANN_MAIL, BO_MAIL, CY_MAIL = "ann@client.example", "bo@client.example", "cy@client.example"
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=500)
LATELY = NOW - timedelta(days=30)
BEFORE_TEN_YEARS = NOW - timedelta(days=4_000)


@dataclass(frozen=True)
class JTec:
    """The company with all its stores."""

    workspace: Workspace
    asterisk: Asterisk
    site: WordPress
    books: Path
    env: dict[str, str]

    def calls(self, statement: str) -> list[tuple[Any, ...]]:
        return self.asterisk.mariadb.execute(statement, database=self.asterisk.database)

    def pages(self, statement: str) -> list[tuple[Any, ...]]:
        return self.site.mariadb.execute(statement, database=self.site.database)

    def clients(self, statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.books)
        with connection:
            rows = connection.execute(statement).fetchall()
        connection.close()
        return rows

    def of_call(self, call: Call) -> list[tuple[Any, ...]]:
        where = f"WHERE linkedid = '{call.linkedid}' ORDER BY 1, uniqueid"
        return self.calls(f"SELECT * FROM cdr {where}") + self.calls(f"SELECT * FROM cel {where}")

    def mentions(self, text: str) -> set[str]:
        """Every place of every store in which a text still stands."""
        found = {
            table for table in ("cdr", "cel") if text in str(self.calls(f"SELECT * FROM {table}"))
        }
        for (table,) in self.pages("SHOW TABLES"):
            if text in str(self.pages(f"SELECT * FROM {table}")):
                found.add(str(table))
        for table in ("clients", "invoices"):
            if text in str(self.clients(f"SELECT * FROM {table}")):
                found.add(table)
        for folder in (self.asterisk.monitor_dir, self.asterisk.voicemail_dir):
            for path in folder.rglob("*"):
                if text in path.name or (path.is_file() and text.encode() in path.read_bytes()):
                    found.add(folder.name)
        for log in (self.asterisk.queue_log, self.asterisk.full_log):
            if text in log.read_text(errors="replace"):
                found.add(log.name)
        return found

    def pairs(self) -> tuple[set[str], set[str]]:
        """Recordings that call records name, and recordings that are there."""
        named = {str(name) for (name,) in self.calls("SELECT recordingfile FROM cdr") if name}
        return named, {path.name for path in self.asterisk.monitor_dir.rglob("*.wav")}

    def orphans(self) -> list[int]:
        """Rows of the site that hang on something that is gone."""
        return [
            int(self.pages(f"SELECT count(*) FROM {statement}")[0][0])
            for statement in (
                "wp_postmeta WHERE post_id NOT IN (SELECT ID FROM wp_posts)",
                "wp_commentmeta WHERE comment_id NOT IN (SELECT comment_ID FROM wp_comments)",
                "wp_usermeta WHERE user_id NOT IN (SELECT ID FROM wp_users)",
                "wp_term_relationships WHERE object_id NOT IN (SELECT ID FROM wp_posts)",
            )
        ]


@pytest.fixture
def jtec(fresh_asterisk: Asterisk, fresh_wordpress: WordPress, tmp_path: Path) -> Iterator[JTec]:
    books = tmp_path / "accounts.sqlite"
    schema = EXAMPLES / "jtec-northern-ireland" / "accounts.sql"
    connection = sqlite3.connect(books)
    connection.executescript(schema.read_text(encoding="utf-8"))
    connection.close()
    env = {
        "JTEC_PBX": fresh_asterisk.database_url,
        "JTEC_RECORDINGS": fresh_asterisk.monitor_dir.as_uri(),
        "JTEC_VOICEMAIL": fresh_asterisk.voicemail_dir.as_uri(),
        "JTEC_LOGS": fresh_asterisk.queue_log.parent.as_uri(),
        "JTEC_WEBSITE": fresh_wordpress.database_url,
        "JTEC_ACCOUNTS": f"sqlite:///{books}",
    }
    with office("jtec-northern-ireland", tmp_path / "jtec", env) as workspace:
        yield JTec(workspace, fresh_asterisk, fresh_wordpress, books, env)


def ring(asterisk: Asterisk, *wanted: tuple[str, str]) -> list[Call]:
    """Calls (who, extension) that run side by side, all over and recorded."""
    calls = [asterisk.start_call(who, exten, name=f"Caller {who[-1]}") for who, exten in wanted]
    for call in calls:
        asterisk.wait_for(call)
    return calls


def age_rows_of(jtec: JTec, number: str) -> None:
    """Let every call of this number have happened long ago."""
    found = jtec.calls(f"SELECT DISTINCT linkedid FROM cel WHERE cid_num = '{number}'")
    calls = ", ".join(f"'{linkedid}'" for (linkedid,) in found)
    for table, column in (("cdr", "calldate"), ("cel", "eventtime")):
        jtec.calls(
            f"UPDATE {table} SET {column} = '{LONG_AGO:%Y-%m-%d %H:%M:%S}'"
            f" WHERE linkedid IN ({calls})"
        )


def invoice(jtec: JTec, client: int, name: str, *issued: datetime) -> None:
    jtec.clients(
        "INSERT INTO clients (id, name, contact, email, phone, address) VALUES"
        f" ({client}, '{name} Ltd', '{name}', '{name.lower()}@firm.example',"
        f" '0700900{client:04d}', '{client} Sample Road, Larne')"
    )
    for at in issued:
        jtec.clients(
            "INSERT INTO invoices (client_id, issued, pence)"
            f" VALUES ({client}, '{at:%Y-%m-%d}', 4200)"
        )


def test_recordings_voicemail_enquiries_and_accounts_end_as_published(jtec: JTec) -> None:
    asterisk, site = jtec.asterisk, jtec.site
    old, passed_on, recent, today = ring(
        asterisk, (ANN, "200"), (ANN, "220"), (BO, "210"), (BO, "200")
    )
    waited, waiting = asterisk.queue_call(ANN), asterisk.queue_call(BO)
    for call in (old, passed_on, waited):
        age_call(asterisk, call, LONG_AGO)
    age_call(asterisk, recent, LATELY)
    messages = [asterisk.leave_voicemail(who, name="Caller") for who in (ANN, BO, ANN, BO)]
    sounds = [messages[n].with_suffix(".wav").read_bytes() for n in (1, 3)]
    for n in (0, 2):
        age_voicemail(messages[n], LONG_AGO)
    age_rows_of(jtec, ANN)  # the calls in which she left them are as old as they are
    age_full_log(asterisk, ANN, LONG_AGO)

    unticked = site.add_enquiry("Ann Other", ANN_MAIL, "Quote for ten", LONG_AGO)
    closed = site.add_enquiry("Dee Fifth", "dee@client.example", "Fixed", LATELY, closed=LATELY)
    ticked = site.add_enquiry("Bo Third", BO_MAIL, "Send me news", LONG_AGO, marketing=True)
    young = site.add_enquiry("Cy Fourth", CY_MAIL, "A new one", LATELY)
    long_said = site.add_comment("Ann Other", ANN_MAIL, "First", when=BEFORE_TEN_YEARS)
    answer = site.add_comment("Cy Fourth", CY_MAIL, "Indeed", reply_to=long_said, when=LATELY)
    assert site.comment_count() == 3  # the installation brings one

    invoice(jtec, 1, "Adair", BEFORE_TEN_YEARS, BEFORE_TEN_YEARS - timedelta(days=90))
    invoice(jtec, 2, "Boyd", BEFORE_TEN_YEARS, NOW - timedelta(days=3_300))
    invoice(jtec, 3, "Ferris", LATELY)
    invoice(jtec, 4, "Kerr")

    every = {"cdr", "cel", "monitor", "voicemail", "queue_log", "full"}
    assert jtec.mentions(ANN) >= every
    assert jtec.mentions(ANN_MAIL) >= {"wp_posts", "wp_postmeta", "wp_comments"}
    assert jtec.mentions("Adair") == {"clients"}
    neighbours = [jtec.of_call(call) for call in (recent, today, waiting)]
    paths = [asterisk.recording(call) for call in (recent, today, waiting)]
    recordings = {path: path.read_bytes() for path in paths if path is not None}
    assert len(recordings) == 3
    kept_posts = (
        f"SELECT * FROM wp_posts WHERE ID IN ({ticked}, {young}) ORDER BY ID",
        f"SELECT * FROM wp_postmeta WHERE post_id IN ({ticked}, {young}) ORDER BY meta_id",
    )
    posts = [jtec.pages(statement) for statement in kept_posts]
    books = jtec.clients("SELECT * FROM clients JOIN invoices ON client_id = 2 WHERE clients.id=2")
    named, there = jtec.pairs()
    assert named == there
    assert len(there) == 6

    done = swept(jtec.workspace)

    assert_done(done)
    assert done.counts["recordings.calls"] == 3
    assert done.counts["voicemail.messages"] == 2
    assert done.counts["logs.queue"] > 1
    assert done.counts["logs.full"] > 1
    assert done.counts["website.enquiries"] == 2
    assert done.counts["website.comments"] == 1
    assert done.counts["accounts.clients"] == 1

    assert jtec.mentions(ANN) == set()
    assert jtec.mentions(BO) >= {"cdr", "cel", "queue_log", "full"}
    assert f"|{waiting.uniqueid}|" in asterisk.queue_log.read_text()
    assert jtec.mentions(ANN_MAIL) == set()
    assert [jtec.of_call(call) for call in (old, passed_on, waited)] == [[], [], []]
    assert [jtec.of_call(call) for call in (recent, today, waiting)] == neighbours
    assert {path: path.read_bytes() for path in recordings} == recordings
    named, there = jtec.pairs()
    assert named == there == {path.name for path in recordings}

    left = {int(row[0]) for row in jtec.pages("SELECT ID FROM wp_posts")}
    assert not left & {unticked, closed}
    assert [jtec.pages(statement) for statement in kept_posts] == posts
    assert jtec.orphans() == [0, 0, 0, 0]
    assert site.comment_count() == 2
    recounted = "wp_update_comment_count_now(1); return (int) get_comments_number(1);"
    assert site.php(recounted) == 2
    page = site.get("/?p=1")
    assert (site.get("/").status, page.status) == (200, 200)
    assert "Cy Fourth" in page.text
    assert "Ann Other" not in page.text
    parents = "SELECT comment_parent FROM wp_comments WHERE comment_ID = "
    assert jtec.pages(f"{parents}{answer}") == [(0,)]

    assert jtec.clients("SELECT id FROM clients ORDER BY id") == [(2,), (3,), (4,)]
    assert jtec.clients("SELECT DISTINCT client_id FROM invoices ORDER BY 1") == [(2,), (3,)]
    assert books == jtec.clients(
        "SELECT * FROM clients JOIN invoices ON client_id = 2 WHERE clients.id=2"
    )
    recounts = {recount.collection: recount for recount in done.outcome.recounts}
    assert recounts["accounts.clients"].unstarted == 1

    verdict = judged(jtec.workspace)
    assert {id_: verdict[id_] for id_ in KEPT} == dict.fromkeys(KEPT, "kept")
    # Enquiries are deleted here; whether they are when they are closed, only the desk can show.
    assert controls(jtec.workspace, "JT-09") == {
        "activities.enquiries.retain": {"kept"},
        "enquiries.erased": {"unproven"},
    }
    assert_evidence_is_whole(jtec.workspace)
    assert_nothing_left_to_do(jtec.workspace)

    assert asterisk.voicemail_count() == (2, 0)
    assert [(asterisk.inbox / f"msg000{n}.wav").read_bytes() for n in (0, 1)] == sounds
    heard = asterisk.listen_voicemail()
    assert (heard.new, heard.played) == (2, ["INBOX/msg0000", "INBOX/msg0001"])
    again = asterisk.originate(BO)
    assert len(asterisk.rows(again)) == 2
    assert asterisk.recording(again) is not None
    assert asterisk.leave_voicemail(ANN).exists()


def test_a_caller_under_a_legal_hold_is_kept_whole_and_shown_as_suspended(jtec: JTec) -> None:
    asterisk, workspace = jtec.asterisk, jtec.workspace
    held, due, recent = ring(asterisk, (ANN, "200"), (BO, "200"), (BO, "210"))
    for call in (held, due):
        age_call(asterisk, call, LONG_AGO)
    age_full_log(asterisk, ANN, LONG_AGO)
    workspace.use_state()
    before = jtec.of_call(held)
    tape = asterisk.recording(held)
    assert tape is not None
    sound = tape.read_bytes()
    hold = holds.add_person(
        workspace.master, [("phone", ANN)], reason="a claim in court", by="Office Manager"
    )

    done = swept(workspace)

    assert_done(done)
    assert done.counts["recordings.calls"] == 1
    assert jtec.of_call(held) == before
    assert "full" in jtec.mentions(ANN)
    assert tape.read_bytes() == sound
    assert jtec.of_call(due) == []
    assert jtec.of_call(recent)
    named, there = jtec.pairs()
    assert named == there
    verdict = judged(workspace)
    assert verdict["JT-06"] == "suspended"
    assert {verdict[id_] for id_ in KEPT if id_ != "JT-06"} == {"kept"}

    holds.release(hold, by="Office Manager", reason="the claim was settled")
    again = swept(workspace)

    assert_done(again)
    assert jtec.of_call(held) == []
    assert not tape.exists()
    assert jtec.mentions(ANN) == set()
    named, there = jtec.pairs()
    assert named == there
    assert len(there) == 1
    assert judged(workspace)["JT-06"] == "kept"
    assert_nothing_left_to_do(workspace)


def test_a_stranger_checks_the_exported_evidence_with_the_public_key_alone(
    jtec: JTec, tmp_path: Path
) -> None:
    site, workspace = jtec.site, jtec.workspace
    for name, mail in (("Ann Other", ANN_MAIL), ("Bo Third", BO_MAIL)):
        site.add_enquiry(name, mail, "Quote", LONG_AGO)
    site.add_enquiry("Cy Fourth", CY_MAIL, "Quote", LATELY)
    done = swept(workspace)
    assert_done(done)
    assert done.counts["website.enquiries"] == 2
    board = judged(workspace)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    key = stranger / VKEY
    key.write_bytes((workspace.published / VKEY).read_bytes())
    workspace.close()

    bundle = stranger / "evidence.zip"
    folder = str(workspace.folder)
    servanda("evidence", "export", "-o", str(bundle), "--workspace", folder, env=jtec.env)
    said = servanda("verify", str(bundle), "--key", str(key), cwd=stranger)
    assert "✓ whole" in said

    vkey = key.read_text(encoding="utf-8").strip()
    report = verify_bundle(bundle, vkey)
    assert report.ok
    assert report.kinds["window.prepared"] >= 2
    assert verdicts(judge_bundle(bundle, datetime.now(UTC))) == board
    with ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = b"".join(members.values())
    assert b"window.prepared" in content
    assert not any(text.encode() in content for text in (ANN_MAIL, BO_MAIL, CY_MAIL, "Ann Other"))

    honest, forged = stranger / "honest.zip", stranger / "forged.zip"
    pack(honest, members)
    assert verify_bundle(honest, vkey).ok
    lied = members["entries.jsonl"].replace(b'"overdue":0', b'"overdue":9', 1)
    assert lied != members["entries.jsonl"]
    pack(forged, {**members, "entries.jsonl": lied})
    assert not verify_bundle(forged, vkey).ok


def pack(path: Path, members: dict[str, bytes]) -> None:
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def servanda(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run the command as a person does, in a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "servanda", *arguments],
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent / "src"), **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
