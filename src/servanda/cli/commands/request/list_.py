"""`servanda request list`: what is open, the most urgent first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, Folder, say, show_json


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    who: Annotated[bool, typer.Option("--who", help="Show who asks.")] = False,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """List the open requests, the soonest date first. Negative days are overdue.

    Columns: number, right, state, the date to act by, days left. Names only with --who.
    """
    today = datetime.now(UTC).date()
    with parts.desk(workspace) as desk:
        views = desk.listed(open_only=not all_)
    if as_json:
        people = (
            {"name": v.name, "identities": [list(p) for p in v.identities]} if who else {}
            for v in views
        )
        show_json(
            [{**parts.brief(view, today), **more} for view, more in zip(views, people, strict=True)]
        )
        return
    for view in views:
        days = view.days_left(today)
        over = view.state in ("replied", "closed", "cancelled")
        count = "" if days is None or over else f"{days:>4} days"
        person = f"  {view.name or ', '.join(value for _, value in view.identities)}" if who else ""
        by = "" if view.safe_due is None else view.safe_due.isoformat()
        standing = parts.standing(view)
        line = f"{view.ref:>5}  {view.right:13} {standing:21} {by:10}  {count}{person}"
        say(line.rstrip())
    if not views:
        say("no requests" if all_ else "no open requests")
