"""`servanda request choose`: say which records are meant, where people share a name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder
from servanda.kernel.errors import UsageError


def choose(
    n: parts.Number,
    records: Annotated[
        list[str],
        typer.Argument(
            metavar="COLLECTION=KEY…",
            help="As `request find N --json` has them: crm.people=7; parts of a key with commas.",
        ),
    ],
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Say which of the records found are this person's, where two people share a name or an
    address. It replaces an earlier choice."""
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        only = []
        for id_, text in parts.pairs(records, "a record", "COLLECTION=KEY"):
            collection = opened.collection(id_)
            key = text.split(",") if len(collection.key) > 1 else [text]
            if len(key) != len(collection.key):
                raise UsageError(
                    f"the key of {id_} has {len(collection.key)} parts",
                    f"give {', '.join(collection.key)}, with commas between",
                )
            only.append((id_, tuple(key)))
        opened.desk.choose(n, only, by=by)
        parts.done(opened.desk.get(n), as_json)
