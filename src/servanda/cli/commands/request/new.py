"""`servanda request new`: take a request in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say


def new(
    right: Annotated[
        str,
        typer.Option(
            "--right",
            help="access, portability, correction, erasure, restriction, objection, withdrawal or "
            "complaint.",
        ),
    ],
    email: parts.Email = None,
    phone: parts.Phone = None,
    known: parts.Known = None,
    received: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day it arrived; today without it.")
    ] = None,
    via: Annotated[str, typer.Option(help="post, phone, form, mail or staff.")] = "form",
    jurisdiction: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Where the person lives: KE, GB-NIR, EU-DE … if it is known."
        ),
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="The customer whose data it is about, if it is a customer's.")
    ] = None,
    name: Annotated[str, typer.Option(help="The person's name. Kept sealed.")] = "",
    contact: Annotated[str, typer.Option(help="Where to answer. Kept sealed.")] = "",
    text: Annotated[str, typer.Option(help="What they wrote or said. Kept sealed.")] = "",
    correct: parts.Correction = None,
    purpose: Annotated[
        str, typer.Option(help="Of an objection or withdrawal: marketing …; all without it.")
    ] = "",
    born: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day of birth, where it was told.")
    ] = None,
    age: Annotated[
        int | None, typer.Option(min=0, max=130, help="The age, where it was told.")
    ] = None,
    parent_consents: Annotated[
        bool, typer.Option("--parent-consents", help="A parent consented to what we do.")
    ] = False,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Take in a request and say by when to act. Who asks is kept sealed.

    An objection or withdrawal takes effect at once. A request about a customer's data is handed on
    to that customer. Of a child without a parent's consent an erasure is opened as well.
    """
    with parts.desk(workspace) as desk:
        today = desk.book.today()
        ref = desk.new(
            right,
            parts.identities(email, phone, known),
            received=parts.day(received, "--received", today),
            via=via,
            place=jurisdiction,
            tenant=tenant,
            name=name,
            text=text,
            contact=contact,
            corrections=parts.pairs(correct, "--correct", "FIELD=VALUE"),
            purpose=purpose,
            born=None if born is None else parts.day(born, "--born", today),
            age=age,
            parent_consents=parent_consents,
            by=by,
        )
        view = desk.get(ref)
        parts.done(view, as_json)
        if as_json:
            return
        for step in view.because:
            say(f"  {step}")
        if view.child:
            say(f"  {view.child}")
        others = desk.others(ref)
        if others:
            say(f"  the same identity is named in request {', '.join(others)}")
