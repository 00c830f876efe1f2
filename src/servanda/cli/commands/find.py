"""`servanda find`: what is whose, over every store. Reads, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, say, show_json, tell_restricted, working
from servanda.kernel.errors import Exit, UsageError


def find(
    email: Annotated[list[str] | None, typer.Option(help="An address of the person.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="A number of the person.")] = None,
    name: Annotated[list[str] | None, typer.Option(help="The name, where stores know it.")] = None,
    tenant: Annotated[
        str | None, typer.Option(help="The customer on whose behalf it is asked.")
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Find all that is one person's, in every store, with the way that leads there.

    Several identities are one person's. A number or an address is found in whatever notation a
    store writes it, and an address with a plus part (jo+news@…) as an alias of the one without. It
    says what is the person's alone (`goes`), what stays because others own it too, and which
    stores did not answer. What a law, a decision or a hold keeps shows only in the plan of an
    erasure: `servanda request act N --plan`. JSON holds the keys of the records, which may be
    personal data. Nothing is changed.
    """
    from servanda.kernel.identity import require
    from servanda.plan.find import Subject
    from servanda.plan.find.text import data, text
    from servanda.runtime import finding
    from servanda.runtime.workspace import Workspace

    given = (("email", email), ("phone", phone), ("name", name))
    identities = tuple((kind, each) for kind, values in given for each in values or ())
    if not identities:
        raise UsageError("nobody was named", "give --email, --phone or --name")
    with Workspace.open(workspace) as opened:
        for kind, value in identities:
            require(kind, value, opened.region)
        with working("Searching …", as_json):
            who = Subject("person", identities, tenant)
            (tree,) = finding.find(opened, [who])
        opened.use_state()
        restricted = finding.restricted(opened, who)
    if as_json:
        show_json({**data(tree), "restricted": restricted})
    else:
        say(text(tree).rstrip())
        tell_restricted(restricted)
    return Exit.UNREACHABLE if tree.pending else Exit.OK
