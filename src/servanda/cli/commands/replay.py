"""`servanda replay`: after a restore, take out again what had been erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, counted, moment, say, show_json, working
from servanda.kernel.errors import Exit, UsageError


def replay(
    since: Annotated[
        str,
        typer.Option(metavar="DATE", help="When the backup was made that was restored."),
    ],
    stores: Annotated[
        list[str] | None,
        typer.Option("--store", help="Only this store; may be given several times."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Erase again whatever was erased since a backup was made, and came back with it.

    Records are recognised by keyed hashes; no identity of the erased is kept. A record that only
    has the number of an erased one is told and left alone. Retention is another matter: the next
    scheduled run sweeps what is past its time, as always.
    """
    from servanda.apply.requests import replay as again
    from servanda.kernel.suggest import did_you_mean
    from servanda.runtime import requests
    from servanda.runtime.workspace import Workspace

    begun = moment(since)
    if len(since) <= 10:  # the whole of that day
        begun = begun.replace(hour=0, minute=0, second=0)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        known = {config.name for config in opened.configs}
        for name in stores or ():
            if name not in known:
                raise UsageError(f'there is no store "{name[:40]}"', did_you_mean(name, known))
        with requests.acting(opened) as actor, working("Searching …", as_json):
            requests.resume(opened, actor)
            done = again(begun, actor, stores or ())
    if as_json:
        show_json(
            {
                "since": begun.isoformat(),
                "run": done.acted.run if done.acted else None,
                "found": dict(done.found),
                "left": dict(done.left),
                "doubtful": dict(done.doubtful),
                "unreachable": dict(done.silent),
                "clean": done.clean,
            }
        )
    else:
        for id_, count in sorted(done.found.items()):
            say(f"{id_}: {counted(count, 'record')} had come back")
        for id_, count in sorted(done.left.items()):
            say(f"{id_}: {counted(count, 'record')} could not be taken out again")
        for id_, count in sorted(done.doubtful.items()):
            say(
                f"{id_}: {counted(count, 'record')} only share a key with an erased one; "
                "they were left alone"
            )
        for name, why in sorted(done.silent.items()):
            say(f"store {name}: {why}")
        if not done.found and done.clean:
            say("nothing of what was erased since then is there")
        elif done.clean:
            say("all of it is gone again; another look found none")
    if done.silent:
        return Exit.UNREACHABLE
    return Exit.OK if done.clean else Exit.BROKEN
