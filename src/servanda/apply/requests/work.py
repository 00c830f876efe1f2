"""One store's part: do it, record it, commit it, and find out what truly went.

A store with transactions does all its lots in one, so that a person is gone from it or still
there, and nothing between. Others do them one after the other, each idempotent, the owned first;
after a crash they are done again, and evidence is made to say what went.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial, reduce

from servanda.apply import keysets
from servanda.apply.boundaries import reach
from servanda.apply.record import HoldsChanged
from servanda.apply.requests import record
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.record import Held
from servanda.apply.retry import patiently
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import (
    NOTHING,
    Among,
    Compare,
    Everything,
    Not,
    Predicate,
    all_of,
    any_of,
    negate,
)
from servanda.plan.erasing import not_erased
from servanda.plan.find import Key
from servanda.plan.requests.model import Lot
from servanda.stores.mapping import Pseudonym
from servanda.stores.port import (
    Action,
    CorrectRows,
    DeleteRows,
    Keys,
    RedactRows,
    Store,
    Together,
    Work,
)

NO_KEYS = Keys("json", b"", 0)
_ROWS = 1_000  # of a window, in stores without transactions


def work(
    actor: Actor,
    held: Held,
    part: int,
    name: str,
    lots: Sequence[Lot],
    begins: Callable[[], None] = lambda: None,
) -> list[Keys]:
    """Do the part; for each lot, the keys of what truly went. Raises the stores' errors.
    `begins` is called when the store goes to work."""
    store = actor.writer(name)
    before = record.known(held.run, part, lots, actor.site.master)
    if isinstance(store, Together):
        done = _at_once(actor, held, part, store, lots, begins)
    else:
        begins()
        done = [
            _one_by_one(actor, held, part, store, lots, number, lot)
            for number, lot in enumerate(lots)
        ]
    reach("after-commit")
    return settle(actor, held, part, name, lots) if any(before) else done


def settle(actor: Actor, held: Held, part: int, name: str, lots: Sequence[Lot]) -> list[Keys]:
    """After an interruption: of all that evidence ever named, what the store says is gone. Where
    the latest evidence says otherwise, it is corrected. Changes nothing in the store."""
    store = actor.writer(name)
    found = record.known(held.run, part, lots, actor.site.master)
    gone = [
        _gone(actor, store, lot, reduce(keysets.union, each)) if each else NO_KEYS
        for lot, each in zip(lots, found, strict=True)
    ]
    latest = [each[-1] if each else NO_KEYS for each in found]
    if not all(keysets.equal(one, other) for one, other in zip(latest, gone, strict=True)):
        record.superseded(held, part, lots, gone, master=actor.site.master, now=actor.site.now())
    return gone


def _at_once(
    actor: Actor,
    held: Held,
    part: int,
    store: Together,
    lots: Sequence[Lot],
    begins: Callable[[], None],
) -> list[Keys]:
    stop = threading.Event()
    while True:
        holds = actor.shield.now()
        works = [_work(actor, lot, holds.covered(lot.collection)) for lot in lots]
        try:
            with patiently(partial(store.together, works, begins), stop) as bundle:
                reach("after-store-work")
                if not any(keys.count for keys in bundle.keys):
                    return list(bundle.keys)
                record.prepared(
                    held,
                    part,
                    lots,
                    bundle.keys,
                    master=actor.site.master,
                    now=actor.site.now(),
                    holds_version=holds.version,
                )
                reach("after-record")
                bundle.commit()
                return list(bundle.keys)
        except HoldsChanged:
            continue  # rolled back; once more, without what is held now


def _one_by_one(
    actor: Actor, held: Held, part: int, store: Store, lots: Sequence[Lot], number: int, lot: Lot
) -> Keys:
    stop = threading.Event()
    done = NO_KEYS
    for bounds in store.split(_work(actor, lot, NOTHING), _ROWS):
        while True:
            holds = actor.shield.now()
            work = _work(actor, lot, holds.covered(lot.collection))
            try:
                with patiently(partial(store.open, work, bounds, work.target), stop) as window:
                    reach("after-store-work")
                    if not window.keys.count:
                        break
                    keys = [Keys(window.keys.encoding, b"", 0)] * len(lots)
                    keys[number] = window.keys
                    record.prepared(
                        held,
                        part,
                        lots,
                        keys,
                        master=actor.site.master,
                        now=actor.site.now(),
                        holds_version=holds.version,
                    )
                    reach("after-record")
                    window.commit()
                    done = keysets.union(done, window.keys)
                    break
            except HoldsChanged:
                continue
    return done


def _gone(actor: Actor, store: Store, lot: Lot, keys: Keys) -> Keys:
    """Those of the recorded keys that have the effect now, as the store itself says."""
    return keysets.minus(keys, store.present(_work(actor, lot, NOTHING), keys))


def _work(actor: Actor, lot: Lot, held: Predicate) -> Work:
    collection = actor.site.collection(lot.collection)
    target = all_of([Among(lot.fields, lot.keys), lot.condition, negate(held)])
    keyed = any(isinstance(erasure, Pseudonym) for _, erasure in lot.erase)
    key = actor.site.pseudonym_key if keyed else b""
    return Work(collection, _action(lot), target, None, key)


def _action(lot: Lot) -> Action:
    match lot.deed:
        case "delete":
            return DeleteRows()
        case "redact":
            return RedactRows(lot.erase)
        case "correct":
            return CorrectRows(lot.correct)


def absent(actor: Actor, name: str, lots: Sequence[Lot], gone: Sequence[Keys]) -> None:
    """A separate reader looks for what went. StoreRefused if something is there."""
    reader = actor.reader(name)
    for lot, keys in zip(lots, gone, strict=True):
        if keys.count and reader.present(_work(actor, lot, NOTHING), keys).count:
            raise StoreRefused(
                f"{lot.collection}: records that went are there again",
                "see what writes them back (a replica, a sync), and act on the request again",
            )


def lacking(actor: Actor, name: str, lot: Lot, gone: Keys) -> set[Key]:
    """Those of the lot's records that lack the effect, by their names in the plan. Where as many
    went as were to go, nothing needs to be asked."""
    if lot.deed == "delete" and gone.count >= len(lot.keys):
        return set()
    return outstanding(actor, lot)


def outstanding(actor: Actor, lot: Lot) -> set[Key]:
    """The records of the lot to which it is not done yet: there still, or not as they should be."""
    collection = actor.site.collection(lot.collection)
    this = all_of([Among(lot.fields, lot.keys), _without(lot)])
    return set(actor.reader(collection.store).rows(collection, this, lot.fields))


def _without(lot: Lot) -> Predicate:
    match lot.deed:
        case "delete":
            return Everything()
        case "redact":
            return any_of(not_erased(name, erasure) for name, erasure in lot.erase)
        case "correct":
            return any_of(Not(Compare(name, "=", value)) for name, value in lot.correct)
