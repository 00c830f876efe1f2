"""Build a plan: what would happen now, counted and explained, without a side effect.

Each collection is asked once, all stores at the same time. Nothing is planned where the store
does not answer, has drifted, or is only to be verified; and where an owned record may have to
stay (its store is not to be reached or not to be written), its owner waits for it.
"""

from __future__ import annotations

from collections.abc import Collection as Group
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from servanda.inventory import Inventory, drifted, shape_digest
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable, UsageError
from servanda.kernel.predicate import Predicate
from servanda.plan import assemble
from servanda.plan.count import Counted, count
from servanda.plan.file import sealed
from servanda.plan.older import Older, digest
from servanda.plan.order import arrange, owned_by, sequence
from servanda.plan.retention import Rules, compile_rules
from servanda.plan.steps import Keep, Plan, Step, Verify, Write
from servanda.policy.rules import Policy
from servanda.stores.mapping import Collection, StoreConfig, Tenant
from servanda.stores.ownership import ties
from servanda.stores.port import Store

MOST_AT_ONCE = 8  # stores asked at the same time


@dataclass(slots=True)
class _Seen:
    """One store as found while planning."""

    config: StoreConfig
    shape: str = ""
    drift: Mapping[str, str] = field(default_factory=dict)
    counted: list[Counted] = field(default_factory=list)
    unreachable: bool = False


def build(
    policy: Policy,
    configs: Sequence[StoreConfig],
    stores: Mapping[str, Store | StoreUnreachable],
    now: datetime,
    lead: timedelta,
    *,
    mapping: str,
    held: Mapping[str, Predicate] | None = None,
    inventory: Inventory | None = None,
    tenants: Sequence[Tenant] = (),
    only: Group[str] | None = None,
    older: Sequence[Older] = (),
) -> Plan:
    """The plan for `now` (aware).

    `mapping`: digest of stores.yaml and packs. `held`: from `plan.holds.hold_predicates`.
    `inventory`: one just taken, to spare another look at the shapes. `only`: names of stores or
    ids of collections; what they own is planned along. `older`: limits that still hold for who has
    not accepted what raised them. Raises UsageError for a name in `only`
    that is not there, ServandaError for a collection that no rule decides about.
    """
    collections = [c for config in configs for c in config.collections]
    chosen = _chosen(collections, only)
    rules = {
        c.id: compile_rules(policy, c, lead, tenants, older)
        for c in collections
        if c.id in chosen and c.exempt is None
    }

    owning = {tie.upper for tie in ties(collections)}

    def see(config: StoreConfig) -> _Seen:
        store = stores.get(config.name)
        return _see(config, store, rules, chosen, held or {}, inventory, now, owning)

    wanted = [c for c in configs if any(each.id in chosen for each in c.collections)]
    with ThreadPoolExecutor(max_workers=max(1, min(MOST_AT_ONCE, len(wanted)))) as pool:
        seen = list(pool.map(see, wanted))
    return sealed(
        Plan(
            made_at=now,
            as_of=now,
            policy=policy.digest,
            mapping=mapping,
            shapes=tuple((s.config.name, s.shape) for s in seen if s.shape),
            steps=tuple(_steps(seen, collections, policy, now)),
            unreachable=tuple(s.config.name for s in seen if s.unreachable),
            terms=digest(older),
        )
    )


def _chosen(collections: Sequence[Collection], only: Group[str] | None) -> set[str]:
    known = {c.id for c in collections}
    if only is None:
        return known
    for name in only:
        if name not in known and not any(c.store == name for c in collections):
            raise UsageError(f'there is no store or collection "{name}"', "see stores.yaml")
    owns = owned_by(collections)
    chosen: set[str] = set()
    todo = [c.id for c in collections if c.id in only or c.store in only]
    while todo:
        id_ = todo.pop()
        if id_ not in chosen:
            chosen.add(id_)
            todo += owns[id_]
    return chosen


def _see(
    config: StoreConfig,
    store: Store | StoreUnreachable | None,
    rules: Mapping[str, Rules],
    chosen: set[str],
    held: Mapping[str, Predicate],
    inventory: Inventory | None,
    now: datetime,
    owning: Group[str],
) -> _Seen:
    seen = _Seen(config)
    if store is None or isinstance(store, StoreUnreachable):
        seen.unreachable = True
        return seen
    try:
        seen.shape, seen.drift = _shape(config, store, inventory)
        for each in config.collections:
            if each.id in chosen:
                rule, holds = rules.get(each.id), held.get(each.id)
                counted = count(store, each, rule, holds, now, owning=each.id in owning)
                seen.counted.append(counted)
    except StoreUnreachable:
        return _Seen(config, unreachable=True)
    except (Drift, StoreRefused, StoreBusy) as error:  # its shape cannot be read
        seen.counted = [
            Counted(c, rules.get(c.id), trouble=str(error))
            for c in config.collections
            if c.id in chosen
        ]
    return seen


def _shape(
    config: StoreConfig, store: Store, inventory: Inventory | None
) -> tuple[str, Mapping[str, str]]:
    found = inventory.store(config.name) if inventory is not None else None
    if found is not None and not found.unreachable:
        return found.shape, dict((*found.missing, *found.drifted))
    shape = store.shape()
    return shape_digest(config, shape), drifted(config, shape)


def _steps(
    seen: Sequence[_Seen], collections: Sequence[Collection], policy: Policy, now: datetime
) -> Iterator[Step]:
    owns = owned_by(collections)
    by_id = {c.collection.id: (s, c) for s in seen for c in s.counted}
    lost = {c.id for s in seen if s.unreachable for c in s.config.collections}
    writes: list[Write] = []
    keeps: list[Keep] = []
    verifies: list[Verify] = []
    for id_ in sequence(owns):
        if id_ not in by_id:
            continue
        store, counted = by_id[id_]
        stays = _stays(store, counted, sorted(owns[id_] & lost), policy)
        if stays is not None:
            keeps.append(stays)
            if stays.reason in ("shape", "partner"):
                lost.add(id_)
        else:
            writes += assemble.writes(counted, policy, now)
        keeps += assemble.keeps(counted, policy, now)
        check = assemble.verify(counted, policy)
        if check is not None and id_ not in store.drift and not counted.trouble:
            verifies.append(check)
    yield from arrange(writes, collections)
    yield from keeps
    yield from verifies


def _stays(seen: _Seen, counted: Counted, waits_for: list[str], policy: Policy) -> Keep | None:
    """Why nothing may be written to the collection, or None when it may."""
    id_, rules = counted.collection.id, counted.rules
    promises = assemble.promised(rules, policy) if rules else ()
    due = assemble.due(counted)
    exempt = counted.collection.exempt
    why = seen.drift.get(id_) or counted.trouble
    if why:
        return assemble.keep(counted, "shape", due, (f"only read: {why}",), promises)
    if exempt is not None:
        because = f"no rule until {exempt.until}: {exempt.reason} ({exempt.owner})"
        return assemble.keep(counted, "exempt", counted.tally("total"), (because,))
    if seen.config.mode == "verify":
        because = "this store is only measured, never written (mode: verify)"
        return assemble.keep(counted, "verify", due, (because,), promises)
    if waits_for and due.count:
        because = f"wait for what they own in {', '.join(waits_for)}, which cannot be removed now"
        return assemble.keep(counted, "partner", due, (because,), promises)
    return None
