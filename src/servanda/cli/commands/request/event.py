"""`servanda request event`: record what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder


def event(
    n: parts.Number,
    what: Annotated[
        str,
        typer.Argument(
            metavar="EVENT",
            help="scope_asked, scope_answered, fee_asked, fee_paid, extended, acknowledged, "
            "outcome_told, customer_told, instructed, told_before_lifting.",
        ),
    ],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day; today without it.")
    ] = None,
    note: parts.Note = "",
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Record what happened. The dates are counted anew where the law says so.

    More time (extended) must be told, with its reason, before the first date. A question about
    what is meant stops the clock only where the law lets it.
    """
    with parts.desk(workspace) as desk:
        desk.event(n, what, parts.day(on, "--on", desk.book.today()), by, note)
        parts.done(desk.get(n), as_json)
