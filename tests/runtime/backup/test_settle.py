"""After a restore the erased go again, keys past their time are destroyed, and only then is served.

Ann was erased, Bob was not; then the stores come back as they were, and our own state with them.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servanda.desk.requests import keeping
from servanda.ledger import manifests
from servanda.runtime import restored
from servanda.runtime.workspace import Workspace
from tests.cli.firm import ANN, BOB, Firm
from tests.cli.shop import Cli
from tests.cli.test_replay_command import STORES
from tests.runtime.backup.engines import PHRASE
from tests.runtime.keys import sealed_world as world


@pytest.fixture(autouse=True)
def phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVANDA_BACKUP_PASSPHRASE", PHRASE)


def test_the_erased_go_again_before_anything_is_served(firm: Firm, tmp_path: Path) -> None:
    stores = tmp_path / "stores"
    stores.mkdir()
    for name in STORES:
        shutil.copyfile(firm.folder / name, stores / name)
    firm.act(firm.decided("erasure", ANN))
    archive = tmp_path / "firm.backup"
    firm.ok("backup", archive)
    late = firm.new("access", ANN)
    early = firm.decided("access", BOB)
    firm.ok("backup", tmp_path / "second.backup")
    firm.ok("restore", tmp_path / "second.backup", "--yes")
    refused = firm("request", "reply", early)
    assert refused.code == 2 and "servanda restore --settle" in refused.err
    assert not (firm.folder / "replies").exists()
    told = firm.ok("restore", archive, "--yes")
    assert "nothing is served before" in told.out and "what cannot be known" in told.out
    for name in STORES:
        shutil.copyfile(stores / name, firm.folder / name)
    assert firm.rows("SELECT name FROM clients WHERE id = 1") == [("Ann",)]
    assert firm("request", "show", late).code == 2  # unknown since

    (firm.folder / "tapes").rename(firm.folder / "away")
    waits = firm("restore", "--settle", "--json")
    assert (waits.code, waits.json()["pending"]) == (3, True)
    assert set(waits.json()["unreachable"]) == {"tapes"}
    (firm.folder / "away").rename(firm.folder / "tapes")
    with Workspace.open(firm.folder) as workspace:
        workspace.use_state()
        assert restored.pending(workspace) is not None

    done = firm.ok("restore", "--settle")
    assert "settled: it may be served" in done.out
    assert firm.rows("SELECT id FROM clients WHERE id = 1") == []
    assert firm.rows("SELECT name FROM clients WHERE id = 2") == [("Bob",)]
    assert "nothing was restored" in firm.ok("restore", "--settle").out
    assert firm.kinds().count("state.restored") == 1
    assert firm.ok("verify").code == 0


def test_the_scheduled_run_settles_first(firm: Firm, tmp_path: Path) -> None:
    shutil.copyfile(firm.folder / "crm.sqlite", tmp_path / "crm.sqlite")
    firm.act(firm.decided("erasure", ANN))
    archive = tmp_path / "firm.backup"
    firm.ok("backup", archive)
    firm.ok("restore", archive, "--yes")
    shutil.copyfile(tmp_path / "crm.sqlite", firm.folder / "crm.sqlite")
    firm("run", "--once")
    assert firm.rows("SELECT id FROM clients WHERE id = 1") == []
    assert firm.rows("SELECT name FROM clients WHERE id = 2") == [("Bob",)]
    kinds = firm.kinds()
    assert kinds.index("state.restored") < kinds.index("replay") < len(kinds)


def test_keys_that_came_back_are_destroyed_again(cli: Cli, tmp_path: Path) -> None:
    from servanda.state.models import EvidenceKey, Person, Request, Run

    archive = tmp_path / "acme.backup"
    old = datetime.now(UTC) - timedelta(days=4 * 366)
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        world.fill(workspace)
        Request.objects.filter(id=1).update(state="closed", closed_at=old)
        for run in world.RUNS:
            Run.objects.create(id=run, plan_digest=run, plan=b"{}", started_at=old)
        Run.objects.filter(id="r1").update(state=Run.State.DONE, ended_at=old)
    assert cli("backup", archive).code == 0
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        assert keeping.forget(workspace.desk.book) == ["1"]
        assert manifests.destroy_key("r1")
    assert cli("restore", archive, "--yes").code == 0
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        assert workspace.desk.get("1").readable  # it is back, with its key
        done = restored.settle(workspace)
        assert done is not None and done.done
        assert done.forgotten == ("request 1", "run r1")
        assert [workspace.desk.get(ref).readable for ref in ("1", "2")] == [False, True]
        gone = EvidenceKey.objects.exclude(destroyed_at=None)
        assert list(gone.values_list("run", flat=True)) == ["r1"]
        assert Person.objects.filter(destroyed_at=None).count() == 1
        assert restored.settle(workspace) is None


def test_mail_that_may_have_gone_since_waits_for_a_person(cli: Cli, tmp_path: Path) -> None:
    from servanda.desk.requests import asking, outbox
    from servanda.state.models import OutboxMail

    archive = tmp_path / "acme.backup"
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        world.fill(workspace)
        for ref in ("1", "2"):
            asking.mail_code(workspace.desk.book, ref, by="ann")
        done = outbox.deliver(workspace.desk.book)
        OutboxMail.objects.filter(id=done[1].id).update(state="waiting", sent_at=None)
    assert cli("backup", archive).code == 0
    assert cli("restore", archive, "--yes").code == 0
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        states = [each.state for each in OutboxMail.objects.order_by("id")]
        assert states == ["sent", "unsure"]
        outbox.deliver(workspace.desk.book)
        assert [each.state for each in OutboxMail.objects.order_by("id")] == states


def test_the_commands(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "acme.backup"
    told = cli("backup", archive, "--with-keys", "--json").json()
    assert (told["with_keys"], told["bytes"]) == (True, archive.stat().st_size)
    assert "is there already" in cli("backup", archive).err
    monkeypatch.setattr("typer.prompt", lambda *_words, **_more: "another")
    assert "not its name" in cli("restore", archive).err
    monkeypatch.setattr("typer.prompt", lambda *_words, **_more: "acme")
    assert cli("restore", archive, "--json").json()["entries"] == told["entries"]
    wrong = tmp_path / "phrase"
    wrong.write_text("another passphrase\n")
    refused = cli("restore", archive, "--yes", "--passphrase-file", wrong)
    assert refused.code == 2 and "does not open with this passphrase" in refused.err
    assert PHRASE not in refused.err and "another passphrase" not in refused.err
    assert cli("restore").code == 2
    assert cli("restore", tmp_path / "none").code == 2
    monkeypatch.delenv("SERVANDA_BACKUP_PASSPHRASE")
    assert "--passphrase-file" in cli("backup", tmp_path / "x").err
