"""Where the data lies: the mapping model, the connector port, stores.yaml and packs.

The heavy parts (pydantic, YAML) are imported when they are called for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.policy.rules import Policy
    from servanda.stores.reading import LoadedStores


def load(
    path: Path,
    policy: Policy,
    env: Mapping[str, str] = os.environ,
    *,
    shown: str | None = None,
    today: str | None = None,
    draft: bytes | None = None,
) -> LoadedStores:
    """Read stores.yaml with its packs and check it against the policy.

    Gives `.configs` (empty when there are errors), `.tenants`, `.digest`, `.diagnostics`.
    `env` resolves `${NAME}`; `shown` is the file's name in messages; `today` (ISO date) decides
    which exemptions have ended; `draft`: read this as if it stood in the file. UsageError when
    the file cannot be opened.
    """
    from servanda.stores.reading import load as read_stores

    return read_stores(Path(path), policy, env, shown=shown, today=today, draft=draft)


def schema() -> dict[str, Any]:
    """The JSON Schema of stores.yaml, for editors."""
    from servanda.policy.export import json_schema
    from servanda.stores.document import StoresDoc

    return json_schema(StoresDoc, "stores.yaml of Servanda")


def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a pack's pack.yaml."""
    from servanda.policy.export import json_schema
    from servanda.stores.document import PackDoc

    return json_schema(PackDoc, "pack.yaml of Servanda")
