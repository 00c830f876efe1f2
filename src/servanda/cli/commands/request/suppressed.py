"""`servanda request suppressed`: may this person be used for a purpose? For mailing tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request.parts import desk
from servanda.cli.output import AsJson, Folder, say, show_json
from servanda.kernel.errors import Exit, UsageError


def suppressed(
    email: Annotated[str | None, typer.Option(help="An address.")] = None,
    phone: Annotated[str | None, typer.Option(help="A number.")] = None,
    purpose: Annotated[
        str, typer.Option(help="For what, as in policy.yaml: marketing …")
    ] = "marketing",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Ask before you write to somebody: exit code 1 means that they objected or withdrew consent.

    Servanda keeps keyed hashes of those who did, no addresses; so it can be asked, not listed.
    """
    pairs = [(kind, each) for kind, each in (("email", email), ("phone", phone)) if each]
    if not pairs:
        raise UsageError("nobody was named", "give --email or --phone")
    with desk(workspace) as opened:
        found = any(opened.suppressed(kind, value, purpose) for kind, value in pairs)
    if as_json:
        show_json({"purpose": purpose, "suppressed": found})
    else:
        say(f"do not use for {purpose}" if found else f"nobody objected to {purpose}")
    return Exit.BROKEN if found else Exit.OK
