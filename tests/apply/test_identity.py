"""A dead worker is recognised only where that is certain."""

from __future__ import annotations

import os
import subprocess
import sys

from servanda.apply.identity import surely_dead, working


def test_the_living_are_not_dead() -> None:
    with working("night") as one, working("night") as two:
        assert one != two
        assert not surely_dead(f"{one}0")
        assert not surely_dead(f"{two}3")


def test_a_process_that_left_its_work_is_dead_to_it() -> None:
    with working("night") as one:
        pass
    assert surely_dead(f"{one}0")


def test_a_process_that_ended_is_dead_and_one_that_runs_is_not() -> None:
    code = (
        "import sys\n"
        "from servanda.apply.identity import working\n"
        "with working('w') as workers:\n"
        "    print(workers, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    assert child.stdout is not None
    worker = child.stdout.readline().strip() + "1"
    assert not surely_dead(worker)
    child.kill()
    child.wait()
    assert surely_dead(worker)


def test_a_reused_process_id_does_not_revive() -> None:
    with working("w") as workers:
        head, pid, start, piece = workers.rsplit(":", 3)
        assert surely_dead(f"{head}:{pid}:{int(start) - 1}:{piece}0")


def test_other_machines_and_unknown_names_are_left_to_their_lease() -> None:
    with working("w") as workers:
        at = workers.index("@") + 1
    assert not surely_dead(f"{workers[:at]}000000000000{workers[at + 12 :]}0")
    assert not surely_dead("someone")
