"""Killed at any step, a change of the key leaves everything open, and goes on to its end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from servanda.kernel.keyring import fingerprint
from servanda.kernel.seal import key_file
from servanda.ledger import history
from servanda.runtime.keys import rotation, telling
from servanda.runtime.workspace import Workspace
from tests.runtime.keys import sealed_world as world

ROOT = Path(__file__).parents[3]


def start(action: str, *words: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.keys.child", action, *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(child: subprocess.Popen[bytes], *codes: int) -> str:
    out, err = child.communicate(timeout=120)
    assert child.returncode in codes, err.decode()[-3000:]
    return out.decode().strip()


@pytest.mark.slow
def test_at_any_step(tmp_path: Path) -> None:
    pristine = tmp_path / "pristine"
    with world.made(pristine) as workspace:
        before, old = world.seen(workspace), key_file(workspace.keys / "master.key")
    counted = shutil.copytree(pristine, tmp_path / "counted")
    steps = int(ended(start("rotate", counted, "0"), 0))
    assert steps > 30
    unfinished = 0
    for at in range(1, steps + 1, max(1, steps // 12)):
        folder = shutil.copytree(pristine, tmp_path / f"at-{at}")
        assert ended(start("rotate", folder, str(at)), -signal.SIGKILL) == ""
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            assert world.seen(workspace) == before, f"closed by step {at}"
            unfinished += telling.status(workspace).unfinished
            rotation.rotate(workspace)
            if telling.status(workspace).in_force == fingerprint(old):
                rotation.rotate(workspace)
            assert world.seen(workspace) == before, f"closed after step {at}"
            assert world.opened_by(old) == [], f"still open after step {at}"
            new = key_file(workspace.keys / "master.key")
            assert len(world.opened_by(new)) == world.everything()
            assert not telling.status(workspace).unfinished
            assert not (workspace.keys / "master.previous.key").exists()
            assert not (workspace.keys / "master.next.key").exists()
            assert len(list(history.entries("keys.rotated"))) in (1, 2)
        shutil.rmtree(folder)
    assert unfinished > 3


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("pg", marks=pytest.mark.services)])
def test_processes_that_run_go_on(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = ""
    if engine == "pg":
        url = request.getfixturevalue("postgres_db").replace("+psycopg", "")
    stop = tmp_path / "stop"
    with world.made(tmp_path / "acme", url) as workspace:
        first = key_file(workspace.keys / "master.key")
        children = [start("serve", workspace.folder, stop) for _ in range(2)]
        try:
            while len(list(workspace.folder.glob("ready-*"))) < 2:
                assert all(child.poll() is None for child in children), children[0].communicate()
            old = [first]
            for _ in range(3):
                rotation.rotate(workspace)
                old.append(key_file(workspace.keys / "master.key"))
        finally:
            stop.touch()
        rounds = [int(ended(child, 0)) for child in children]
        assert min(rounds) > 0
        assert [world.opened_by(key) for key in old[:-1]] == [[], [], []]
        assert len(world.opened_by(old[-1])) == world.everything() == 16 + sum(rounds)


@pytest.mark.slow
def test_two_at_once(tmp_path: Path) -> None:
    with world.made(tmp_path / "acme") as workspace:
        before, old = world.seen(workspace), key_file(workspace.keys / "master.key")
        children = [start("once", workspace.folder) for _ in range(2)]
        said = [ended(child, 0) for child in children]
        assert "done" in said
        busy = "refused: another process changes the master key, or makes a backup"
        assert set(said) <= {"done", busy}
        assert world.seen(workspace) == before
        assert world.opened_by(old) == []
        assert len(world.opened_by(key_file(workspace.keys / "master.key"))) == 16
        assert len(list(history.entries("keys.rotated"))) == said.count("done")
