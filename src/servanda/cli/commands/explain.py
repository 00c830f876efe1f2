"""`servanda explain`: why one record is kept or goes, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, say, show_json


def explain(
    collection: Annotated[str, typer.Argument(metavar="STORE.COLLECTION")],
    key: Annotated[list[str], typer.Argument(help="Every part of the record's key.")],
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Explain what the rules decide about one record: until when it is kept, and which rule won."""
    from servanda.desk import editions, holds
    from servanda.plan.record import explain_record
    from servanda.runtime import plans
    from servanda.runtime.workspace import Workspace

    now = datetime.now(UTC)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = explain_record(
            opened.collection(collection).id,
            tuple(key),
            opened.policy,
            opened.configs,
            opened.stores,
            now,
            plans.lead(opened, now),
            holds=holds.in_force(opened.master)[1],
            tenants=opened.tenants,
            older=editions.older(now, opened.policy),
        )
    if as_json:
        show_json(found.data())
    else:
        say(found.text().rstrip())
