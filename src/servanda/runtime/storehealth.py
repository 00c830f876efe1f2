"""How the stores are, from evidence and the last look: what the page and the API show of them.

Opens no store. Reads a bounded number of entries, however long the ledger is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from servanda.inventory.likely import looks_like
from servanda.kernel.errors import UsageError
from servanda.ledger import history, search
from servanda.ledger.entries import Entry
from servanda.runtime import addresses, look
from servanda.runtime.workspace import STORES

if TYPE_CHECKING:
    from servanda.runtime.look import Look, Seen
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import Collection, StoreConfig

_RECOUNTS, _OCCASIONS = 2_000, 400


@dataclass(frozen=True, slots=True)
class CollectionState:
    """A collection as it was last counted. `wrong`: why it is only read, or blank."""

    id: str
    activity: str | None
    exempt: str | None
    recount: Entry | None
    wrong: str

    @property
    def counts(self) -> Mapping[str, Any]:
        return self.recount.data if self.recount else {}


@dataclass(frozen=True, slots=True)
class StoreState:
    """One store. `seen`: the last look somebody asked for; `changed`: its shape is another one
    than at the look before; `unreachable_at`: the last time that it did not answer."""

    config: StoreConfig
    address: str
    inventory: Entry | None
    answers: bool | None
    seen: Seen | None
    changed: bool
    unreachable_at: datetime | None
    collections: tuple[CollectionState, ...]
    undeclared: tuple[tuple[str, str], ...]  # (name, the category it looks like, or blank)

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def wrong(self) -> tuple[CollectionState, ...]:
        return tuple(each for each in self.collections if each.wrong)

    @property
    def recounted(self) -> datetime | None:
        """The oldest of its collections' newest recounts: all are at least this fresh."""
        ages = [each.recount.at for each in self.collections if each.recount]
        return min(ages, default=None)


def states(workspace: Workspace) -> list[StoreState]:
    """Every store, in the order of the file."""
    written = addresses.written(workspace.folder / STORES)
    reader = _Reader(workspace)
    return [reader.state(config, written.get(config.name, "")) for config in workspace.configs]


def state(workspace: Workspace, name: str) -> StoreState:
    """One store; UsageError where there is none of that name."""
    found = next((each for each in states(workspace) if each.name == name), None)
    if found is None:
        raise UsageError(f'there is no store "{name[:60]}"')
    return found


class _Reader:
    def __init__(self, workspace: Workspace) -> None:
        self.inventory = history.last("inventory")
        self.looks: list[Look] = look.last()
        self.recounts = _newest_recounts(workspace)
        self.silent = _last_silence({config.name for config in workspace.configs})

    def state(self, config: StoreConfig, written: object) -> StoreState:
        told = self._told(config.name)
        seen = self.looks[0].stores.get(config.name) if self.looks else None
        before = self.looks[1].stores.get(config.name) if self.looks[1:] else None
        wrong = self._wrong(told, seen)
        likely = dict(seen.likely) if seen else {}
        for name in told.get("undeclared", ()):
            likely.setdefault(name, looks_like(name.rpartition(".")[2]))
        return StoreState(
            config=config,
            address=addresses.shown(written, config.connect),
            inventory=self.inventory,
            answers=None if not told else not told.get("unreachable"),
            seen=seen,
            changed=_differ(seen, before),
            unreachable_at=self.silent.get(config.name),
            collections=tuple(self._collection(c, wrong) for c in config.collections),
            undeclared=tuple((name, likely[name]) for name in told.get("undeclared", ())),
        )

    def _told(self, store: str) -> Mapping[str, Any]:
        if self.inventory is None:
            return {}
        found: Mapping[str, Any] = self.inventory.data["stores"].get(store, {})
        return found

    def _wrong(self, told: Mapping[str, Any], seen: Seen | None) -> dict[str, str]:
        """By the newest inventory; the reason where the last look tells it."""
        known = {**seen.missing, **seen.drifted} if seen else {}
        found = dict.fromkeys(told.get("missing", ()), "declared, but not there")
        found |= dict.fromkeys(told.get("drifted", ()), "not what the mapping says; only read")
        return {id_: known.get(id_, why) for id_, why in found.items()}

    def _collection(self, each: Collection, wrong: Mapping[str, str]) -> CollectionState:
        exempt = f"until {each.exempt.until}: {each.exempt.reason}" if each.exempt else None
        return CollectionState(
            each.id, each.activity, exempt, self.recounts.get(each.id), wrong.get(each.id, "")
        )


def _differ(seen: Seen | None, before: Seen | None) -> bool:
    if seen is None or before is None or not seen.shape or not before.shape:
        return False
    return seen.shape != before.shape


def _newest_recounts(workspace: Workspace) -> dict[str, Entry]:
    wanted = {c.id for config in workspace.configs for c in config.collections if c.activity}
    found: dict[str, Entry] = {}
    for entry in search.newest(("recount",), _RECOUNTS):
        if entry.data["collection"] in wanted:
            found.setdefault(entry.data["collection"], entry)
            if len(found) == len(wanted):
                break
    return found


def _last_silence(stores: set[str]) -> dict[str, datetime]:
    """When each was last found not to answer, as far back as we look."""
    found: dict[str, datetime] = {}
    for entry in search.newest(("census", "inventory", "run.ended"), _OCCASIONS):
        for name in _silent(entry):
            if name in stores:
                found.setdefault(name, entry.at)
    return found


def _silent(entry: Entry) -> list[str]:
    if entry.kind == "inventory":
        told = entry.data["stores"]
        return [name for name, each in told.items() if each.get("unreachable")]
    return list(entry.data.get("unreachable", ()))
