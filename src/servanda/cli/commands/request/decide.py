"""`servanda request decide`: act, act in part, or refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say
from servanda.kernel.errors import UsageError


def decide(
    n: parts.Number,
    act: Annotated[bool, typer.Option("--act", help="Do what is asked.")] = False,
    part: Annotated[
        bool, typer.Option("--part", help="Do it, but keep something: --keep says what.")
    ] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not: --ground says why.")] = False,
    ground: Annotated[
        list[str] | None,
        typer.Option("--ground", help="A ground that the law knows; without one they are listed."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="ACTIVITY=GROUND", help="With --part: what stays, and why."),
    ] = None,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Decide a request: act, act in part, or refuse on a ground of the law that applies.

    Without a decision it lists the grounds the law knows. A decided restriction holds at once.
    """
    chosen = [name for name, on in (("act", act), ("part", part), ("refuse", refuse)) if on]
    if len(chosen) > 1:
        raise UsageError("decide one way", "give --act, --part or --refuse")
    with parts.desk(workspace) as desk:
        if not chosen:
            _grounds(desk.grounds(n), as_json)
            return
        spare = parts.pairs(keep, "--keep", "ACTIVITY=GROUND")
        desk.decide(n, chosen[0], ground or (), spare, by=by)
        parts.done(desk.get(n), as_json)


def _grounds(grounds: dict[str, str], as_json: bool) -> None:
    from servanda.cli.output import show_json

    if as_json:
        show_json(grounds)
        return
    for id_, says in grounds.items():
        say(f"{id_:<24} {says}")
    if not grounds:
        say("the law that applies knows no ground to refuse this; do it with --act")
