"""A call of two people on JTec's sample: neither gets the other's number, and an erased number
stands nowhere afterwards, while the other's call still leads to its recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from servanda.apply.requests import Scan, act, scan
from servanda.kernel.erased import is_erased
from servanda.plan.find import Subject
from servanda.plan.requests import RequestPlan
from servanda.publish import package as packages
from servanda.runtime import finding
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import actor, planned, wish
from tests.examples.office import build, judged, office, swept
from tests.publish.package.world import unpacked

SINEAD = (("phone", "028 9018 0101"), ("email", "sinead.quigg@client.example"))
OWEN = (("phone", "028 9018 0102"),)
HERS, HIS = "2890180101", "2890180102"


@dataclass(frozen=True)
class Sample:
    workspace: Workspace
    folder: Path

    def calls(self, where: str) -> list[tuple[Any, ...]]:
        query = f"SELECT src, dst, recordingfile FROM cdr WHERE {where} ORDER BY calldate"
        with closing(sqlite3.connect(self.folder / "data" / "pbx.sqlite")) as pbx:
            return pbx.execute(query).fetchall()

    def names(self) -> dict[str, bytes]:
        found = (self.folder / "data" / "recordings").rglob("*.wav")
        return {path.name: path.read_bytes() for path in found}

    def mentions(self, digits: str) -> set[str]:
        """Every store of calls in which the number still stands, in a name or in a text."""
        data = self.folder / "data"
        found = {"names"} if any(digits in path.name for path in data.rglob("*")) else set()
        with closing(sqlite3.connect(data / "pbx.sqlite")) as pbx:
            for table in ("cdr", "cel"):
                if digits in str(pbx.execute(f"SELECT * FROM {table}").fetchall()):
                    found.add(table)
        if any(digits in path.read_text() for path in data.glob("logs/queue_log*[!z]")):
            found.add("queue_log")
        return found

    def package(self, who: tuple[tuple[str, str], ...]) -> dict[str, bytes]:
        made = packages.make(
            packages.Asked("1", "access", (), date(2026, 1, 1)),
            finding.gather(self.workspace, Subject("1", who)),
            [each for config in self.workspace.configs for each in config.collections],
            self.workspace.stores,
            self.workspace.policy,
            self.workspace.signer,
            self.workspace.packages,
            now=datetime.now(UTC),
        )
        assert made.complete
        return unpacked(made)

    def erase(self, who: tuple[tuple[str, str], ...]) -> tuple[RequestPlan, Scan]:
        with actor(self.workspace) as acting:
            plan = planned(self.workspace, [wish("1", who)])
            done = act(plan, acting)
            assert done.complete, done.stores
            after = planned(self.workspace, [wish("1", who)])
            return plan, scan(plan, done, after, acting)


@pytest.fixture
def jtec(tmp_path: Path) -> Iterator[Sample]:
    folder = tmp_path / "office"
    with office("jtec-northern-ireland", folder, {}) as workspace:
        build("jtec-northern-ireland", folder)
        workspace.use_state()
        yield Sample(workspace, folder)


def _joint(jtec: Sample) -> tuple[str, bytes]:
    """The recording of the call that is both people's: its name and its sound."""
    ((name, sound),) = [
        (name, sound) for name, sound in jtec.names().items() if HERS in name and HIS in name
    ]
    return name, sound


@pytest.mark.parametrize(("who", "theirs", "own"), [(OWEN, HERS, HIS), (SINEAD, HIS, HERS)])
def test_a_package_has_the_recording_and_not_the_other_ones_number(
    jtec: Sample, who: tuple[tuple[str, str], ...], theirs: str, own: str
) -> None:
    _, sound = _joint(jtec)
    found = jtec.package(who)
    assert any(own.encode() in content for content in found.values())
    assert not any(theirs in name or theirs.encode() in content for name, content in found.items())
    assert [name for name, content in found.items() if name.endswith(".wav") and content == sound]


def test_her_own_recordings_keep_their_names_in_her_package(jtec: Sample) -> None:
    """Where nobody else is in the call, nothing of it is left out."""
    mine = [name for name in jtec.names() if HERS in name and HIS not in name]
    found = jtec.package(SINEAD)
    assert len(mine) == 2
    assert all(name.encode() in found["data/recordings.calls.json"] for name in mine)
    assert all(name.encode() in found["data/pbx.cdr.json"] for name in mine)


@pytest.mark.parametrize(("who", "erased", "other"), [(SINEAD, HERS, HIS), (OWEN, HIS, HERS)])
def test_an_erased_number_stands_nowhere_and_the_other_ones_call_has_its_recording(
    jtec: Sample, who: tuple[tuple[str, str], ...], erased: str, other: str
) -> None:
    name, sound = _joint(jtec)
    before, strangers = jtec.names(), jtec.calls("src LIKE '07009%'")
    assert jtec.mentions(erased) >= {"cdr", "cel", "names"}

    plan, found = jtec.erase(who)

    assert jtec.mentions(erased) == set()
    assert found.clean, found.traces
    ((src, dst, file),) = jtec.calls(f"src LIKE '%{other}' AND dst = '' OR dst LIKE '%{other}'")
    assert other in (src or dst)
    after = jtec.names()
    assert is_erased(file, "pseudonym") and file.endswith(".wav")
    assert after.pop(file) == sound
    gone = {each for each in before if erased in each}
    assert name in gone
    assert after == {each: content for each, content in before.items() if each not in gone}
    assert jtec.calls("src LIKE '07009%'") == strangers
    stays = {kept.reason for kept in plan.kept if not kept.collection.startswith("accounts.")}
    assert stays == {"others"}
    # The other one still finds the call and its recording, and takes both along in the end.
    second = SINEAD if who == OWEN else OWEN
    assert sound in jtec.package(second).values()
    jtec.erase(second)
    assert file not in jtec.names()
    assert jtec.mentions(other) == set()


def test_the_promise_is_kept_after_it(jtec: Sample) -> None:
    swept(jtec.workspace)
    jtec.erase(SINEAD)
    assert swept(jtec.workspace)
    assert judged(jtec.workspace)["JT-06"] == "kept"
