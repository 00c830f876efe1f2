"""Reading is set-based, in order, exact, and holds one run of records at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servanda.kernel.errors import StoreUnreachable
from servanda.publish.package import reading
from servanda.publish.package.choice import Portion, Slice
from servanda.stores.mapping import Collection
from tests.plan.find.town import table, town

KEYED = table("calls", "text", key=("day", "number"))
KEYLESS = table("notes", "who", "text", key=())
ROWS = {
    "crm.calls": [(d, n, f"{d}-{n}") for d in ("mon", "tue") for n in (1, 2, 3)],
    "crm.notes": [("ann", "x"), ("ann", None), (None, "x"), ("ann", ""), ("ann", "x")],
}


class Counting:
    """The real store, with its reads counted."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads = 0
        self.transactional = store.transactional

    def rows(self, *args: Any, **options: Any) -> Iterator[Any]:
        self.reads += 1
        yield from self._store.rows(*args, **options)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Counting]:
    with town(tmp_path, [KEYED, KEYLESS], ROWS) as made:
        found = made.stores["crm"]
        assert not isinstance(found, StoreUnreachable)
        yield Counting(found)


def portion(collection: Collection, named_by: tuple[str, ...], *keys: Any) -> Portion:
    return Portion(collection, None, named_by, (Slice(keys, ()),))


def test_a_key_of_two_fields_finds_its_record_and_no_neighbour(store: Counting) -> None:
    wanted = portion(KEYED, ("day", "number"), ("mon", 1), ("tue", 2))
    found = list(reading.read(store, wanted, ("text",)))  # type: ignore[arg-type]
    assert [each.values for each in found] == [("mon-1",), ("tue-2",)]
    assert store.reads == 1


def test_records_without_a_key_are_found_by_all_they_say(store: Counting) -> None:
    wanted = portion(KEYLESS, ("who", "text"), ("ann", None), ("ann", "x"))
    found = list(reading.read(store, wanted, ()))  # type: ignore[arg-type]
    assert [each.key for each in found] == [("ann", None), ("ann", "x"), ("ann", "x")]


def test_what_went_meanwhile_is_passed_over(store: Counting) -> None:
    wanted = portion(KEYED, ("day", "number"), ("mon", 1), ("sun", 9))
    assert len(list(reading.read(store, wanted, ()))) == 1  # type: ignore[arg-type]


def test_many_records_take_few_reads_and_keep_their_order(tmp_path: Path) -> None:
    big = table("big", "text")
    with town(tmp_path, [big], {"crm.big": [(n, f"t{n}") for n in range(10_000)]}) as made:
        store = Counting(made.stores["crm"])
        wanted = portion(big, ("id",), *((n,) for n in range(0, 10_000, 2)))
        found = list(reading.read(store, wanted, ("text",)))  # type: ignore[arg-type]
    assert [each.key for each in found] == [(n,) for n in range(0, 10_000, 2)]
    assert store.reads <= 4


def test_heavy_records_are_read_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_HEAVY", 10_000)
    heavy = table("heavy", "text")
    with town(tmp_path, [heavy], {"crm.heavy": [(n, "x" * 3_000) for n in range(16)]}) as made:
        store = Counting(made.stores["crm"])
        held = 0
        real = reading._fetched

        def fetched(*args: Any) -> Any:
            nonlocal held
            found = real(*args)
            held = max(held, len(found or ()))
            return found

        monkeypatch.setattr(reading, "_fetched", fetched)
        wanted = portion(heavy, ("id",), *((n,) for n in range(16)))
        found = list(reading.read(store, wanted, ("text",)))  # type: ignore[arg-type]
    assert [each.key for each in found] == [(n,) for n in range(16)]
    assert 1 <= held <= 3
