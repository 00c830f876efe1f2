"""How many owners the records found have, whoever these are.

The harm: a record that is somebody else's too goes with the one person who asked. So every tie
into a record that was found is asked for owners outside of what was found, except where a value
can have one owner at most and that one is known. A store that does not answer may hold owners.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from servanda.plan.find.joints import Asked, Joint, asking, joint
from servanda.plan.find.model import Key
from servanda.plan.find.reader import Ask, Reader
from servanda.plan.find.sheets import Record
from servanda.plan.find.walk import Join
from servanda.stores.port import Row


@dataclass
class Owners:
    """For each tie that owns: how many records of the upper side share a value."""

    counts: dict[Join, dict[Joint, int]] = field(default_factory=dict)

    def count(self, reader: Reader, joins: Sequence[Join]) -> None:
        owning = [each for each in joins if each.tie.owns]
        reader.ask([ask for way in owning for ask in self._asks(way)])

    def of(self, way: Join, group: Joint) -> int:
        return self.counts[way].get(group, 0)

    def _asks(self, way: Join) -> Iterator[Ask]:
        counts = self.counts.setdefault(way, {})
        if way.unique:
            for record in way.upper.records.values():
                group = None if record.gone else way.above(record)
                if group is not None:
                    counts[group] = 1
        wanted: dict[Joint, Row] = {}
        groups: dict[Joint, Joint] = {}
        for record in _owned(way.lower.records.values()):
            group = way.group(record)
            if group is not None and group not in counts:
                counts[group] = 0
                plain = joint(record.values, way.down) or group
                wanted[plain] = tuple(record.values[place] for place in way.down)
                groups[plain] = group
        if not wanted:
            return
        asked, met = Asked(wanted), set[tuple[Key, Joint]]()
        keyless = not way.upper.collection.key
        fields = way.upper.named_by if keyless else ()
        place = tuple(range(len(fields), len(fields) + len(way.up)))

        def take(row: Row) -> None:
            answer = joint(row, place)
            plain = None if answer is None else asked.of(answer, row[len(fields) :])
            if plain is None:
                return
            if keyless:  # records that nothing tells apart are one
                if (row[: len(fields)], plain) in met:
                    return
                met.add((row[: len(fields)], plain))
            counts[groups[plain]] += 1

        for where in asking(way.tie.ours, wanted.values()):
            yield Ask(way.upper.collection, where, (*fields, *way.tie.ours), take)


def _owned(records: Iterable[Record]) -> Iterator[Record]:
    return (each for each in records if each.owned)
