"""What the workspace itself puts into the ledger: policy in force, inventory, census."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from servanda import ledger

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace


def policy(workspace: Workspace, now: datetime) -> None:
    """Record the policy in force, unless the newest `policy` entry already says the same."""
    from servanda.ledger import history

    entry = _policy_entry(workspace, now)
    last = history.last("policy")
    if last is None or any(last.data.get(key) != value for key, value in entry.items()):
        ledger.append([entry])


def _policy_entry(workspace: Workspace, now: datetime) -> dict[str, Any]:
    found = workspace.policy
    collections: dict[str, list[str]] = {}
    for config in workspace.configs:
        for collection in config.collections:
            if collection.activity is not None:
                collections.setdefault(collection.activity, []).append(collection.id)
    return {
        "kind": "policy",
        "digest": found.digest,
        "mapping": workspace.mapping,
        "organisation": found.organisation,
        "zone": found.zone,
        "heartbeat_s": int(workspace.settings.heartbeat(now, workspace.zone).total_seconds()),
        "promises": [
            {
                "id": promise.id,
                "says": promise.says,
                "section": promise.section,
                "kept_by": list(promise.kept_by),
                "planned": promise.planned,
                "how": promise.how,
                "owner": promise.owner,
            }
            for promise in found.promises
        ],
        "collections": collections,
        "stores": [config.name for config in workspace.configs],
    }
