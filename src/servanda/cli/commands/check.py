"""`servanda check`: are policy and stores sound?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from servanda.cli.output import AsJson, Folder, counted, say, show_json
from servanda.kernel.errors import Exit


def check(workspace: Folder = Path(), as_json: AsJson = False) -> int:
    """Check policy.yaml and stores.yaml; every finding with file, line, column and remedy.

    Opens no store. Exit code 1 when there is an error.
    """
    from servanda.runtime.workspace import check as find

    found = find(workspace)
    if as_json:
        show_json({"sound": found.sound, "findings": [asdict(d) for d in found.diagnostics]})
        return Exit.OK if found.sound else Exit.BROKEN
    for diagnostic in found.diagnostics:
        say(str(diagnostic))
    if not found.sound:
        errors = sum(d.severity == "error" for d in found.diagnostics)
        say(counted(errors, "error"))
        return Exit.BROKEN
    assert found.policy is not None  # sound means compiled
    policy = found.policy
    collections = sum(len(c.collections) for c in found.stores.configs) if found.stores else 0
    planned = sum(promise.planned for promise in policy.promises)
    say(
        f"sound: {counted(len(policy.promises), 'promise')} ({planned} not yet built), "
        f"{counted(len(policy.activities), 'activity')}, {counted(collections, 'collection')}"
    )
    return Exit.OK
