"""`servanda inventory`: what the stores hold, against what the policy declares."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from servanda.cli.output import AsJson, Folder, say, show_json, working
from servanda.kernel.errors import Exit


def inventory(workspace: Folder = Path(), as_json: AsJson = False) -> int:
    """Show what is mapped, undeclared, missing, or drifted. Reads shapes, never values.

    Exit code 3 when a store could not be reached, 1 when something is undeclared or missing.
    """
    from servanda import inventory as survey
    from servanda import ledger
    from servanda.runtime import record
    from servanda.runtime.workspace import Workspace

    now = datetime.now(UTC)
    with Workspace.open(workspace) as opened:
        with working("Looking at the stores …", quiet=as_json):
            taken = survey.take(opened.policy, opened.configs, opened.stores, now)
        opened.use_state()
        record.policy(opened, now)
        ledger.append([{"kind": "inventory", **taken.entry()}])
    if as_json:
        show_json(taken.data())
    else:
        say(survey.summary(taken).rstrip())
    if any(store.unreachable for store in taken.stores):
        return Exit.UNREACHABLE
    return Exit.OK if taken.complete else Exit.BROKEN
