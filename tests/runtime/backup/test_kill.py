"""Killed at any step, a restore has happened or has not; and a backup made amid writes is whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servanda.ledger import live
from servanda.runtime import restored
from servanda.runtime.backup import make, sealed
from servanda.runtime.backup.restore import restore
from servanda.runtime.workspace import Workspace
from tests.runtime.backup.engines import ENGINES, PHRASE, files, made, rows
from tests.runtime.keys import sealed_world as world

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "_N", 1 << 10)


def start(*words: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.backup.child", *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(child: subprocess.Popen[bytes], code: int) -> str:
    out, err = child.communicate(timeout=120)
    assert child.returncode == code, err.decode()[-3000:]
    return out.decode().strip()


def looked(folder: Path) -> tuple[dict[str, bytes], dict[str, Any], str | None]:
    """What whoever opens the workspace finds. The list of a restore is finished by opening it."""
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        at = restored.pending(workspace)
        found = rows()
        for table in ("servanda_fact", "servanda_leaf", "servanda_tree", "servanda_node"):
            found.pop(table)
        return (
            {
                name: data
                for name, data in files(folder).items()
                if not name.startswith(".servanda/restore/")
            },
            found,
            at.isoformat() if at else None,
        )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_at_any_step(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder, archive = tmp_path / "acme", tmp_path / "acme.backup"
    with made(folder, engine, request) as workspace:
        make.backup(workspace, archive, PHRASE, with_keys=True)
    then = looked(folder)
    policy = folder / "policy.yaml"

    def later() -> None:
        """The workspace as it is when the backup is restored into it."""
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            world.opened(workspace, "late@example.test")
            workspace.checkpoint()
        policy.write_text(f"{policy.read_text()}# changed since\n")
        (folder / "packs" / "own" / "later.yaml").write_text("pack: later\n")

    later()
    now = looked(folder)
    kept = shutil.copytree(folder, tmp_path / "kept")
    steps = int(ended(start("restore", folder, archive, "0"), 0))
    assert steps > 15
    outcomes = set()
    for at in range(1, steps + 1, max(1, steps // 14)):
        if engine == "sqlite":
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
        else:
            restore(folder, archive, PHRASE)
            later()
        assert ended(start("restore", folder, archive, str(at)), -signal.SIGKILL) == ""
        on_disk, state_rows, moment = looked(folder)
        changed = b"# changed since" in on_disk["policy.yaml"]
        requests = len(state_rows["servanda_request"])
        assert (changed, requests, "packs/own/later.yaml" in on_disk) in (
            (True, 4, True),
            (False, 3, False),
        ), f"half restored by step {at}"
        outcomes.add(changed)
        if not changed:
            assert state_rows == then[1]
            assert moment is not None
        elif engine == "sqlite":
            assert (on_disk, state_rows, moment) == now
        restore(folder, archive, PHRASE)  # and it can be done again
        assert looked(folder)[1] == then[1]
        assert not (folder / ".servanda" / "restore").exists()
    assert outcomes == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_while_others_write(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder, stop = tmp_path / "acme", tmp_path / "stop"
    with made(folder, engine, request) as workspace:
        child = start("write", folder, stop)
        archives = []
        try:
            while not (folder / "ready").exists():
                assert child.poll() is None, child.communicate()
            for number in range(3):
                archive = tmp_path / f"{number}.backup"
                archives.append((archive, make.backup(workspace, archive, PHRASE, with_keys=True)))
        finally:
            stop.touch()
        rounds = int(ended(child, 0))
        assert rounds > 1
    assert archives[0][1].entries < archives[-1][1].entries
    for archive, told in archives:
        done = restore(folder, archive, PHRASE)
        assert (done.entries, done.findings) == (told.entries, [])
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            from servanda.state.models import Person, Request

            newest = Request.objects.order_by("-id")[0]
            assert Person.objects.count() == Request.objects.count() == newest.id
            assert workspace.desk.get(str(newest.id)).readable
            workspace.checkpoint()  # what was published fits the ledger
            assert live.verify(workspace.signer.vkey).ok
