"""The records of one collection, in the order of their keys, in memory that does not grow.

Keys are asked for in runs, set-based, and each run is sorted here: so the whole is sorted, and
nothing but one run is held. A run that turns out heavy (long texts) is read again in halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from servanda.kernel.predicate import Among, Predicate
from servanda.plan.find import Key
from servanda.publish.package.choice import Portion
from servanda.stores.port import Row, Store

_FIRST, _MOST = 64, 4_096  # keys in a run
_LIGHT, _HEAVY = 1 << 20, 32 << 20  # bytes of text in a run


@dataclass(frozen=True, slots=True)
class Found:
    """One record: its key, the values of what was asked for, and the fields that stay hidden."""

    key: Key
    values: Row
    hide: tuple[str, ...]


_Wanted = Sequence[tuple[Key, tuple[str, ...]]]


def read(store: Store, portion: Portion, names: Sequence[str]) -> Iterator[Found]:
    """Records that went since they were found are passed over."""
    keys = portion.ordered()
    # Without an engine that looks keys up, each run walks over the whole collection.
    size = _FIRST if store.transactional else _MOST
    while run := list(islice(keys, size)):
        weight = 0
        for found, own in _run(store, portion, names, run):
            weight += own
            yield found
        if weight < _LIGHT:
            size = min(_MOST, size * 8)
        elif weight > _HEAVY:
            size = max(_FIRST, size // 8)


def asking(names: Sequence[str], keys: Iterable[Key]) -> Predicate:
    """True of exactly the records with one of these keys."""
    return Among(tuple(names), tuple(keys))


def _run(
    store: Store, portion: Portion, names: Sequence[str], run: _Wanted
) -> Iterator[tuple[Found, int]]:
    found = _fetched(store, portion, names, run)
    if found is None:
        middle = len(run) // 2
        yield from _run(store, portion, names, run[:middle])
        yield from _run(store, portion, names, run[middle:])
        return
    yield from found


def _fetched(
    store: Store, portion: Portion, names: Sequence[str], run: _Wanted
) -> list[tuple[Found, int]] | None:
    """The records of the run in its order; None where they are too heavy to hold at once."""
    width = len(portion.named_by)
    place = {key: number for number, (key, _) in enumerate(run)}
    where = asking(portion.named_by, [key for key, _ in run])
    found: list[tuple[int, Row, int]] = []
    total = 0
    for row in store.rows(portion.collection, where, (*portion.named_by, *names)):
        number = place.get(row[:width])
        if number is None:
            continue
        own = sum(len(each) for each in row if isinstance(each, str | bytes))
        total += own
        if total > _HEAVY and len(run) > 1:
            return None
        found.append((number, row, own))
    found.sort(key=lambda each: each[0])
    return [(Found(row[:width], row[width:], run[number][1]), own) for number, row, own in found]
