"""What a correction or a withdrawn consent comes to: one new value wherever the old one lives.

The harm: the value of somebody else in the same record, or a second number of the same person,
overwritten. So a field that identifies people, or tells of one of several in a record, is only
changed where this person's identity stands there; what tells of the others is not.
Tests: tests/plan/requests/test_correcting.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from servanda.kernel import identity
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import (
    NOTHING,
    Among,
    Compare,
    Everything,
    Not,
    OneOf,
    Predicate,
    all_of,
)
from servanda.plan.find import Branch, Key, Tree
from servanda.plan.find.parties import parties
from servanda.plan.requests.erasure import Gathered
from servanda.plan.requests.ground import Ground
from servanda.plan.requests.model import Reason, Wish
from servanda.stores.mapping import Collection
from servanda.stores.port import Store

ENDING = ("withdraw", "object")
"""Rights by which a use ends: where a store records that somebody agreed to it, it says no."""
_Change = tuple[str, str]  # field, new value


def correct(found: Sequence[tuple[Wish, Tree]], ground: Ground, gathered: Gathered) -> None:
    """Adds what these corrections and withdrawals come to."""
    for wish, tree in found:
        for branch in tree.branches:
            if branch.role == "accessor":
                continue
            collection = ground.collection(branch.collection)
            gathered.fields[collection.id] = branch.named_by
            _cannot_say_no(wish, branch, collection, ground, gathered)
            changes = [each for each in _changes(wish, collection) if each[0] not in branch.hide]
            if not changes:
                continue
            theirs = ground.is_processor(collection) and wish.subject.tenant is None
            reason = _barred(branch, ground.only_read(collection), theirs)
            if reason is not None:
                said = branch.tenant or "" if reason == "customer" else ""
                gathered.keep(wish.ref, collection.id, reason, branch.keys, ground=said)
            else:
                _one(wish, branch, collection, changes, ground, gathered)


def _cannot_say_no(
    wish: Wish, branch: Branch, collection: Collection, ground: Ground, gathered: Gathered
) -> None:
    """A consent that the store records and in which nobody can write its end: a person has to end
    it in the product, so it is told and not passed over."""
    if wish.right not in ENDING:
        return
    for each in collection.consents:
        if wish.purpose in ("", each.purpose) and each.no is None:
            store = ground.store(collection.store)
            given: list[Predicate] = [
                Among(branch.named_by, branch.keys),
                OneOf(each.field, each.yes),
            ]
            try:
                keys = store.rows(collection, all_of(given), branch.named_by) if store else ()
                if found := list(keys):
                    gathered.keep(wish.ref, collection.id, "fixed", found, fields=(each.field,))
            except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
                ground.silent[collection.store] = error.what


def _barred(branch: Branch, only_read: str, theirs: bool) -> Reason | None:
    """`theirs`: a customer decides about the collection."""
    if "contested" in branch.why:
        return "contested"
    if branch.tenant is None:
        return "tenant"
    if theirs and branch.tenant:
        return "customer"
    known: Mapping[str, Reason] = {"verify": "verify", "shape": "shape", "waits": "waits"}
    return known.get(only_read)


def _changes(wish: Wish, collection: Collection) -> Iterator[_Change]:
    """The fields of the collection that the wish means, and their new values."""
    if wish.right in ENDING:
        for each in collection.consents:
            if wish.purpose in ("", each.purpose) and each.no is not None:
                yield each.field, each.no
        return
    for what, value in wish.corrections:
        for field in collection.fields:
            if what in field.categories or what == f"{collection.id}.{field.name}":
                yield field.name, value


def _one(
    wish: Wish,
    branch: Branch,
    collection: Collection,
    changes: Sequence[_Change],
    ground: Ground,
    gathered: Gathered,
) -> None:
    store = ground.store(collection.store)
    fixed = tuple(n for n, _ in changes if n in collection.key or not collection.tabular)
    if fixed:
        gathered.keep(wish.ref, collection.id, "fixed", branch.keys, fields=fixed)
    held = ground.held.get(collection.id, NOTHING)
    for name, value in changes:
        if name in fixed or store is None:
            continue
        try:
            meant, under = _meant(store, wish, branch, collection, (name, value), held)
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
            ground.silent[collection.store] = error.what
            gathered.keep(wish.ref, collection.id, "waits", branch.keys)
            return
        if under:
            gathered.keep(wish.ref, collection.id, "hold", under, fields=(name,))
        if meant:
            gathered.act(
                wish.ref, collection.id, "correct", Everything(), meant, correct=((name, value),)
            )


def _meant(
    store: Store,
    wish: Wish,
    branch: Branch,
    collection: Collection,
    change: _Change,
    held: Predicate,
) -> tuple[list[Key], list[Key]]:
    """The records whose field is this person's and has another value, and those of them that a
    hold covers. So what is done already is not told as outstanding."""
    name, value = change
    known_by = _known_by(collection, name)
    this = all_of([Among(branch.named_by, branch.keys), Not(Compare(name, "=", value))])
    width = len(branch.named_by)
    meant: list[Key] = []
    for row in store.rows(collection, this, (*branch.named_by, *(each for _, each in known_by))):
        values = zip(known_by, row[width:], strict=True)
        if not known_by or any(_is_theirs(wish, collection, *by, value) for by, value in values):
            meant.append(row[:width])
    under: set[Key] = set()
    if held != NOTHING:
        under = set(store.rows(collection, all_of([this, held]), branch.named_by))
    return [k for k in meant if k not in under], [k for k in meant if k in under]


def _known_by(collection: Collection, name: str) -> list[tuple[str, str]]:
    """(kind, field): what tells whose the field is, in a record of several persons."""
    itself = [(kind, name) for kind, names in collection.identify if name in names]
    theirs = (each.identifiers for each in parties(collection) if name in each.fields)
    return itself or [by for identifiers in theirs for by in identifiers]


def _is_theirs(wish: Wish, collection: Collection, kind: str, name: str, value: object) -> bool:
    """A text that merely names them holds other words too, and is not replaced by one value."""
    fold = identity.fold_of(kind, collection.region)
    found = identity.folded(fold, value) if (kind, name) not in collection.texts else None
    return found is not None and any(
        each_kind == kind and identity.folded(fold, each) == found
        for each_kind, each in wish.subject.identities
    )
