"""`servanda invite`: a link by which somebody gets an account of the console."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, By, Folder, say, show_json


def invite(
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    name: Annotated[str, typer.Option(help="Their name, as pages show it.")],
    role: Annotated[
        str,
        typer.Option(help="owner, privacy_lead, engineer, support, auditor or customer."),
    ] = "auditor",
    tenant: Annotated[str, typer.Option(help="The customer, of a member with that role.")] = "",
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Invite a member: prints a link that works once, for a week. The first owner begins so."""
    from servanda.desk import invitations
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        if tenant:
            opened.check_tenant(tenant)
        secret = invitations.invite(email, name, role, by=by, tenant=tenant)
        link = f"{opened.settings.web.address}/accounts/join/{secret}/"
    if as_json:
        show_json({"link": link, "role": role})
    else:
        say(f"{name} joins as {role} by this link, within a week:")
        say(f"  {link}")
