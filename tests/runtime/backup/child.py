"""A process that restores and may kill itself at its Nth step; or one that writes until told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from servanda.runtime.backup import sealed, swap
from servanda.runtime.backup.postgresql import Load
from servanda.runtime.backup.restore import restore
from servanda.runtime.workspace import Workspace
from tests.runtime.backup.engines import PHRASE
from tests.runtime.keys import sealed_world as world
from tests.runtime.keys.child import Countdown


def back(folder: Path, archive: Path, at: int) -> None:
    countdown = Countdown(at)
    places: tuple[tuple[Any, str], ...] = (
        *((Path, name) for name in ("replace", "mkdir", "unlink", "chmod")),
        *((Load, name) for name in ("rows", "finish", "_clear")),
        *((swap, name) for name in ("_do", "make_durable")),
        (swap.Stage, "promise"),
        (shutil, "rmtree"),
    )
    for owner, name in places:
        setattr(owner, name, countdown.after(getattr(owner, name)))
    restore(folder, archive, PHRASE)
    print(countdown.steps)


def write(folder: Path, stop: Path) -> None:
    """Requests by two people, each with its evidence, as fast as it goes."""
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        rounds = 0
        while not stop.exists():
            for name in ("dan", "eve"):
                world.opened(workspace, f"{name}{rounds}@example.test")
            workspace.checkpoint()
            rounds += 1
            (folder / "ready").touch()
    print(rounds)


if __name__ == "__main__":
    sealed._N = 1 << 10
    if sys.argv[1] == "restore":
        back(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        write(Path(sys.argv[2]), Path(sys.argv[3]))
