"""Policy × stores: what is mapped, what is there but undeclared, declared but absent, drifted.

Reads shapes and counts of hidden rows, nothing else; a store that does not answer is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from servanda.inventory import drift, folders
from servanda.inventory.findings import Inventory, Mapped, StoreFindings, UndeclaredColumn
from servanda.inventory.likely import looks_like
from servanda.inventory.tables import find, going_along, own_columns
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Compare, Missing, Not, Predicate
from servanda.policy.rules import Policy
from servanda.stores.mailfields import covered
from servanda.stores.mapping import Collection, Column, Exemption, StoreConfig
from servanda.stores.port import Store, StoreShape


def take(
    policy: Policy,
    configs: Sequence[StoreConfig],
    stores: Mapping[str, Store | StoreUnreachable],
    now: datetime | None = None,
) -> Inventory:
    """Look at every store, side by side. Raises StoreBusy, StoreRefused and Drift of the stores."""
    moment = now or datetime.now(UTC)
    today = moment.astimezone(ZoneInfo(policy.zone)).date()
    with ThreadPoolExecutor(max_workers=max(1, min(8, len(configs)))) as pool:
        found = pool.map(lambda config: _look_at(config, stores.get(config.name), today), configs)
        return Inventory(moment, tuple(found))


def _look_at(
    config: StoreConfig, store: Store | StoreUnreachable | None, today: date
) -> StoreFindings:
    if store is None or isinstance(store, StoreUnreachable):
        why = str(store) if store is not None else "was not opened"
        return StoreFindings(config.name, config.mode, unreachable=why)
    try:
        shape = store.shape()
        missing, drifted = drift.missing(config, shape), drift.drifted(config, shape)
        mapped = tuple(
            _mapped(store, c, readable=c.id not in drifted)
            for c in config.collections
            if c.id not in missing
        )
    except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
        return StoreFindings(config.name, config.mode, unreachable=str(error))
    return StoreFindings(
        config.name,
        config.mode,
        product=shape.product,
        shape=drift.shape_digest(config, shape),
        mapped=mapped,
        undeclared_tables=tuple(_undeclared_tables(config, shape, today)),
        undeclared_columns=_undeclared_columns(config, shape),
        missing=tuple(missing.items()),
        drifted=tuple((c, why) for c, why in drifted.items() if c not in missing),
        lapsed=tuple(_lapsed(config, today)),
        private=frozenset(table.name for table in shape.tables if table.private),
    )


def _mapped(store: Store, collection: Collection, *, readable: bool) -> Mapped:
    hidden = _hidden(collection) if readable else None
    return Mapped(
        collection.id,
        collection.source,
        collection.activity,
        collection.exempt,
        None if hidden is None else store.tally(collection, hidden).count,
    )


def _hidden(collection: Collection) -> Predicate | None:
    """Rows the product has marked as deleted; None where no field shows the mark."""
    soft = collection.soft_delete
    if soft is None:
        return None
    for field in collection.fields:
        if field.source == Column(soft.column):
            marked = Not(Missing(field.name))
            return marked if soft.deleted == "not_null" else Compare(field.name, "=", True)
    return None


def _expired(exemption: Exemption, today: date) -> bool:
    return exemption.until < today.isoformat()


def _undeclared_tables(config: StoreConfig, shape: StoreShape, today: date) -> Iterable[str]:
    known: set[str] = set()
    for collection in config.collections:
        for name in (collection.source, *going_along(collection)):
            table = find(shape, name)
            known.update([table.name] if table else [])
    for table in shape.tables:
        if table.name in known or folders.covered(table.name, config.collections):
            continue
        if any(covered(table.name, c.mailbox.folders) for c in config.collections if c.mailbox):
            continue
        ignored = (e for glob, e in config.ignore if fnmatchcase(table.name, glob))
        if all(_expired(exemption, today) for exemption in ignored):
            yield table.name


def _undeclared_columns(config: StoreConfig, shape: StoreShape) -> tuple[UndeclaredColumn, ...]:
    declared: dict[str, set[str]] = {}
    for collection in config.collections:
        listed = collection.tabular or collection.command is not None
        table = find(shape, collection.source) if listed else None
        if table is not None:
            declared.setdefault(table.name, set()).update(own_columns(collection))
    found = [
        UndeclaredColumn(table.name, column, looks_like(column))
        for table in shape.tables
        if table.name in declared
        for column, _ in table.columns
        if column not in declared[table.name]
    ]
    return tuple(sorted(found, key=lambda c: (not c.looks_like, c.table, c.column)))


def _lapsed(config: StoreConfig, today: date) -> Iterable[tuple[str, str]]:
    for collection in config.collections:
        if collection.exempt is not None and _expired(collection.exempt, today):
            yield collection.id, collection.exempt.until
