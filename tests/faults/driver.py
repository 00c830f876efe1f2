"""What runs in a process of its own, so that a test may kill it: start, work on, resume a run.

A plan to start lies in the world's folder as `plan.json`.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

from servanda import apply, state
from servanda.apply import boundaries
from servanda.kernel.errors import ServandaError
from servanda.plan.file import parse
from tests.apply.world import World


def main(
    world: World, state_url: str, action: str, run: str, kill_at: str, answer: Connection
) -> None:
    """Sends one object to `answer`, unless it dies before."""
    boundaries.arm(kill_at)
    state.setup(state_url)
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
