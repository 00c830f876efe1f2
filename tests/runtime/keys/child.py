"""A process that changes the key and may kill itself at its Nth step (a statement, or a change to
a file), as `kill -9` would; or one that works on as `servanda serve` does, until told to end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servanda.kernel.errors import UsageError
from servanda.runtime.keys import rotation
from servanda.runtime.workspace import Workspace
from tests.runtime.keys import sealed_world as world

FILE_STEPS = ((os, "link"), (os, "fsync"), (os, "open"), (Path, "replace"), (Path, "unlink"))


class Countdown:
    """Kills the process at the end of the Nth step. `0`: never, only counts."""

    def __init__(self, at: int) -> None:
        self.at, self.steps = at, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*words: Any, **more: Any) -> Any:
            done = call(*words, **more)
            self.step()
            return done

        return counted

    def statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        done = execute(sql, params, many, context)
        self.step()
        return done


def rotate(workspace: Workspace, at: int) -> None:
    from django.db import connection

    countdown = Countdown(at)
    for owner, name in FILE_STEPS:
        setattr(owner, name, countdown.after(getattr(owner, name)))
    with connection.execute_wrapper(countdown.statement):
        rotation.rotate(workspace)
    print(countdown.steps)


def serve(workspace: Workspace, stop: Path) -> None:
    """Read everything and write something new, again and again, with the keys it began with."""
    before, rounds = world.seen(workspace), 0
    (workspace.folder / f"ready-{os.getpid()}").touch()
    while not stop.exists():
        world.opened(workspace, f"new{os.getpid()}-{rounds}@example.test")
        now = world.seen(workspace)
        for name in ("people", "marks", "erased", "pseudonyms", "manifests"):
            assert now[name] == before[name], name
        assert set(before["holds"]) <= set(now["holds"])
        rounds += 1
    print(rounds)


def once(workspace: Workspace) -> None:
    try:
        rotation.rotate(workspace)
        print("done")
    except UsageError as error:
        print(f"refused: {error.what}")


if __name__ == "__main__":
    with Workspace.open(Path(sys.argv[2])) as opened:
        opened.use_state()
        match sys.argv[1]:
            case "rotate":
                rotate(opened, int(sys.argv[3]))
            case "serve":
                serve(opened, Path(sys.argv[3]))
            case "once":
                once(opened)
