"""`servanda schema`: JSON Schema, for editors that complete and check YAML."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from servanda.cli.output import show_json


class Which(StrEnum):
    POLICY = "policy"
    STORES = "stores"


def schema(which: Annotated[Which, typer.Argument(help="Of which file.")]) -> None:
    """Print the JSON Schema of policy.yaml or stores.yaml."""
    from servanda import policy, stores

    show_json(policy.schema() if which is Which.POLICY else stores.schema())
