"""`servanda evidence`: hand the evidence to somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import Folder, moment, say

app = typer.Typer(help="Export the evidence, print the public key.", no_args_is_help=True)


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    until: Annotated[str | None, typer.Option(help="Only entries made by this date.")] = None,
    manifests: Annotated[bool, typer.Option(help="With the sealed manifests.")] = True,
    open_run: Annotated[
        list[str] | None,
        typer.Option(
            "--open",
            metavar="RUN",
            help="Put in this run's evidence key, so that its manifests can be read. They may "
            "hold personal data: give such a bundle only to people who may see it.",
        ),
    ] = None,
    workspace: Folder = Path(),
) -> None:
    """Write a bundle that anyone with the public key can check: servanda verify FILE --key KEY."""
    from servanda.ledger import bundle
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        opened.checkpoint()
        entries = bundle.export(
            output,
            opened.signer,
            until=moment(until) if until else None,
            include_manifests=manifests,
            open_runs=open_run or [],
            master=opened.master,
        )
        say(f"wrote {output}: {entries:,} entries")
        say(f"check it with  servanda verify {output} --key {opened.signer.vkey}")


@app.command()
def key(workspace: Folder = Path()) -> None:
    """Print the public key. Publish it: who has it can check every bundle and checkpoint."""
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        say(opened.signer.vkey)
