"""`servanda approve`: a person allows exactly this plan to pass the circuit breaker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import By, Folder, say
from servanda.kernel.errors import UsageError


def approve(
    plan: Annotated[Path, typer.Argument(help="The plan's file.")],
    reason: Annotated[
        str, typer.Option(help="Why so much may go; kept with the plan, name no person.")
    ],
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Approve a plan that would touch more than the limits allow. Changes no data."""
    from servanda.desk import approvals
    from servanda.runtime import plans
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = plans.read(plan)
        if opened.settings.web.four_eyes:  # whoever types here may type any name
            raise UsageError("with four eyes only members approve", "approve it in the console")
        given = approvals.approve(found.digest, by=by, reason=reason)
        say(f"plan {given.plan[:12]} approved by {given.by}; now: servanda apply {plan}")
