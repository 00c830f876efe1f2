"""`python -m tests.faults.request_driver FOLDER`: act on Ann's and Bob's erasures, to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from servanda.apply.requests import act
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, actor, planned, wish


def main(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
        with actor(workspace) as acting:
            act(plan, acting)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
