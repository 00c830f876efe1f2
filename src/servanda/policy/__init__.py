"""The policy language: load, locate, check, compile to `policy.rules`.

The heavy parts (pydantic, YAML) are imported when they are called for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.policy.reading import Loaded


def load(
    path: Path,
    *,
    shown: str | None = None,
    today: str | None = None,
    draft: bytes | None = None,
) -> Loaded:
    """Read and check policy.yaml: `.policy` (None when there are errors) and `.diagnostics`.

    `shown` is the file's name in messages, `today` an ISO date (default: today) that decides
    which adequacy decisions are in force; `draft`: read this as if it stood in the file.
    UsageError when the file cannot be opened.
    """
    from servanda.policy.reading import load as read_policy
    from servanda.policy.reading import loads as read_draft

    if draft is not None:
        return read_draft(draft, shown or str(path), today=today)
    return read_policy(Path(path), shown=shown, today=today)


def schema() -> dict[str, Any]:
    """The JSON Schema of policy.yaml, for editors."""
    from servanda.policy.document import PolicyDoc
    from servanda.policy.export import json_schema

    return json_schema(PolicyDoc, "policy.yaml of Servanda")
