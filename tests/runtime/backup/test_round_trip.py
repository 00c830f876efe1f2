"""What was backed up is there again, row by row and file by file; all of it, or nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from servanda import ledger, state
from servanda.kernel.errors import ServandaError, UsageError
from servanda.kernel.keyring import fingerprint
from servanda.kernel.seal import key_file
from servanda.ledger import history, live
from servanda.runtime import restored
from servanda.runtime.backup import make
from servanda.runtime.backup.restore import restore
from servanda.runtime.keys import rotation
from servanda.runtime.workspace import Workspace
from tests.runtime.backup.engines import ENGINES, PHRASE, copy_of_keys, files, made, rows
from tests.runtime.keys import sealed_world as world

CHANGES = {  # by the mark that the state was restored
    *("servanda_fact", "servanda_leaf", "servanda_tree", "servanda_node"),
}
FOREIGN = """CREATE TABLE account_emailaddress (id integer primary key, email varchar(20) not null);
CREATE TABLE django_session (session_key varchar(40) primary key, session_data text);
INSERT INTO account_emailaddress VALUES (1, 'ann'), (2, 'bob');
INSERT INTO django_session VALUES ('a', 'x'), ('b', 'y')"""


def foreign(workspace: Workspace) -> None:
    """Tables of applications that the commands do not know."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in FOREIGN.split(";"):
            cursor.execute(statement)


@pytest.mark.parametrize("engine", ENGINES)
def test_row_by_row_over_what_came_since(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, engine, request) as workspace:
        foreign(workspace)
        seen, before, on_disk = world.seen(workspace), rows(), files(folder)
        told = make.backup(workspace, archive, PHRASE)
        assert told.entries == ledger.proofs.size() and not told.with_keys
        assert archive.stat().st_mode & 0o077 == 0
        last = world.opened(workspace, "late@example.test")
        (folder / "policy.yaml").write_text("servanda: 1\n")
        (folder / "packs" / "own" / "later.yaml").write_text("pack: later\n")
    data = archive.read_bytes()
    assert b"Acme Shop" not in data and b"SQLite format" not in data

    done = restore(folder, archive, PHRASE)
    assert (done.entries, done.lost, done.kept, done.findings) == (told.entries, 0, [], [])
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        after = rows()
        for table in (*(before.keys() - CHANGES), "account_emailaddress"):
            if table != "django_session":
                assert after[table] == before[table], table
        assert after["django_session"] == []  # a session that was ended since must not be back
        assert set(after["servanda_leaf"]) > set(before["servanda_leaf"])
        assert world.seen(workspace) == seen
        assert restored.pending(workspace) == told.at
        with pytest.raises(UsageError, match="no request"):
            workspace.desk.get(last)
        assert world.opened(workspace, "dan@example.test") == last  # counters go on
        (entry,) = [each.data for each in history.entries("state.restored")]
        assert (entry["backup"], entry["entries"]) == (told.at.isoformat(), told.entries)
        assert live.verify(
            workspace.signer.vkey, workspace.published.joinpath("checkpoint").read_text()
        ).ok
        workspace.checkpoint()
    now = files(folder)
    now = {
        name: data for name, data in now.items() if name in on_disk and "/checkpoint" not in name
    }
    assert now == {name: data for name, data in on_disk.items() if "/checkpoint" not in name}
    assert not (folder / "packs" / "own" / "later.yaml").exists()


def test_into_an_empty_folder_with_its_keys(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive = tmp_path / "acme.backup"
    with made(tmp_path / "acme", "sqlite", request) as workspace:
        seen, vkey = world.seen(workspace), workspace.signer.vkey
        with closing(sqlite3.connect(tmp_path / "acme/.servanda/enquiries.sqlite3")) as database:
            database.executescript("CREATE TABLE e (t); INSERT INTO e VALUES ('hello'), ('there')")
        make.backup(workspace, archive, PHRASE, with_keys=True)
    shutil.rmtree(tmp_path / "acme")
    assert restore(tmp_path / "other", archive, PHRASE).keys
    shop = tmp_path / "other" / "shop.sqlite3"
    shop.touch()
    with Workspace.open(tmp_path / "other") as workspace:
        workspace.use_state()
        assert world.seen(workspace) == seen
        assert workspace.signer.vkey == vkey
        assert (workspace.keys / "master.key").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(tmp_path / "other/.servanda/enquiries.sqlite3")) as database:
        assert database.execute("SELECT t FROM e").fetchall() == [("hello",), ("there",)]
    assert not (tmp_path / "other/.servanda/restore").exists()


def test_without_its_keys_it_opens_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive = tmp_path / "acme.backup"
    with made(tmp_path / "acme", "sqlite", request) as workspace:
        seen = world.seen(workspace)
        make.backup(workspace, archive, PHRASE)
    restore(tmp_path / "other", archive, PHRASE)
    with Workspace.open(tmp_path / "other") as workspace:
        workspace.use_state()
        with pytest.raises(ServandaError):
            world.seen(workspace)
    shutil.rmtree(tmp_path / "other")
    restore(tmp_path / "other", archive, PHRASE)
    copy_of_keys(tmp_path / "acme", tmp_path / "other")
    with Workspace.open(tmp_path / "other") as workspace:
        workspace.use_state()
        assert world.seen(workspace) == seen


def test_keys_that_were_changed_since_are_put_aside(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, "sqlite", request) as workspace:
        seen, old = world.seen(workspace), key_file(workspace.keys / "master.key")
        make.backup(workspace, archive, PHRASE, with_keys=True)
        rotation.rotate(workspace)
        new = key_file(workspace.keys / "master.key")
    (aside,) = restore(folder, archive, PHRASE).kept
    assert key_file(aside / "master.key") == new
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        assert world.seen(workspace) == seen
        assert list(workspace.master.keys()) == [fingerprint(old)]


