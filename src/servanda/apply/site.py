"""What a run needs from outside: stores, digests in force, the workspace's master key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from servanda.kernel import keyring
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master
from servanda.stores.mapping import Collection, StoreConfig
from servanda.stores.port import Store

Opener: TypeAlias = Callable[[StoreConfig, bool], Store]
"""Opens a store; True: read-only, with the recount credential where there is one."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """One workspace as a run sees it. The state database must have been set up.

    `policy` and `mapping`: digests in force now. `master`: the workspace's key, never
    logged. `checkpoint`: signs the ledger, called when a run has ended. `now`: the wall clock.
    `four_eyes`: a plan that writes needs two people. `runner`: who starts the run, as evidence
    names them. `terms`: digest of the older limits that hold now for who has not accepted what
    raised them; None: there are none.
    """

    configs: Mapping[str, StoreConfig]
    open: Opener
    policy: str
    mapping: str
    master: Master
    checkpoint: Callable[[], object] | None = None
    now: Callable[[], datetime] = _now
    four_eyes: bool = False
    runner: str = ""
    terms: Callable[[], str] | None = None

    def config(self, store: str) -> StoreConfig:
        found = self.configs.get(store)
        if found is None:
            raise UsageError(f'stores.yaml has no store "{store}"', "make a new plan")
        return found

    def collection(self, id_: str) -> Collection:
        """The collection `store.collection`; UsageError when stores.yaml does not have it."""
        config = self.config(store_of(id_))
        found = next((c for c in config.collections if c.id == id_), None)
        if found is None:
            raise UsageError(f"stores.yaml has no collection {id_}", "make a new plan")
        return found

    @property
    def pseudonym_key(self) -> bytes:
        """The same in every run, so that one value keeps one pseudonym."""
        return keyring.root(self.master, "pseudonyms")


def store_of(collection_id: str) -> str:
    return collection_id.partition(".")[0]
