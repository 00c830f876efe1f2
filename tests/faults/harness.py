"""One run in processes of its own, and what must be true of it in the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from servanda import apply
from servanda.apply.boundaries import Boundary
from servanda.plan.file import dump
from servanda.plan.steps import Plan
from tests.apply.world import World, entries, standing, unsealed
from tests.faults import driver

_ROOT = Path(__file__).parents[2]
_DRIVER = "tests.faults.driver"
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["servanda.apply.run", "servanda.connectors.sql", _DRIVER])


@dataclass
class Case:
    """A world, its state database, and a plan applied by other processes."""

    world: World
    state: str

    def save(self, plan: Plan) -> None:
        (self.world.folder / "plan.json").write_bytes(dump(plan))

    def start(self, plan: Plan) -> str:
        self.save(plan)
        return apply.start(plan, self.world.site)

    def resume(self, run: str) -> str:
        """In this process, which is not the one that was killed."""
        return apply.resume(run, self.world.site).result

    def process(self, action: str, run: str = "", kill_at: str = "") -> Driven:
        return Driven((self.world, self.state, action, run, kill_at))

    def killed(self, action: str, run: str, at: Boundary, time: int = 1) -> None:
        """The process kills itself the `time`th time it reaches the boundary."""
        process = self.process(action, run, f"{at}:{time}")
        assert process.ended() == -signal.SIGKILL, f"never reached {at}:{time}"


@cache
def _ready() -> None:
    """Start the process to fork from, which looks for what it shall load on PYTHONPATH only."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_ROOT / 'src'}:{_ROOT}"
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


class Driven:
    """A process that works on a case. Forked from one that has everything loaded already."""

    def __init__(self, args: tuple[World, str, str, str, str]) -> None:
        _ready()
        self._answer, theirs = _context.Pipe(duplex=False)
        self.process = _context.Process(target=driver.main, args=(*args, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        self.process.join(60)
        code = self.process.exitcode
        assert code is not None, "still running after a minute"
        return code

    def said(self) -> dict[str, Any]:
        """What it had to say; it must have ended by itself."""
        assert self._answer.poll(60), "said nothing for a minute"
        found: dict[str, Any] = self._answer.recv()
        assert self.ended() == 0
        return found


def assert_true_evidence(run: str, went: dict[str, set[tuple[Any, ...]]]) -> None:
    """What the manifests name is exactly what went; each window stands recorded once."""
    recorded = unsealed(run)
    for step, keys in went.items():
        assert sorted(recorded.get(step, [])) == sorted(keys), step
    for step, manifests in standing(run).items():
        from servanda.state.models import Window

        rows = Window.objects.filter(run_id=run, step=step).exclude(manifest="")
        assert manifests == {row.manifest for row in rows}
    windows = [
        (entry["step"], entry["window"])
        for entry in entries("window.prepared")
        if entry["run"] == run
    ]
    assert len(windows) == len(set(windows)), "a window was recorded twice"