@pytest.mark.parametrize("engine", ENGINES)
def test_evidence_that_others_hold_already_is_said_to_be_lost(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, engine, request) as workspace:
        told = make.backup(workspace, archive, PHRASE)
        world.opened(workspace, "late@example.test")
        workspace.checkpoint()
        newest = ledger.proofs.size()
        published = (workspace.published / "checkpoint").read_text()
    done = restore(folder, archive, PHRASE)
    assert (done.lost, done.entries) == (newest, told.entries)
    (aside,) = done.kept
    assert (aside / "checkpoints" / str(newest)).read_text() == published
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        assert not live.verify(workspace.signer.vkey, published).ok  # whoever kept it, sees it
        (entry,) = [each.data for each in history.entries("state.restored")]
        assert entry["published"] == newest
        workspace.checkpoint()  # and life goes on
        assert live.verify(workspace.signer.vkey).ok


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("fault", ["passphrase", "cut", "changed", "ledger"])
def test_what_is_refused_changes_nothing(
    engine: str, fault: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from servanda.state.models import Leaf

    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, engine, request) as workspace:
        if fault == "ledger":
            leaf = Leaf.objects.get(index=2)
            good = bytes(leaf.entry)
            Leaf.objects.filter(index=2).update(entry=good.replace(b'"by":"ann"', b'"by":"bob"'))
            assert bytes(Leaf.objects.get(index=2).entry) != good
        make.backup(workspace, archive, PHRASE)
        if fault == "ledger":
            Leaf.objects.filter(index=2).update(entry=good)
        world.opened(workspace, "late@example.test")
        before = rows()
    on_disk = files(folder)
    data = bytearray(archive.read_bytes())
    if fault == "cut":
        data = data[:-40]
    if fault == "changed":
        data[-40] ^= 1
    archive.write_bytes(data)
    with pytest.raises(ServandaError) as refused:
        restore(folder, archive, "another passphrase" if fault == "passphrase" else PHRASE)
    said = {
        "passphrase": "does not open",
        "cut": "its end is missing",
        "changed": "it was changed",
        "ledger": "not whole",
    }
    assert said[fault] in str(refused.value)
    assert files(folder) == on_disk
    assert not (folder / ".servanda" / "restore").exists()
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        assert rows() == before
        assert restored.pending(workspace) is None
    if fault == "ledger":
        assert restore(folder, archive, PHRASE, accept_broken=True).findings


def test_nobody_may_work_on_it(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, "sqlite", request) as workspace:
        make.backup(workspace, archive, PHRASE)
        with pytest.raises(UsageError, match="is there already"):
            make.backup(workspace, archive, PHRASE)
        with pytest.raises(UsageError, match="shorter than 12"):
            make.backup(workspace, tmp_path / "x", "short")
        before = rows()
    path = folder / ".servanda" / "state.sqlite3"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM servanda_leaf").fetchone()
        with pytest.raises(UsageError, match="something works on this workspace"):
            restore(folder, archive, PHRASE)
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        assert rows() == before


@pytest.mark.services
def test_postgresql_in_use_or_of_another_kind_is_refused(
    tmp_path: Path, request: pytest.FixtureRequest, postgres_db: str
) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, "postgresql", request) as workspace:
        make.backup(workspace, archive, PHRASE)
    url = postgres_db.replace("+psycopg", "")
    with (
        psycopg.connect(url, application_name="servanda"),
        pytest.raises(UsageError, match="works"),
    ):
        restore(folder, archive, PHRASE)
    (folder / "servanda.toml").write_text("")
    with pytest.raises(UsageError, match="settings name another"):
        restore(folder, archive, PHRASE, keep_settings=True)
    state.close()


def test_of_another_workspace(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive = tmp_path / "acme.backup"
    with made(tmp_path / "acme", "sqlite", request) as workspace:
        make.backup(workspace, archive, PHRASE)
    with made(tmp_path / "other", "sqlite", request) as workspace:
        before = rows()
    with pytest.raises(UsageError, match="of another workspace"):
        restore(tmp_path / "other", archive, PHRASE)
    with Workspace.open(tmp_path / "other") as workspace:
        workspace.use_state()
        assert rows() == before


@pytest.mark.parametrize("place", [".servanda/enquiries.sqlite3", "site/enquiries.sqlite3"])
def test_enquiries_come_back_to_where_they_lie(tmp_path: Path, place: str) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    told = f'[web]\nenquiries = "sqlite:///{place}"\n'
    with world.made(folder, "", told) as workspace:
        workspace.use_state()
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE enquiries (id integer, name text)")
            database.executemany("INSERT INTO enquiries VALUES (?, ?)", [(1, "Ann"), (2, "Bob")])
        workspace.checkpoint()
        assert make.backup(workspace, archive, PHRASE).left_out == ()
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM enquiries")
    restore(folder, archive, PHRASE)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM enquiries ORDER BY id").fetchall() == [
            ("Ann",),
            ("Bob",),
        ]


def test_enquiries_in_a_servers_database_are_said_to_be_left_out(tmp_path: Path) -> None:
    told = '[web]\nenquiries = "postgresql://ann:secret@db.example.test/site"\n'
    with world.made(tmp_path / "acme", "", told) as workspace:
        workspace.checkpoint()
        made_ = make.backup(workspace, tmp_path / "acme.backup", PHRASE)
    (said,) = made_.left_out
    assert "enquiries" in said and "secret" not in said
