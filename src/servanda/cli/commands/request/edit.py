"""`servanda request edit`: set right what was taken down wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder


def edit(
    n: parts.Number,
    right: Annotated[str | None, typer.Option("--right", help="What is really asked for.")] = None,
    email: parts.Email = None,
    phone: parts.Phone = None,
    known: parts.Known = None,
    jurisdiction: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Where the person lives.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    contact: Annotated[str | None, typer.Option(help="Where to answer.")] = None,
    text: Annotated[str | None, typer.Option(help="What they wrote or said.")] = None,
    correct: parts.Correction = None,
    purpose: Annotated[str | None, typer.Option(help="Of an objection or withdrawal.")] = None,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Change a request before it is decided. Identities and corrections replace those there are.

    With other identities the person must be verified again.
    """
    from servanda.desk.requests import editing

    people = parts.identities(email, phone, known)
    with parts.desk(workspace) as desk:
        editing.edit(
            desk.book,
            n,
            by=by,
            right=right,
            place=jurisdiction,
            identities=people or None,
            corrections=parts.pairs(correct, "--correct", "FIELD=VALUE") or None,
            name=name,
            contact=contact,
            text=text,
            purpose=purpose,
        )
        parts.done(desk.get(n), as_json)
