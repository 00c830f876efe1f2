"""`servanda status`: a verdict per promise, broken first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import AsJson, Folder, counted, moment, say, show_json, write_file
from servanda.kernel.errors import Exit

if TYPE_CHECKING:
    from servanda.status import Board


def status(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="As it was at the end of this day."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the board as a page.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Judge by a bundle instead of this workspace.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List the promises that are not yet built, too.")
    ] = False,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Show a verdict per promise with the age of its evidence. Opens no store.

    Exit code 1 when a promise is broken.
    """
    from servanda.runtime.judge import judge_bundle
    from servanda.status.board import to_data
    from servanda.status.html import render

    judged_at = moment(as_of)
    found = judge_bundle(bundle, judged_at) if bundle else _of(workspace, judged_at)
    if html:
        write_file(html, render(found))
    if as_json:
        show_json(to_data(found))
    else:
        tell(found, every=every)
        if html:
            say(f"board: {html}")
    return Exit.BROKEN if found.broken else Exit.OK


def _of(folder: Path, as_of: datetime) -> Board:
    from servanda.runtime.judge import judge
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        workspace.use_state()
        return judge(as_of)


def tell(found: Board, every: bool = False) -> None:
    """Print the board for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from servanda.status.html import age_words
    from servanda.status.verdict import Verdict

    colours = {
        Verdict.BROKEN: "bold red",
        Verdict.UNPROVEN: "yellow",
        Verdict.SUSPENDED: "magenta",
        Verdict.ATTESTED: "blue",
        Verdict.KEPT: "green",
        Verdict.PLANNED: "dim",
    }
    if not found.rows:
        say("nothing recorded yet; run: servanda run --once")
        return
    say(f"{found.organisation}, as of {found.as_of:%Y-%m-%d %H:%M} UTC: {found.sentence}")
    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    table.add_column("verdict", no_wrap=True)
    table.add_column("promise", no_wrap=True)
    table.add_column("says, and why", ratio=1)
    table.add_column("oldest proof", no_wrap=True)
    for row in found.rows:
        if row.verdict is Verdict.PLANNED and not every:
            continue
        said = Text(row.says)
        for check in row.checks:
            said.append(f"\n  {check.verdict.icon} {check.subject}: {check.why}", style="dim")
        mark = Text(f"{row.verdict.icon} {row.verdict}", style=colours[row.verdict])
        table.add_row(mark, row.id, said, age_words(row.at, found.as_of) if row.at else "none")
    Console().print(table)
    planned = found.counts.get(Verdict.PLANNED, 0)
    if planned:
        more = "" if every else "; list them with --all"
        say(f"{counted(planned, 'promise')} not yet built{more}")
