"""`servanda request close` and `cancel`: how a request ends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder


def close(
    n: parts.Number,
    outcome: Annotated[
        str, typer.Option(help="One word for the evidence: done, refused, upheld, not_upheld …")
    ] = "done",
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Close a request that was answered, or answered by the customer it was handed on to.

    From then on the time runs after which it is forgotten: [requests] keep in servanda.toml.
    """
    with parts.desk(workspace) as desk:
        desk.close(n, outcome, by=by)
        parts.done(desk.get(n), as_json)


def cancel(
    n: parts.Number,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """The person takes the request back, before anything was done."""
    with parts.desk(workspace) as desk:
        desk.cancel(n, by=by)
        parts.done(desk.get(n), as_json)
