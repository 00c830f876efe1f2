"""kill -9 anywhere while a caller is erased whose recording is kept for the other one: in the end
the call names the recording that is there, and the erased number stands nowhere."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.apply.requests import act, resume, scan, unfinished
from servanda.kernel.erased import is_erased
from servanda.plan.find import Subject
from servanda.runtime import finding
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import actor, planned, wish
from tests.examples.office import build, office
from tests.faults.rename_driver import SINEAD

pytestmark = pytest.mark.slow

OWEN = (("phone", "028 9018 0102"),)
_ROOT = Path(__file__).parents[2]
_EACH = ("after-store-work", "after-record", "after-commit")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, made once; each test has its copy."""
    folder = tmp_path_factory.mktemp("firm") / "office"
    with office("jtec-northern-ireland", folder, {}) as workspace:
        build("jtec-northern-ireland", folder)
        workspace.use_state()
    return folder


@pytest.fixture
def house(firm: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(firm, tmp_path / "office"))


def _recording(folder: Path) -> str:
    """The name that Owen's call has for its recording."""
    with closing(sqlite3.connect(folder / "data" / "pbx.sqlite")) as pbx:
        ((name,),) = pbx.execute(
            "SELECT recordingfile FROM cdr WHERE dst LIKE '%90180102'"
        ).fetchall()
    return str(name)


def _sounds(folder: Path) -> dict[str, bytes]:
    found = (folder / "data" / "recordings").rglob("*.wav")
    return {path.name: path.read_bytes() for path in found}


def _killed(house: Path, at: str) -> None:
    env = {**os.environ, "SERVANDA_KILL_AT": at, "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
    command = [sys.executable, "-m", "tests.faults.rename_driver", str(house)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


@pytest.mark.parametrize("place", [f"{at}:{n}" for at in _EACH for n in (1, 2, 4)])
@pytest.mark.parametrize("aged", [False, True])
def test_killed_at(house: Path, place: str, aged: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`aged`: the run is found so late that its plan no longer counts, and a new one is made."""
    old = _recording(house)
    before = _sounds(house)
    assert "2890180101" in old
    _killed(house, place)
    if aged:
        monkeypatch.setattr("servanda.apply.requests.run._is_current", lambda *_: False)
    with Workspace.open(house, {}) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            for run in unfinished(datetime.now(UTC)):
                resume(run, acting)
            monkeypatch.undo()
            plan = planned(workspace, [wish("1", SINEAD)])
            done = act(plan, acting)
            assert done.complete, done.stores
            assert scan(plan, done, planned(workspace, [wish("1", SINEAD)]), acting).clean
        (tree,) = finding.find(workspace, [Subject("his", OWEN)])
    new, after = _recording(house), _sounds(house)
    assert is_erased(new, "pseudonym")
    assert after.pop(new) == before[old]
    assert after == {name: s for name, s in before.items() if "2890180101" not in name}
    assert sum(len(each.keys) for each in tree.branches if each.collection == "recordings.calls")


def test_where_the_recording_cannot_be_renamed_the_call_keeps_leading_to_it(house: Path) -> None:
    """A file of the new name is there already: the store refuses, and the call is not touched."""
    old = _recording(house)
    with Workspace.open(house, {}) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            from servanda.connectors.files.renaming import new_name

            (there,) = (house / "data" / "recordings").rglob(old)
            blocker = there.with_name(new_name(old, acting.site.pseudonym_key))
            blocker.write_bytes(b"another")
            done = act(planned(workspace, [wish("1", SINEAD)]), acting)
            states = {each.store: each.state for each in done.stores}
            assert states["recordings"] == "failed"
            assert states["pbx"] == "pending"
            assert _recording(house) == old
            assert there.exists()
            assert blocker.read_bytes() == b"another"
            blocker.unlink()
            done = act(planned(workspace, [wish("1", SINEAD)]), acting)
            assert done.complete
    assert is_erased(_recording(house), "pseudonym")
    assert _recording(house) in _sounds(house)


def test_a_restored_folder_is_renamed_again(house: Path) -> None:
    from servanda.apply.requests.replay import replay

    began = datetime.now(UTC)
    copy = shutil.copytree(house / "data" / "recordings", house / "copy")
    pbx = (house / "data" / "pbx.sqlite").read_bytes()
    with Workspace.open(house, {}) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            act(planned(workspace, [wish("1", SINEAD)]), acting)
    renamed = _recording(house)
    shutil.copytree(copy, house / "data" / "recordings", dirs_exist_ok=True)  # beside the new ones
    (house / "data" / "pbx.sqlite").write_bytes(pbx)
    with Workspace.open(house, {}) as workspace:
        workspace.use_state()
        with actor(workspace) as acting:
            done = replay(began, acting)
        assert done.left == {} or not any(done.left.values())
    assert _recording(house) == renamed
    assert not [name for name in _sounds(house) if "2890180101" in name]
    assert renamed in _sounds(house)
