"""Look for entries: by kind, by day, by a number or word they hold, by place.

A ledger may hold millions of entries, so a search goes by the indexes alone (place, kind with
place, time) and reads at most `MOST_READ` entries for a word; then it says where to go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from servanda.ledger.entries import Entry, from_micros, to_micros
from servanda.ledger.history import to_entry
from servanda.state.connection import guard
from servanda.state.models import Leaf

MOST_READ = 10_000
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """Entries, the newest first. `before`: go on from there for more, None at the end.
    `looked`: how many entries were read."""

    entries: tuple[Entry, ...]
    before: int | None
    looked: int


def search(
    *,
    kind: str = "",
    text: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Found:
    """Entries made from `since` to before `until` that hold `text` (as it stands in them)."""
    wanted = text.encode()
    low, high = _between(since, until, before)
    found: list[Entry] = []
    looked = 0
    at = high
    for index, of_kind, micros, stored in _newest_first(kind, low, high):
        if len(found) == limit or looked == MOST_READ:
            return Found(tuple(found), at, looked)
        looked += 1
        at = index
        raw = bytes(stored)
        if wanted in raw:
            found.append(Entry(index, of_kind, from_micros(micros), json.loads(raw), raw))
    return Found(tuple(found), None, looked)


def newest(kinds: tuple[str, ...], most: int) -> Iterator[Entry]:
    """The newest entries of some kinds, the newest first, `most` at most of each."""
    pages = []
    for kind in kinds:  # one question a kind: several in one would be answered by a long scan
        with guard():
            pages.append(list(Leaf.objects.filter(kind=kind).order_by("-index")[:most]))
    yield from map(to_entry, merge(*pages, key=lambda leaf: leaf.index, reverse=True))


def _between(
    since: datetime | None, until: datetime | None, before: int | None
) -> tuple[int, int | None]:
    """The first place, and the one before which to look: time never runs back in the ledger."""
    low = 0 if since is None else _first_from(since)
    high = before
    if until is not None:
        end = _first_from(until)
        high = end if high is None else min(high, end)
    return low, high


def _first_from(moment: datetime) -> int:
    """The place of the first entry made at or after a moment, or the ledger's size."""
    earlier = Leaf.objects.filter(at__lt=to_micros(moment)).order_by("-at", "-index")
    with guard():
        last = earlier.values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def _newest_first(
    kind: str, low: int, high: int | None
) -> Iterator[tuple[int, str, int, bytes | memoryview]]:
    """(index, kind, at, entry) as they are stored; making objects of all would take thrice as
    long."""
    leaves = Leaf.objects.filter(index__gte=low).order_by("-index")
    if kind:
        leaves = leaves.filter(kind=kind)
    while True:
        page = leaves if high is None else leaves.filter(index__lt=high)
        with guard():
            got = list(page.values_list("index", "kind", "at", "entry")[:_AT_ONCE])
        yield from got
        if len(got) < _AT_ONCE:
            return
        high = got[-1][0]
