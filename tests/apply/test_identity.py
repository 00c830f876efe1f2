"""A dead worker is recognised only where that is certain."""

from __future__ import annotations

import os
import subprocess
import sys

from servanda.apply.identity import process_prefix, surely_dead, worker_name


def test_the_living_are_not_dead() -> None:
    assert not surely_dead(worker_name("night", 0))


def test_a_process_that_ended_is_dead() -> None:
    code = "from servanda.apply.identity import worker_name; print(worker_name('w', 1))"
    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    assert surely_dead(child.stdout.strip())


def test_a_reused_process_id_does_not_revive() -> None:
    name, _, thread = worker_name("w", 0).rpartition("/")
    head, _, start = name.rpartition(":")
    assert surely_dead(f"{head}:{int(start) - 1}/{thread}")


def test_other_machines_and_unknown_names_are_left_to_their_lease() -> None:
    other = worker_name("w", 0).replace("@", "@000000000000", 1)
    name = other[: other.index("@") + 13] + other[other.index(":") :]
    assert not surely_dead(name)
    assert not surely_dead("someone")


def test_threads_share_their_process() -> None:
    assert process_prefix(worker_name("w", 0)) == process_prefix(worker_name("w", 7))
