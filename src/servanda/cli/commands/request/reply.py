"""`servanda request reply`: the letter, the package, the receipt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, By, Folder, say, show_json, working
from servanda.kernel.errors import Exit

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where the files go; `replies/N` without it."),
]


def reply(
    ref: Annotated[str, typer.Argument(metavar="N", help="The request.")],
    reasons: Annotated[
        list[str] | None,
        typer.Option("--reason", help="Why, in your own words; of a refusal or a lifting."),
    ] = None,
    outcome: Annotated[str, typer.Option(help="Of a complaint: what came of it.")] = "",
    passphrase_by: Annotated[
        str, typer.Option(help="How the passphrase of a package reaches the person.")
    ] = "",
    out: Out = None,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Answer a request: write the letter (PDF and text), the package and the signed receipt.

    A refusal names its ground in law and every way to complain. Data is given in one encrypted
    file, which is deleted after some days; its passphrase is shown here once and kept nowhere: send
    it by another way. The receipt says of every store what was done, kept, or is outstanding;
    `servanda verify` checks it.
    """
    from servanda.runtime import answering, requests
    from servanda.runtime.workspace import Workspace

    ways = {"passphrase_by": passphrase_by} if passphrase_by else {}
    words = answering.Words(tuple(reasons or ()), outcome, **ways)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        folder = out or workspace / "replies" / ref
        with requests.acting(opened) as actor, working("Writing …", as_json):
            made = answering.reply(opened, ref, actor, words, folder, by=by)
    if as_json:
        show_json(
            {
                "request": ref,
                "letter": made.kind,
                "text": str(made.letter),
                "pdf": str(made.printed),
                "receipt": str(made.receipt),
                "package": str(made.package) if made.package else None,
                "passphrase": made.passphrase or None,
                "package_until": made.package_until.isoformat() if made.package_until else None,
                "finished": made.finished,
            }
        )
        return Exit.OK
    say(f"letter ({made.kind}): {made.printed} and {made.letter}")
    say(f"receipt: {made.receipt}")
    if made.package and made.package_until:
        say(f"package: {made.package}, until {made.package_until:%Y-%m-%d}")
        say(f"passphrase, shown only now; send it another way: {made.passphrase}")
    if not made.finished:
        say("a store is outstanding; the scheduled run goes on with it, and then you reply again")
    else:
        say(f"next: send them, nothing went out yet; then  servanda request close {ref}")
    return Exit.OK
