"""`servanda request letter`: what is written to people before the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request.parts import day
from servanda.cli.commands.request.reply import Out
from servanda.cli.output import AsJson, Folder, say, show_json
from servanda.kernel.errors import Exit


def letter(
    ref: Annotated[str, typer.Argument(metavar="N", help="The request.")],
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="acknowledgement, identity, scope, extension, lifting, complaint-received, "
            "routed-person or routed-customer.",
        ),
    ],
    reasons: Annotated[
        list[str] | None,
        typer.Option("--reason", help="What you ask, or why; may be given several times."),
    ] = None,
    by_day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help="The date the letter names.")
    ] = None,
    out: Out = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Write a letter that is no answer yet, as PDF and text, with what the law wants said.

    It is kept sealed with the request. What happens is recorded by `event`: a letter moves no date.
    """
    from servanda.runtime import writing
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        folder = out or workspace / "replies" / ref
        made = writing.letter(
            opened,
            ref,
            kind,
            folder,
            reasons=tuple(reasons or ()),
            by_day=day(by_day, "--day", opened.desk.book.today()) if by_day else None,
        )
    if as_json:
        show_json({"request": ref, "text": str(made.text), "pdf": str(made.printed)})
    else:
        say(f"letter ({kind}): {made.printed} and {made.text}")
    return Exit.OK
