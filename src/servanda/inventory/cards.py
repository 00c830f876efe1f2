"""Card numbers in the stores: looked for in every declared field, counted, and never read out.

The danger: a search that copies what it finds. What guards it: what leaves a store is looked at in
memory and dropped; only a field's name and a count remain. A store that searches texts itself gives
only what may hold one; of any other every record is read. Fields that are declared as card numbers,
and those that are declared as not personal, are not looked at; neither are the contents of files.
Tests: tests/inventory/test_cards.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from servanda.kernel import cards
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.kernel.predicate import Everything
from servanda.policy import vocabulary
from servanda.stores.mapping import Collection, FilePart, StoreConfig
from servanda.stores.port import Row, Store, Suspecting

CARD = "pay.card_number"
PATTERN = "[0-9]([^0-9A-Za-z]{0,8}[0-9]){11}"
"""Twelve digits or more, whatever stands between them: what no card's number goes without."""


@dataclass(frozen=True, slots=True)
class Searched:
    """One collection. `found`: records that hold a number, by field. `why`: why it could not be
    searched, or blank."""

    collection: str
    found: tuple[tuple[str, int], ...] = ()
    why: str = ""

    @property
    def count(self) -> int:
        return sum(many for _, many in self.found)


def search(
    configs: Sequence[StoreConfig], stores: Mapping[str, Store | StoreUnreachable]
) -> list[Searched]:
    """Every mapped collection, in the order of stores.yaml."""
    return [
        _searched(stores.get(config.name), collection)
        for config in configs
        for collection in config.collections
    ]


def entry(searched: Sequence[Searched]) -> dict[str, Any]:
    """For the ledger: fields and counts; which collections could not be searched."""
    return {
        "found": {each.collection: dict(each.found) for each in searched if each.found},
        "searched": sum(not each.why for each in searched),
        "not_searched": [each.collection for each in searched if each.why],
    }


def summary(searched: Sequence[Searched]) -> str:
    """In plain text, what needs a person first."""
    lines = [
        f"  {each.collection}.{field}: {many:,} record{'' if many == 1 else 's'}"
        for each in searched
        for field, many in each.found
    ]
    if lines:
        lines.insert(0, "Card numbers were found. None may be held: erase or redact them.")
    else:
        lines.append("No card number was found in the declared fields.")
    lines += [f"  not searched: {each.collection}: {each.why}" for each in searched if each.why]
    return "\n".join(lines) + "\n"


def _searched(store: Store | StoreUnreachable | None, collection: Collection) -> Searched:
    if store is None or isinstance(store, StoreUnreachable):
        return Searched(collection.id, why="its store was not reached")
    fields = _fields(collection)
    if not fields:
        return Searched(collection.id)
    found: Counter[str] = Counter()
    try:
        for row in _rows(store, collection, fields):
            found.update(
                name
                for name, value in zip(fields, row, strict=True)
                if value is not None and cards.there(_text(value))
            )
    except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
        return Searched(collection.id, why=str(error))
    return Searched(collection.id, tuple((name, found[name]) for name in fields if found[name]))


def _fields(collection: Collection) -> list[str]:
    return [
        each.name
        for each in collection.fields
        if each.categories
        and not any(vocabulary.covers(CARD, category) for category in each.categories)
        and not (isinstance(each.source, FilePart) and each.source.part in ("size", "mtime"))
    ]


def _rows(store: Store, collection: Collection, fields: Sequence[str]) -> Iterator[Row]:
    if isinstance(store, Suspecting):
        return store.suspects(collection, fields, PATTERN)
    return store.rows(collection, Everything(), fields)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
