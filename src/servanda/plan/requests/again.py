"""What came back with a restored backup: records whose marks stand among those that were erased.

The harm: a restored database counts its keys from an older number on, so a key that an erased
record once had may soon be somebody else's. So a number alone is never enough: the record must
also belong to somebody who was erased, by an identity in its fields or by what owns it. What is
not so supported is told, and stays. tests/apply/requests/test_replay.py guards this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from servanda.kernel.predicate import Everything, Scalar
from servanda.plan.find import Key
from servanda.plan.find.people import identities_in
from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie, by_key
from servanda.stores.port import Store

Named = Callable[[str, Sequence[Scalar]], bytes]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of the erased. `records`: marks by collection. `people`, `ties`: marks of
    identities, and of the values by which their records owned others. `strangers`: marks of
    records that stand under the key of an erased one and are not theirs, or may not be.
    `records` with the moment of the erasure."""

    records: Mapping[str, Mapping[bytes, datetime]]
    people: AbstractSet[bytes]
    ties: AbstractSet[bytes]
    strangers: AbstractSet[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Marker:
    """How records, identities and ties are marked; the same as when they were erased."""

    record: Named
    person: Callable[[str, str], bytes]
    tie: Callable[[str, Sequence[str], Sequence[Scalar]], bytes]


@dataclass
class Back:
    """Records of one collection that came back, and those of which only the key did."""

    keys: list[Key] = field(default_factory=list)
    doubtful: list[Key] = field(default_factory=list)


def back(
    store: Store,
    collection: Collection,
    owners: Sequence[tuple[Tie, Collection]],
    remembered: Remembered,
    marker: Marker,
) -> Back:
    """Read the collection once. `owners`: ties into it, with their upper side. Raises the store's
    errors."""
    marks = remembered.records.get(collection.id, {})
    found = Back()
    if not marks:
        return found
    named_by = collection.key or tuple(each.name for each in collection.fields)
    wanted = [*named_by, *(f for _, fields in collection.identify for f in fields)]
    wanted += [name for tie, _ in owners for name in tie.theirs]
    events = [clock.event for clock in collection.clocks]
    fields = tuple(dict.fromkeys((*wanted, *events)))
    place = {name: at for at, name in enumerate(fields)}
    for row in store.rows(collection, Everything(), fields):
        key = row[: len(named_by)]
        erased = marks.get(marker.record(collection.id, key))
        if erased is None:
            continue
        values = {name: row[at] for name, at in place.items()}
        if any(_after(values[event], erased) for event in events):
            found.doubtful.append(key)  # somebody who came back, or what happened since
            continue
        support = _speaking(key) or any(_supports(collection, values, owners, remembered, marker))
        (found.keys if support else found.doubtful).append(key)
    return found


def _after(happened: Scalar, erased: datetime) -> bool:
    return isinstance(happened, datetime) and happened > erased


def _speaking(key: Key) -> bool:
    """A key that no other record would get by counting: a customer's name beside a number, or
    two numbers, would come again."""
    return all(isinstance(part, str) and not part.isdigit() for part in key)


def _supports(
    collection: Collection,
    values: Mapping[str, Scalar],
    owners: Sequence[tuple[Tie, Collection]],
    remembered: Remembered,
    marker: Marker,
) -> Iterator[bool]:
    for kind, fields in collection.identify:
        for name in fields:
            for each in identities_in(collection, kind, name, values[name]):
                yield marker.person(kind, each) in remembered.people
    for tie, upper in owners:
        theirs = dict(zip(tie.ours, (values[name] for name in tie.theirs), strict=True))
        if by_key(tie, upper):
            owner = marker.record(upper.id, [theirs[name] for name in upper.key])
            if owner in remembered.strangers:
                continue  # the owner's number is somebody else's now, and so is this
            if upper.id != collection.id:  # its own kind's numbers are given again like its own
                yield owner in remembered.records.get(upper.id, {})
        joint = tuple(theirs.values())
        if _speaking(joint):
            yield marker.tie(upper.id, tie.ours, joint) in remembered.ties
