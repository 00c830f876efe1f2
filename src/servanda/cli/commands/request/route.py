"""`servanda request route`: hand a request on to the customer whose data it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say


def route(
    n: parts.Number,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="As stores.yaml names it.")],
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Hand a request on to the customer whose data it is about; it is theirs to answer.

    Tell them, and record it with `event N customer_told`. When they instruct you, record that with
    `event N instructed`: then it is acted on among that customer's records alone.
    """
    with parts.desk(workspace) as desk:
        desk.route(n, tenant, by=by)
        parts.done(desk.get(n), as_json)
        if not as_json:
            say(f"now tell {tenant}, then: servanda request event {n} customer_told")
