"""The persons one record tells of. A call has a caller and a callee, and is both people's.

Where the mapping says nothing: fields that are alone of their kind (an e-mail address, a number)
tell of one person; where a kind has several fields (`src`, `dst`), each stands for a person of its
own. So a doubt never lets a record go that may be somebody else's too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from servanda.stores.mapping import Collection


@dataclass(frozen=True, slots=True)
class Person:
    """One party of a record. `identifiers`: (kind, field). `fields`: all that tell of them;
    `traces`: those of them that can be erased."""

    name: str
    identifiers: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    traces: tuple[str, ...]


def parties(collection: Collection) -> tuple[Person, ...]:
    erasable = {f.name for f in collection.fields if f.erase is not None}
    known = [(kind, name) for kind, names in collection.identify for name in names]
    if collection.parties:
        groups: Mapping[str, tuple[str, ...]] = {p.name: p.fields for p in collection.parties}
    else:
        groups = _unsaid(collection)
    return tuple(
        Person(
            name,
            tuple(each for each in known if each[1] in fields),
            tuple(fields),
            tuple(each for each in fields if each in erasable),
        )
        for name, fields in groups.items()
    )


def _unsaid(collection: Collection) -> dict[str, tuple[str, ...]]:
    alone = tuple(names[0] for _, names in collection.identify if len(names) == 1)
    each = {f: (f,) for _, names in collection.identify if len(names) > 1 for f in names}
    return {**({"person": alone} if alone else {}), **each}
