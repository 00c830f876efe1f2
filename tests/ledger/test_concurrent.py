"""Several writers, and writers that are killed: always one linear tree, nothing half recorded."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from servanda import ledger
from servanda.ledger.signer import Signer

WRITER = Path(__file__).with_name("writer.py")
ROOT = Path(__file__).parents[2]


def writer(url: str, name: str, batches: int, size: int) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    return subprocess.Popen(
        [sys.executable, WRITER, url, name, str(batches), str(size)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def assert_sound(signer: Signer) -> dict[str, list[int]]:
    """The ledger verifies; each writer's entries by number, in the order of the ledger."""
    from servanda.state.models import Fact

    ledger.checkpoint.make(signer)
    report = ledger.live.verify(signer.vkey)
    assert report.findings == []
    assert report.uncovered == 0
    assert bytes.fromhex(report.root) == ledger.proofs.root()
    numbers: dict[str, list[int]] = defaultdict(list)
    for entry in ledger.history.entries():
        numbers[entry.data["writer"]].append(entry.data["number"])
    assert sum(int(fact.value) for fact in Fact.objects.all()) == sum(map(len, numbers.values()))
    return numbers


def test_two_processes_make_one_tree(each_state: str, signer: Signer) -> None:
    started = [writer(each_state, name, 40, 7) for name in ("one", "two")]
    for process in started:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert ledger.proofs.size() == 2 * 40 * 7
    assert dict(assert_sound(signer)) == {name: list(range(280)) for name in ("one", "two")}


def test_killed_in_the_middle(each_state: str, signer: Signer) -> None:
    recorded = 0
    for round_, wait in enumerate((0.0, 0.013, 0.031, 0.052)):
        name = f"round {round_}"
        process = writer(each_state, name, 100_000, 5)
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        said = process.stdout.read().split()  # `communicate` would lose what was read ahead
        numbers = assert_sound(signer)[name]
        # Whole batches in order; all that was told as committed, and at most one more.
        committed = 1 + len(said)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) in (committed * 5, (committed + 1) * 5)
        recorded += len(numbers)
        assert ledger.proofs.size() == recorded
    ledger.append([{"kind": "census", "writer": "after", "number": 0}])
    assert ledger.proofs.size() == recorded + 1


def test_a_writer_waits_for_the_one_before(sqlite_state: str, signer: Signer) -> None:
    from servanda import state

    with state.transaction():
        ledger.append([{"kind": "census", "writer": "parent", "number": 0}])
        process = writer(sqlite_state, "child", 1, 3)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=1.5)
        from servanda.state.models import Fact

        Fact.objects.create(key="parent", value="1")
    assert process.communicate(timeout=60)[0] == "0\n"
    assert list(assert_sound(signer)) == ["parent", "child"]
