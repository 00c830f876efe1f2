"""What runs in a process of its own, so that a test may kill it: start, work on, resume a run.

The folder holds `case.json` (addresses and limits) and `plan.json`.
"""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from servanda import apply, state
from servanda.apply import boundaries
from servanda.kernel.errors import ServandaError
from servanda.plan.file import parse
from servanda.stores.mapping import Limit
from tests.apply.world import World


def main(folder: Path, action: str, run: str, kill_at: str, answer: Connection) -> None:
    """Sends one object to `answer`, unless it dies before."""
    boundaries.arm(kill_at)
    case = json.loads((folder / "case.json").read_text())
    world = World(folder, case["url"], Limit(**case["limit"]))
    state.setup(case["state"])
    answer.send(_do(world, action, run))


def _do(world: World, action: str, run: str) -> dict[str, Any]:
    try:
        if action == "start":
            plan = parse((world.folder / "plan.json").read_bytes())
            return {"run": apply.start(plan, world.site)}
        do = apply.work if action == "work" else apply.resume
        outcome = do(run, world.site, worker="driver")
    except ServandaError as error:
        return {"error": type(error).__name__, "what": str(error)}
    return {
        "result": outcome.result,
        "count": outcome.count,
        "steps": {step.id: step.state for step in outcome.steps},
        "reasons": [step.reason for step in outcome.steps],
    }
