"""A fresh look at every store: does it answer, how fast, and is it still what the mapping says?

Reads shapes and counts, never a value. What is found goes into the ledger as every inventory does;
names that may be people's (mailboxes) are counted there and here, not told.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from servanda import inventory, ledger
from servanda.inventory.findings import StoreFindings
from servanda.state.connection import guard
from servanda.state.models import Job

if TYPE_CHECKING:
    from servanda.kernel.errors import StoreUnreachable
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import StoreConfig
    from servanda.stores.port import Store

ABOUT = "stores"
MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """One store at one moment. `why`: why it was not reached, blank where it was. `shape`: the
    digest of the tables the mapping relies on. `missing`, `drifted`: reasons by collection."""

    seconds: float
    why: str
    product: str
    shape: str
    missing: Mapping[str, str]
    drifted: Mapping[str, str]
    undeclared: tuple[str, ...]
    likely: Mapping[str, str]  # of those, the category that a column's name suggests


@dataclass(frozen=True, slots=True)
class Look:
    at: datetime
    stores: Mapping[str, Seen]


def take(workspace: Workspace) -> Look:
    """Look at all stores side by side, and leave an `inventory` entry."""
    now = datetime.now(UTC)
    stores = workspace.stores

    def at(config: StoreConfig) -> tuple[StoreFindings, Seen]:
        return _timed(workspace, config, stores[config.name], now)

    with ThreadPoolExecutor(max_workers=max(1, min(8, len(workspace.configs)))) as pool:
        found = list(pool.map(at, workspace.configs))
    taken = inventory.Inventory(now, tuple(findings for findings, _ in found))
    ledger.append([{"kind": "inventory", **taken.entry()}])
    return Look(now, {findings.store: seen for findings, seen in found})


def data(look: Look) -> dict[str, Any]:
    """JSON-able, as the job keeps it."""
    return {
        "at": look.at.isoformat(),
        "stores": {name: asdict(seen) for name, seen in look.stores.items()},
    }


def last(count: int = 2) -> list[Look]:
    """The newest looks that were asked for, the newest first."""
    jobs = Job.objects.filter(about=ABOUT, kind="look", state="done").order_by("-id")
    with guard():
        told = list(jobs.values_list("told", flat=True)[:count])
    return [_look(each) for each in told if "stores" in each]


def _timed(
    workspace: Workspace, config: StoreConfig, store: Store | StoreUnreachable, now: datetime
) -> tuple[StoreFindings, Seen]:
    started = time.monotonic()
    taken = inventory.take(workspace.policy, [config], {config.name: store}, now)
    found = taken.stores[0]
    return found, Seen(
        seconds=round(time.monotonic() - started, 3),
        why=found.unreachable,
        product=found.product,
        shape=found.shape,
        missing=dict(found.missing),
        drifted=dict(found.drifted),
        undeclared=found.recorded[:MOST_NAMED],
        likely={str(each): each.looks_like for each in found.undeclared_columns if each.looks_like},
    )


def _look(told: Mapping[str, Any]) -> Look:
    stores = {
        name: Seen(**{**each, "undeclared": tuple(each["undeclared"])})
        for name, each in told["stores"].items()
    }
    return Look(datetime.fromisoformat(told["at"]), stores)
