"""One run in processes of its own, and what must be true of it in the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from servanda import apply
from servanda.apply.boundaries import Boundary
from servanda.plan.file import dump
from servanda.plan.steps import Plan
from tests.apply.world import World, entries, standing, unsealed

ROOT = Path(__file__).parents[2]


@dataclass
class Case:
    """A world, its state database, and a plan applied by other processes."""

    world: World
    state: str

    def save(self, plan: Plan) -> None:
        case = {"url": self.world.url, "state": self.state, "limit": asdict(self.world.limit)}
        (self.world.folder / "case.json").write_text(json.dumps(case))
        (self.world.folder / "plan.json").write_bytes(dump(plan))

    def start(self, plan: Plan) -> str:
        self.save(plan)
        return apply.start(plan, self.world.site)

    def resume(self, run: str) -> str:
        """In this process, which is not the one that was killed."""
        return apply.resume(run, self.world.site).result

    def process(
        self, action: str, run: str = "", kill_at: str = "", **env: str
    ) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.faults.driver", str(self.world.folder), action, run]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **env}
        environment.pop("SERVANDA_KILL_AT", None)
        if kill_at:
            environment["SERVANDA_KILL_AT"] = kill_at
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def killed(self, action: str, run: str, at: Boundary, time: int = 1) -> None:
        """The process kills itself the `time`th time it reaches the boundary."""
        process = self.process(action, run, kill_at=f"{at}:{time}")
        out, err = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, (
            f"never reached {at}:{time}, or ended otherwise: {out}{err}"
        )

    def ended(self, action: str, run: str = "") -> dict[str, Any]:
        return said(self.process(action, run))


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a process that ends by itself has to say."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
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
