"""What an inventory found, as data. Names of tables and columns only, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servanda.stores.mapping import Exemption


@dataclass(frozen=True, slots=True)
class Mapped:
    """A collection that is there. `soft_deleted`: rows the product hides but still holds; None
    where the collection knows no such thing."""

    collection: str
    source: str
    activity: str | None
    exempt: Exemption | None = None
    soft_deleted: int | None = None


@dataclass(frozen=True, slots=True)
class UndeclaredColumn:
    """A column of a mapped table that the mapping does not name. `looks_like`: the category its
    name suggests, or blank."""

    table: str
    column: str
    looks_like: str = ""

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class StoreFindings:
    """One store. `unreachable`: why, or blank. `missing`, `drifted`: (collection id, why);
    a drifted collection is only read. `lapsed`: (what, when its exemption expired). `private`:
    tables whose names may be people's, so that evidence only counts them."""

    store: str
    mode: str
    unreachable: str = ""
    product: str = ""
    shape: str = ""
    mapped: tuple[Mapped, ...] = ()
    undeclared_tables: tuple[str, ...] = ()
    undeclared_columns: tuple[UndeclaredColumn, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    drifted: tuple[tuple[str, str], ...] = ()
    lapsed: tuple[tuple[str, str], ...] = ()
    private: frozenset[str] = frozenset()

    @property
    def undeclared(self) -> tuple[str, ...]:
        """Everything the policy is silent about, likely personal columns first."""
        lapsed = tuple(f"{what} (exemption expired {until})" for what, until in self.lapsed)
        return lapsed + self.undeclared_tables + tuple(map(str, self.undeclared_columns))

    @property
    def recorded(self) -> tuple[str, ...]:
        """The same for the ledger, which never forgets: without names that may be people's."""
        hidden = [name for name in self.undeclared_tables if name in self.private]
        named = tuple(name for name in self.undeclared if name not in hidden)
        return (*named, f"mailboxes: {len(hidden)}") if hidden else named


@dataclass(frozen=True, slots=True)
class Inventory:
    """Policy × stores at one moment."""

    taken_at: datetime
    stores: tuple[StoreFindings, ...]

    def store(self, name: str) -> StoreFindings:
        return next(s for s in self.stores if s.store == name)

    @property
    def complete(self) -> bool:
        """Everything there is declared, everything declared is there, every store answered."""
        return not any(s.unreachable or s.undeclared or s.missing or s.drifted for s in self.stores)

    def entry(self) -> dict[str, Any]:
        """The body of the ledger's `inventory` entry: names only."""
        return {
            "stores": {
                s.store: {
                    "unreachable": bool(s.unreachable),
                    "mapped": [m.collection for m in s.mapped],
                    "undeclared": list(s.recorded),
                    "missing": [collection for collection, _ in s.missing],
                    "drifted": [collection for collection, _ in s.drifted],
                }
                for s in self.stores
            }
        }

    def data(self) -> dict[str, Any]:
        """Everything, JSON-able, for `--json`."""
        return {
            "taken_at": self.taken_at.isoformat(),
            "complete": self.complete,
            "stores": [_store_data(s) for s in self.stores],
        }


def _store_data(found: StoreFindings) -> dict[str, Any]:
    return {
        "store": found.store,
        "mode": found.mode,
        "unreachable": found.unreachable,
        "product": found.product,
        "shape": found.shape,
        "mapped": [
            {
                "collection": m.collection,
                "source": m.source,
                "activity": m.activity,
                "exempt": m.exempt.until if m.exempt else None,
                "soft_deleted": m.soft_deleted,
            }
            for m in found.mapped
        ],
        "undeclared_tables": list(found.undeclared_tables),
        "undeclared_columns": [
            {"table": c.table, "column": c.column, "looks_like": c.looks_like}
            for c in found.undeclared_columns
        ],
        "missing": [{"collection": c, "why": why} for c, why in found.missing],
        "drifted": [{"collection": c, "why": why} for c, why in found.drifted],
        "lapsed": [{"what": what, "expired": until} for what, until in found.lapsed],
    }
