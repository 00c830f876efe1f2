"""People with very many records, in memory that does not grow with them.

A search holds every record it meets, because who else owns it decides what becomes of it. For
collections at the end of a chain that question has one answer: whoever owns the record above owns
the record. Such a *tail* need not be searched; it is read when it is written, from the keys above.

The harm: a record given to somebody who does not own it, or hidden fields shown. So a tail is only
what hangs by exactly one owning tie on the whole key of the collection above, hides nothing,
recognises nobody, and has no customer; tests/publish/package/test_tails.py holds this way and the
search against each other. It is taken for large persons only, once a search has met too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from servanda.kernel.errors import StoreUnreachable
from servanda.kernel.predicate import Scalar
from servanda.plan.find import Subject, Tree, find
from servanda.plan.find.joints import Asked, asking, joint
from servanda.publish.package.choice import Given, Portion, Slice
from servanda.publish.package.reading import Found, read
from servanda.publish.package.spool import Spool
from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie, by_key, ties
from servanda.stores.port import Row, Store

LIMIT = 50_000  # records a search may meet before the tails are left to later
_AT_ONCE = 4_096  # values of the record above, in one read

Stores = Mapping[str, Store | StoreUnreachable]


@dataclass(frozen=True, slots=True)
class Tail:
    collection: Collection
    tie: Tie


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found of one person, and the tails that were not searched."""

    tree: Tree
    tails: tuple[Tail, ...] = ()

    def tail(self, collection: Collection) -> Tail | None:
        return next((each for each in self.tails if each.collection == collection), None)

    def above(self, tail: Tail) -> list[str]:
        """The collections through which a tail is reached."""
        found = [tail.tie.upper]
        for each in reversed(self.tails):
            if each.collection.id == found[-1]:
                found.append(each.tie.upper)
        return found


class _TooMany(Exception):
    pass


@dataclass
class _Counted:
    """A store that stops a search which meets too many records."""

    store: Store
    left: list[int]

    def rows(self, *args: Any, **options: Any) -> Iterator[Row]:
        for row in self.store.rows(*args, **options):
            self.left[0] -= 1
            if self.left[0] < 0:
                raise _TooMany
            yield row

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def gather(
    subject: Subject,
    collections: Sequence[Collection],
    stores: Stores,
    *,
    own: Iterable[tuple[str, str]] = (),
    limit: int = LIMIT,
) -> Gathered:
    """Search for one person; where that meets more than `limit` records, without the tails."""
    tails = tails_of(collections, stores)
    own = tuple(own)
    left = [limit]
    counted: Any = {
        name: each if isinstance(each, StoreUnreachable) else _Counted(each, left)
        for name, each in stores.items()
    }
    if tails:
        try:
            return Gathered(find([subject], collections, counted, own=own)[0])
        except _TooMany:
            pass
    (tree,) = find([subject], _without(collections, tails), stores, own=own)
    searched = sorted({*tree.searched, *(each.collection.id for each in tails)})
    return Gathered(replace(tree, searched=tuple(searched)), tails)


def tails_of(collections: Sequence[Collection], stores: Stores) -> tuple[Tail, ...]:
    """In an order in which what hangs on a tail comes after it."""
    known = {each.id: each for each in collections}
    every = ties(collections)
    into: dict[str, list[Tie]] = {}
    for tie in every:
        into.setdefault(tie.lower, []).append(tie)
    found = {
        id_: into[id_][0]
        for id_, each in known.items()
        if len(into.get(id_, ())) == 1 and _plain(each, into[id_][0], known, stores)
    }
    while True:
        kept = {
            id_: tie
            for id_, tie in found.items()
            if all(below.lower in found for below in every if below.upper == id_)
        }
        if len(kept) == len(found):
            break
        found = kept
    order: list[Tail] = []
    placed = {id_ for id_ in known if id_ not in found}
    while ready := [id_ for id_ in found if id_ not in placed and found[id_].upper in placed]:
        order += [Tail(known[id_], found[id_]) for id_ in ready]
        placed.update(ready)
    return tuple(order)


def _plain(each: Collection, tie: Tie, known: Mapping[str, Collection], stores: Stores) -> bool:
    store = stores.get(each.store)
    return (
        tie.owns
        and not tie.hide
        and not each.shared
        and tie.upper != each.id
        and by_key(tie, known[tie.upper])
        and not each.identify
        and each.tenant is None
        and getattr(store, "transactional", False)
    )


def _without(collections: Sequence[Collection], tails: Sequence[Tail]) -> list[Collection]:
    """The others. What a tail points at by its key is still a person each: see `homonyms`."""
    gone = {each.collection.id for each in tails}
    people = {each.tie.upper for each in tails}
    return [
        replace(each, one_per_person=True)
        if each.id in people and each.identify and each.one_per_person is None
        else each
        for each in collections
        if each.id not in gone
    ]


@dataclass
class Reader:
    """Reads tails. `folder`: where what does not fit into memory waits, encrypted."""

    gathered: Gathered
    collections: Sequence[Collection]
    stores: Mapping[str, Store]
    right: Given
    folder: Path
    _by_id: dict[str, Tail] = field(init=False)

    def __post_init__(self) -> None:
        self._by_id = {each.collection.id: each for each in self.gathered.tails}

    def records(self, tail: Tail, names: Sequence[str]) -> Iterator[Found]:
        """The person's records of a tail, in the order of the records above."""
        for row in self._rows(tail, tuple(names)):
            yield Found((), row, ())

    def _rows(self, tail: Tail, names: tuple[str, ...]) -> Iterator[Row]:
        store = self.stores[tail.collection.store]
        width = len(tail.tie.theirs)
        places = tuple(range(width))
        with Spool(self.folder) as spool:
            for values in self._above(tail.tie):
                spool.write(orjson.dumps([_kept(each) for each in values]) + b"\n")
            above = _lines(spool)
            while run := list(islice(above, _AT_ONCE)):
                asked = Asked({j: row for row in run if (j := joint(row, places)) is not None})
                for where in asking(tail.tie.theirs, asked.rows.values()):
                    for row in store.rows(tail.collection, where, (*tail.tie.theirs, *names)):
                        answer = joint(row, places)
                        if answer is not None and asked.of(answer, row[:width]) is not None:
                            yield row[width:]

    def _above(self, tie: Tie) -> Iterator[Row]:
        """What the person's records of the collection above are pointed at by."""
        tail = self._by_id.get(tie.upper)
        if tail is not None:
            yield from self._rows(tail, tie.ours)
            return
        collection = next(each for each in self.collections if each.id == tie.upper)
        for branch in self.gathered.tree.branches:
            if branch.collection != tie.upper:
                continue
            if self.right == "portability" and branch.role == "accessor":
                continue
            portion = Portion(collection, None, branch.named_by, (Slice(branch.keys, ()),))
            for found in read(self.stores[collection.store], portion, tie.ours):
                yield found.values


def _lines(spool: Spool) -> Iterator[Row]:
    rest = b""
    for piece in spool.pieces():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield tuple(_again(each) for each in orjson.loads(line))


def _kept(value: Scalar) -> Any:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case bytes():
            return {"hex": value.hex()}
        case int() if abs(value) >= 2**63:
            return {"integer": str(value)}
        case _:
            return value


def _again(value: Any) -> Scalar:
    match value:
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"integer": text}:
            return int(text)
        case _:
            found: Scalar = value
            return found
