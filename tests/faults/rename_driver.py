"""`python -m tests.faults.rename_driver FOLDER`: erase one of two callers, to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from servanda.apply.requests import act
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import actor, planned, wish

SINEAD = (("phone", "028 9018 0101"), ("email", "sinead.quigg@client.example"))


def main(folder: Path) -> None:
    with Workspace.open(folder, {}) as workspace:
        workspace.use_state()
        plan = planned(workspace, [wish("1", SINEAD)])
        with actor(workspace) as acting:
            act(plan, acting)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
