"""Read the ledger: entries as a stream, all of them or those of one kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from servanda.kernel.errors import UsageError
from servanda.ledger.entries import Entry, from_micros, to_micros
from servanda.state.connection import guard
from servanda.state.models import Leaf

_AT_ONCE = 2_000
_STRETCH = 20_000  # places of the ledger looked at in one query, where most are of other kinds


def entries(
    kind: str | Iterable[str] | None = None,
    until: datetime | None = None,
    since_index: int = 0,
) -> Iterator[Entry]:
    """Entries by index, oldest first: of one kind or several, made at or before `until`, from
    `since_index` on. Streams; reading may go on while others append."""
    kinds = [kind] if isinstance(kind, str) else kind
    leaves = Leaf.objects.order_by("index")
    if kinds is not None:
        leaves = leaves.filter(kind__in=list(kinds))
    if until is not None:
        leaves = leaves.filter(at__lte=to_micros(until))
    # Pages rather than a cursor: a cursor would keep SQLite from tidying its log for so long.
    next_index = since_index
    while True:
        with guard():
            page = list(leaves.filter(index__gte=next_index)[:_AT_ONCE])
        yield from map(to_entry, page)
        if len(page) < _AT_ONCE:
            return
        next_index = page[-1].index + 1


def told(
    kinds: Iterable[str], first: int, beyond: int
) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
    """(index, moment, content) of the entries of these kinds from place `first` up to `beyond`.

    For who reads few of very many: stretch by stretch, so that each query stays within the index
    of kinds, and nothing is kept but the entry in hand.
    """
    wanted = list(kinds)
    for start in range(first, beyond, _STRETCH):
        leaves = Leaf.objects.filter(
            kind__in=wanted, index__gte=start, index__lt=min(start + _STRETCH, beyond)
        )
        with guard():
            page = list(leaves.order_by("index").values_list("index", "at", "entry"))
        for index, at, entry in page:
            yield index, from_micros(at), orjson.loads(bytes(entry))


def last(kind: str, until: datetime | None = None) -> Entry | None:
    """The newest entry of a kind, made at or before `until`."""
    leaves = Leaf.objects.filter(kind=kind).order_by("-index")
    if until is not None:
        leaves = leaves.filter(at__lte=to_micros(until))
    with guard():
        leaf = leaves.first()
    if leaf is None:
        return None
    return to_entry(leaf)


def newest(kind: str, limit: int) -> list[Entry]:
    """The newest entries of a kind, the last first."""
    with guard():
        return [
            to_entry(leaf) for leaf in Leaf.objects.filter(kind=kind).order_by("-index")[:limit]
        ]


def to_entry(leaf: Leaf) -> Entry:
    """A row as an entry."""
    raw = bytes(leaf.entry)
    return Entry(leaf.index, leaf.kind, from_micros(leaf.at), json.loads(raw), raw)


def at(index: int) -> Entry:
    """The entry at that place; UsageError when the ledger does not reach so far."""
    with guard():
        leaf = Leaf.objects.filter(index=index).first()
    if leaf is None:
        raise UsageError(f"the ledger has no entry {index}")
    return to_entry(leaf)


def size_at(until: datetime) -> int:
    """How many entries were made at or before `until`. Time never runs back in the ledger."""
    with guard():
        leaf = Leaf.objects.filter(at__lte=to_micros(until)).order_by("-at", "-index").first()
    return 0 if leaf is None else leaf.index + 1


def raw_leaves(upto: int | None = None) -> Iterator[list[bytes]]:
    """The bytes of every entry in order, a page at a time; `upto` entries where given."""
    for page in rows(upto):
        yield [entry for _, _, _, entry in page]


def rows(upto: int | None = None) -> Iterator[list[tuple[int, str, int, bytes]]]:
    """(index, kind, at, entry) of every leaf in order, a page at a time."""
    next_index = 0
    while True:
        leaves = Leaf.objects.filter(index__gte=next_index).order_by("index")
        if upto is not None:
            leaves = leaves.filter(index__lt=upto)
        with guard():
            page = [
                (index, kind, at, bytes(entry))
                for index, kind, at, entry in leaves.values_list("index", "kind", "at", "entry")[
                    :_AT_ONCE
                ]
            ]
        if page:
            yield page
        if len(page) < _AT_ONCE:
            return
        next_index = page[-1][0] + 1
