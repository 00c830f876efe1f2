"""A process of its own that starts, works on, or resumes a run, so that a test may kill it.

    python -m tests.faults.driver FOLDER start|work|resume [RUN]

FOLDER holds `case.json` (addresses and limits) and `plan.json`. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from servanda import apply, state
from servanda.kernel.errors import ServandaError
from servanda.plan.file import parse
from servanda.stores.mapping import Limit
from tests.apply.world import World


def main(folder: Path, action: str, run: str) -> None:
    case = json.loads((folder / "case.json").read_text())
    world = World(folder, case["url"], Limit(**case["limit"]))
    state.setup(case["state"])
    said: dict[str, Any]
    try:
        if action == "start":
            found = apply.start(parse((folder / "plan.json").read_bytes()), world.site)
            said = {"run": found}
        else:
            do = apply.work if action == "work" else apply.resume
            outcome = do(run, world.site, worker="driver")
            said = {
                "result": outcome.result,
                "count": outcome.count,
                "steps": {step.id: step.state for step in outcome.steps},
                "reasons": [step.reason for step in outcome.steps],
            }
    except ServandaError as error:
        said = {"error": type(error).__name__, "what": str(error)}
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
