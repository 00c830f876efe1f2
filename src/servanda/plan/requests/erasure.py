"""What an erasure comes to: records that go, fields that go where the record stays, and what stays.

The harm: a record that goes although somebody else owns it, a law wants it kept, or a hold covers
it; or one that stays and is not told. So each record found ends in exactly one lot or in at least
one `Kept`, with its reason. tests/plan/requests/test_erasure.py guards this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Predicate
from servanda.plan.erasing import changes
from servanda.plan.find import Branch, Key, Tree
from servanda.plan.requests.classes import Class, Sorted, sort
from servanda.plan.requests.ground import Ground
from servanda.plan.requests.model import Deed, Kept, Lot, Reason, Wish
from servanda.plan.requests.renaming import together
from servanda.stores.mapping import RENAMED, Collection, Erasure, FilePart, SetNull

_Erase = tuple[tuple[str, Erasure], ...]
_Kind = tuple[str, Deed, _Erase, tuple[tuple[str, str], ...], Predicate]
_Staying = tuple[str, str, Reason, datetime | None, str, tuple[str, ...]]


@dataclass
class Gathered:
    """Lots and reasons while they are put together, in the order in which they were met."""

    lots: dict[_Kind, dict[str, list[Key]]] = field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[_Staying, list[Key]] = field(default_factory=dict)

    def act(
        self,
        ref: str,
        collection: str,
        deed: Deed,
        condition: Predicate,
        keys: Iterable[Key],
        erase: _Erase = (),
        correct: tuple[tuple[str, str], ...] = (),
    ) -> None:
        kind = (collection, deed, erase, correct, condition)
        self.lots.setdefault(kind, {}).setdefault(ref, []).extend(keys)

    def keep(
        self,
        ref: str,
        collection: str,
        reason: Reason,
        keys: Iterable[Key],
        until: datetime | None = None,
        ground: str = "",
        fields: tuple[str, ...] = (),
    ) -> None:
        what = (ref, collection, reason, until, ground, fields)
        self.kept.setdefault(what, []).extend(keys)

    def all_lots(self) -> Iterator[Lot]:
        for (collection, deed, erase, correct, condition), by in self.lots.items():
            asked = tuple((ref, tuple(keys)) for ref, keys in by.items())
            fields = self.fields[collection]
            yield Lot(collection, deed, fields, asked, erase, correct, condition)

    def all_kept(self) -> Iterator[Kept]:
        for (ref, collection, reason, until, ground, fields), keys in self.kept.items():
            yield Kept(ref, collection, reason, tuple(keys), until, ground, fields)


def erase(found: Sequence[tuple[Wish, Tree]], ground: Ground, gathered: Gathered) -> None:
    """Adds what these erasures come to. A store that fails on the way is silent from then on."""
    met: dict[str, list[tuple[Wish, Branch]]] = {}
    for wish, tree in found:
        for branch in tree.branches:
            met.setdefault(branch.collection, []).append((wish, branch))
    for id_, branches in met.items():
        collection = ground.collection(id_)
        gathered.fields[id_] = branches[0][1].named_by
        open_: list[tuple[Wish, Branch]] = []
        barred = ground.only_read(collection)
        theirs = ground.is_processor(collection)
        for wish, branch in branches:
            reason, said = _barred(wish, branch, collection, barred, theirs)
            if reason is None:
                open_.append((wish, branch))
            else:
                gathered.keep(wish.ref, id_, reason, branch.keys, ground=said)
        if open_:
            _sorted_in(collection, open_, ground, gathered)
    together(gathered, ground)


def _barred(
    wish: Wish, branch: Branch, collection: Collection, barred: str, theirs: bool
) -> tuple[Reason | None, str]:
    """Why nothing is done to any record of the branch, and the ground that was decided.
    `theirs`: customers decide about the collection."""
    spared = dict(wish.spare).get(collection.activity or "")
    if spared is not None:
        return "ground", spared
    if branch.tenant is None:
        return "tenant", ""
    if theirs and branch.tenant and wish.subject.tenant is None:
        return "customer", branch.tenant
    for why in ("waits", "contested"):
        if why in branch.why:
            return ("waits" if why == "waits" else "contested"), ""
    known: Mapping[str, Reason] = {"verify": "verify", "shape": "shape", "waits": "waits"}
    return known.get(barred), ""


def _sorted_in(
    collection: Collection,
    branches: Sequence[tuple[Wish, Branch]],
    ground: Ground,
    gathered: Gathered,
) -> None:
    fields = branches[0][1].named_by
    keys = tuple(dict.fromkeys(key for _, branch in branches for key in branch.keys))
    store = ground.store(collection.store)
    held = ground.held.get(collection.id)
    zone = ground.configs[collection.store].zone
    try:
        if store is None:
            raise StoreUnreachable(collection.store, "it does not answer")
        found = sort(
            store, collection, ground.rules(collection), zone, fields, keys, held, ground.now
        )
    except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
        ground.silent[collection.store] = error.what
        for wish, branch in branches:
            gathered.keep(wish.ref, collection.id, "waits", branch.keys)
        return
    for wish, branch in branches:
        _one(collection, wish, branch, found, gathered)


def _one(
    collection: Collection, wish: Wish, branch: Branch, found: Sorted, gathered: Gathered
) -> None:
    classes: dict[Class, list[Key]] = {}
    held: list[Key] = []
    for key in branch.keys:
        if key in found.held:
            held.append(key)
        else:
            classes.setdefault(found.of(key), []).append(key)
    if held:
        gathered.keep(wish.ref, collection.id, "hold", held)
    for each, keys in classes.items():
        if branch.goes:
            _going(collection, wish.ref, each, keys, gathered)
        else:
            _staying(collection, wish.ref, branch, each, keys, gathered)


def _going(
    collection: Collection, ref: str, class_: Class, keys: list[Key], gathered: Gathered
) -> None:
    if not class_.floors and collection.emptied:
        found = changes(collection)
        gathered.act(ref, collection.id, "redact", class_.condition, keys, found.fields)
        if found.stays:
            gathered.keep(ref, collection.id, "fixed", keys, fields=found.stays)
        return
    if not class_.floors:
        gathered.act(ref, collection.id, "delete", class_.condition, keys)
        return
    found = changes(collection, class_.floors)
    law = "; ".join(dict.fromkeys(floor.ground for floor in class_.floors))
    if found.fields and can_redact(collection, found.fields):
        gathered.act(ref, collection.id, "redact", class_.condition, keys, found.fields)
        gathered.keep(ref, collection.id, "floor", keys, class_.until, law, found.covered)
        if found.stays:
            gathered.keep(ref, collection.id, "fixed", keys, class_.until, law, found.stays)
    else:
        gathered.keep(ref, collection.id, "floor", keys, class_.until, law)


def _staying(
    collection: Collection,
    ref: str,
    branch: Branch,
    class_: Class,
    keys: list[Key],
    gathered: Gathered,
) -> None:
    if branch.role != "accessor":
        gathered.keep(ref, collection.id, "others", keys)
    covered = {
        f.name
        for f in collection.fields
        if any(floor.covers_category(c) for floor in class_.floors for c in f.categories)
    }
    erase = tuple(
        (name, collection.field_named(name).erase or SetNull())
        for name in branch.redact
        if name not in covered
    )
    if erase and can_redact(collection, erase):
        gathered.act(ref, collection.id, "redact", class_.condition, keys, erase)
    elif erase:
        gathered.keep(ref, collection.id, "fixed", keys, fields=tuple(name for name, _ in erase))
    left = tuple(name for name in branch.redact if name in covered)
    if left:
        law = "; ".join(dict.fromkeys(floor.ground for floor in class_.floors))
        gathered.keep(ref, collection.id, "floor", keys, class_.until, law, left)


def can_redact(collection: Collection, erase: _Erase) -> bool:
    """Rows and the lines of logs can be changed. Messages only go whole, and so do files, but for
    their name."""
    if collection.files is not None and collection.files.lines is None:
        return all(
            collection.field_named(name).source == FilePart("name") and how == RENAMED
            for name, how in erase
        )
    return collection.tabular or collection.files is not None
