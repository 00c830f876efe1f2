"""`servanda request lift`: end a restriction, once the person was told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder


def lift(
    n: parts.Number,
    reason: Annotated[str, typer.Option(help="Why it ends. Kept sealed.")],
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Lift a restriction. The person must have been told before: `event N told_before_lifting`."""
    with parts.desk(workspace) as desk:
        desk.lift(n, by=by, reason=reason)
        parts.done(desk.get(n), as_json)
