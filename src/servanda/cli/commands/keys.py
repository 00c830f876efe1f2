"""`servanda keys`: the master key; see it, and change it without stopping anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json, working
from servanda.kernel.errors import Exit

app = typer.Typer(help="The master key: see it, change it.", no_args_is_help=True)
NOUNS = {
    "people": "person",
    "consents": "consent key",
    "evidence": "evidence key",
    "roots": "root",
    "holds": "hold",
}


@app.command()
def status(workspace: Folder = Path(), as_json: AsJson = False) -> int:
    """Say where the master key comes from, whether it fits, and what hangs on it. Keys are named
    by fingerprints, which say nothing of them. Exit code 1 when the key does not fit."""
    from servanda.runtime.keys import telling
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = telling.status(opened)
    if as_json:
        show_json(
            {
                "source": found.source,
                "in_force": found.in_force or None,
                "since": found.since.isoformat() if found.since else None,
                "here": list(found.here),
                "fits": found.fits,
                "unfinished": found.unfinished,
                "under": found.under,
            }
        )
        return Exit.OK if found.fits else Exit.BROKEN
    said = f" since {found.since:%Y-%m-%d}" if found.since else ""
    say(f"master key {found.in_force or found.here[0]}{said}, from: {found.source}")
    say(f"on it hang {', '.join(_lines(found.under))}")
    if not found.fits:
        say(f"✗ it is not here; what is here is {', '.join(found.here)}")
    if found.unfinished:
        say("! a change of the key is not finished; go on with  servanda keys rotate")
    return Exit.OK if found.fits else Exit.BROKEN


@app.command()
def rotate(
    new_from: Annotated[
        str,
        typer.Option(
            "--new-from",
            metavar="env:NAME",
            help="The variable that holds the new key in hexadecimal. Else a file gets a random "
            "one; from a variable or a program, it is the second key they give.",
        ),
    ] = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Change the master key. Everything goes on meanwhile; stopped or killed, the same command
    goes on where it was.

    All that hangs on the old key is put under the new one, then the old one is destroyed. Backups
    of the state made before need the old key: keep it with them, or make a new backup.
    """
    from servanda.runtime.keys import rotation
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened, working("Changing the key …", as_json):
        opened.use_state()
        done = rotation.rotate(opened, new_from)
        opened.checkpoint()
    under = {kind: tally.under for kind, tally in done.tallies.items()}
    closed = sum(tally.closed for tally in done.tallies.values())
    if as_json:
        show_json(
            {
                "key": done.key,
                "previous": done.previous,
                "resumed": done.resumed,
                "under": under,
                "closed": closed,
                "destroyed": not done.by_hand,
            }
        )
        return
    if done.resumed:
        say("went on with a change that had been begun")
    say(f"master key {done.key} is in force, in the place of {done.previous}")
    if under:
        say(f"under it are {', '.join(_lines(under))}")
    if closed:
        say(f"! {counted(closed, 'row')} opened with neither key, before or after")
    if done.by_hand:
        say("take the old key out of its source now, and destroy it; start processes anew with")
        say("the new one alone")
    else:
        say("the old key is destroyed here; destroy your copies of it with the backups they open")


def _lines(under: dict[str, int]) -> list[str]:
    return [
        f"{count:,} people" if kind == "people" and count != 1 else counted(count, NOUNS[kind])
        for kind, count in under.items()
    ]
