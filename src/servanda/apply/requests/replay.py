"""After a restore: take out again what had been erased, from keyed hashes alone.

The danger: to take out somebody else's record, whose key is one that an erased record had; see
`plan.requests.again`. The work itself is that of any request: evidence first, holds respected,
absence proven. Tests: tests/apply/requests/test_replay.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from servanda import ledger, state
from servanda.apply.requests import marks
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.outcome import Acted
from servanda.apply.requests.run import act
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Among, all_of, any_of
from servanda.plan.erasing import not_erased
from servanda.plan.file import erasure_from_data
from servanda.plan.order import owned_by, sequence
from servanda.plan.requests.again import Back, Marker, Remembered, back
from servanda.plan.requests.build import ordered
from servanda.plan.requests.file import sealed
from servanda.plan.requests.model import Deed, Lot, RequestPlan, Silent
from servanda.state.connection import guard
from servanda.state.models import Erased
from servanda.stores.mapping import Collection, Erasure
from servanda.stores.ownership import ties
from servanda.stores.port import Store

REF = "replay"
_Kind = tuple[str, Deed, tuple[tuple[str, Erasure], ...]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """`found`: what had come back, by collection. `doubtful`: records that only share a key with
    an erased one. `left`: what had come back and is there still (held, or its store failed)."""

    acted: Acted | None
    found: Mapping[str, int]
    doubtful: Mapping[str, int]
    left: Mapping[str, int]
    silent: Mapping[str, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.left and not self.silent


def replay(since: datetime, actor: Actor, stores: Iterable[str] = ()) -> Replayed:
    """Look into every store (or these) for what was erased at or after `since`, take it out again,
    and look once more."""
    wanted = set(stores) or set(actor.site.configs)
    found, doubtful, silent = _look(since, actor, wanted)
    acted = None
    if any(each for each in found.values()):
        acted = act(_plan(actor, found, silent), actor)
    left, _, again = _look(since, actor, wanted - silent.keys())
    silent |= again
    result = Replayed(acted, _counts(found), doubtful, _counts(left), silent)
    with state.transaction():
        ledger.append(
            [
                {
                    "kind": "replay",
                    "since": since.isoformat(),
                    "stores": sorted(wanted),
                    "found": sum(result.found.values()),
                    "left": sum(result.left.values()),
                    "doubtful": sum(result.doubtful.values()),
                    "unreachable": sorted(silent),
                }
            ],
            now=actor.site.now(),
        )
    if actor.site.checkpoint is not None:
        actor.site.checkpoint()
    return result


def _look(
    since: datetime, actor: Actor, stores: Iterable[str]
) -> tuple[dict[_Kind, Back], dict[str, int], dict[str, str]]:
    """What came back, by what had been done to it; a record that was deleted in the end is only
    counted there. Owners before what they own, in every store: whether a number has been given
    to somebody else decides about all that hangs on it."""
    deeds, known = _remembered(since)
    marker = _marker(actor)
    collections = {
        each.id: each for config in actor.site.configs.values() for each in config.collections
    }
    into = ties(collections.values())
    found: dict[_Kind, Back] = {}
    doubtful: dict[str, int] = {}
    silent: dict[str, str] = {}
    gone: dict[str, set[tuple[object, ...]]] = {}
    strangers: set[bytes] = set()
    places = {id_: at for at, id_ in enumerate(sequence(owned_by(collections.values())))}
    order = sorted(deeds, key=lambda kind: (-places.get(kind[0], 0), kind[1] != "delete"))
    for kind in order:
        records = deeds[kind]
        collection = collections.get(kind[0])
        if collection is None:
            continue
        if collection.store in silent:
            strangers |= records.keys()  # nobody can say whose these numbers are
            continue
        owners = [(t, collections[t.upper]) for t in into if t.lower == collection.id and t.owns]
        by = {**known.records, collection.id: records}
        here = Remembered(by, known.people, known.ties, strangers)
        try:
            met = back(_reader(actor, collection), collection, owners, here, marker)
            strangers |= {marker.record(collection.id, key) for key in met.doubtful}
            met = _lacking(actor, collection, kind, met)
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            silent[collection.store] = error.what
            strangers |= records.keys()
            continue
        if collection.store not in stores:
            continue  # it was only looked at for what it owns
        already = gone.setdefault(collection.id, set())
        met.keys = [key for key in met.keys if key not in already]
        already.update(met.keys)
        found[kind] = met
        if met.doubtful:
            doubtful[collection.id] = doubtful.get(collection.id, 0) + len(met.doubtful)
    return {kind: met for kind, met in found.items() if met.keys}, doubtful, silent


def _lacking(actor: Actor, collection: Collection, kind: _Kind, met: Back) -> Back:
    """Of records that were redacted and stayed, those that are not redacted now."""
    every = (*met.keys, *met.doubtful)
    if kind[1] == "delete" or not every:
        return met
    named_by = collection.key or tuple(each.name for each in collection.fields)
    lacking = any_of(not_erased(name, erasure) for name, erasure in kind[2])
    this = all_of([Among(named_by, every), lacking])
    there = set(_reader(actor, collection).rows(collection, this, named_by))
    return Back(
        [key for key in met.keys if key in there], [key for key in met.doubtful if key in there]
    )


def _reader(actor: Actor, collection: Collection) -> Store:
    return actor.reader(collection.store)


def _remembered(since: datetime) -> tuple[dict[_Kind, dict[bytes, datetime]], Remembered]:
    deeds: dict[_Kind, dict[bytes, datetime]] = {}
    records: dict[str, dict[bytes, datetime]] = {}
    others: dict[str, set[bytes]] = {"identity": set(), "tie": set()}
    with guard():
        rows = list(Erased.objects.filter(at__gte=since).order_by("pk"))
    for row in rows:
        found = set(marks.unpacked(bytes(row.marks)))
        if row.deed in others:
            others[row.deed] |= found
            continue
        changes = tuple((name, erasure_from_data(data)) for name, data in row.changes)
        deed: Deed = "delete" if row.deed == "delete" else "redact"
        at = dict.fromkeys(found, row.at)
        deeds.setdefault((row.collection, deed, changes), {}).update(at)
        records.setdefault(row.collection, {}).update(at)
    return deeds, Remembered(records, others["identity"], others["tie"])


def _marker(actor: Actor) -> Marker:
    key = marks.mark_key(actor.site.master)
    return Marker(
        lambda collection, values: marks.mark(key, marks.named(collection, values)),
        lambda kind, normal: marks.mark(key, marks.identity_named(kind, normal)),
        lambda collection, fields, values: marks.mark(
            key, marks.tie_named(collection, fields, values)
        ),
    )


def _plan(actor: Actor, found: Mapping[_Kind, Back], silent: Mapping[str, str]) -> RequestPlan:
    lots = []
    shapes: dict[str, str] = {}
    for (id_, deed, erase), met in found.items():
        collection = actor.site.collection(id_)
        fields = collection.key or tuple(each.name for each in collection.fields)
        lots.append(Lot(id_, deed, fields, ((REF, tuple(met.keys)),), erase))
        config = actor.site.config(collection.store)
        shapes[collection.store] = actor.look(config, actor.writer(collection.store))[0]
    collections = [each for config in actor.site.configs.values() for each in config.collections]
    return sealed(
        RequestPlan(
            made_at=actor.site.now(),
            policy=actor.site.policy,
            mapping=actor.site.mapping,
            refs=(REF,),
            lots=ordered(lots, collections),
            kept=(),
            silent=tuple(Silent(store, why) for store, why in silent.items()),
            shapes=tuple(sorted(shapes.items())),
        )
    )


def _counts(found: Mapping[_Kind, Back]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for (id_, _, _), met in found.items():
        if met.keys:
            counts[id_] = counts.get(id_, 0) + len(met.keys)
    return counts
