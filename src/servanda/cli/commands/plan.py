"""`servanda plan`: what would happen, counted and explained. Changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, at_the_command_line, say, show_json, working
from servanda.kernel.errors import Exit


def plan(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PLAN", help="The file to write.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this store or STORE.COLLECTION; may be repeated."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Show what would be deleted or anonymised: how many, oldest and newest, why, which promise.

    Exit code 3 when a store could not be reached; the rest is planned all the same.
    """
    from servanda.plan.breaker import needs_approval
    from servanda.plan.explain import explain, explain_data
    from servanda.runtime import plans
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        with working("Counting …", quiet=as_json):
            made = plans.make(opened, datetime.now(UTC), tuple(only) if only else None)
        path = plans.write(opened, made, output, by=at_the_command_line())
        if as_json:
            show_json({"file": str(path), **explain_data(made, opened.policy, opened.configs)})
        else:
            say(explain(made, opened.policy, opened.configs).rstrip())
            say()
            if needs_approval(made, opened.configs):
                say(f'approve it:  servanda approve {path} --reason "…"')
            say(f"apply it:  servanda apply {path}")
    return Exit.UNREACHABLE if made.unreachable else Exit.OK
