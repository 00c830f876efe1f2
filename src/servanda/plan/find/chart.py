"""What a search has to know of the mapping alone: made once for a workspace's collections, and
kept, since most searches are for one person and meet few records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servanda.plan.find.homonyms import one_per_person
from servanda.plan.find.sheets import Sheet
from servanda.plan.find.walk import Join, joins, sheets_of
from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie, reachable, ties

_KEPT = 8  # mappings; a process seldom has more than one


@dataclass(frozen=True, slots=True)
class Chart:
    """Of these collections. `searched`: those that a person can be led to, by id, and the store of
    each. `persons`: those in which a record is a person."""

    collections: tuple[Collection, ...]
    ties: tuple[Tie, ...]
    stores: tuple[str, ...]
    searched: dict[str, str]
    persons: frozenset[str]
    _sheets: dict[str, Sheet]  # without a record, always
    _joins: tuple[Join, ...]

    def laid_out(self) -> tuple[dict[str, Sheet], list[Join]]:
        """Sheets and joins for one search."""
        sheets = {id_: each.blank() for id_, each in self._sheets.items()}
        return sheets, [e.between(sheets[e.tie.upper], sheets[e.tie.lower]) for e in self._joins]


_charts: dict[tuple[int, ...], Chart] = {}


def chart(collections: Sequence[Collection]) -> Chart:
    """By the identity of the collections, which do not change; a chart holds them, so that no
    other ones come to have their ids."""
    at = tuple(map(id, collections))
    known = _charts.get(at)
    if known is None:
        if len(_charts) >= _KEPT:
            _charts.clear()
        known = _charts[at] = _made(tuple(collections))
    return known


def _made(collections: tuple[Collection, ...]) -> Chart:
    tied = ties(collections)
    sheets = sheets_of(collections, tied)
    return Chart(
        collections,
        tied,
        tuple(sorted({each.store for each in collections})),
        {id_: sheets[id_].collection.store for id_ in sorted(reachable(collections))},
        frozenset(one_per_person(sheets, tied)),
        sheets,
        tuple(joins(tied, sheets)),
    )
