"""The contract of the connector port: one suite that runs unchanged on every connector.

A connector's test module subclasses `StoreContract`, says what its stores can do, and makes a
collection out of `Record`s in `make`. Everything is judged from outside: `Made.raw` reads what is
in the store without the connector.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal, TypeAlias

import pytest

from servanda.kernel.errors import StoreRefused
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import (
    NOTHING,
    Among,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
    Within,
    all_of,
    any_of,
)
from servanda.stores.mapping import Collection, SetText
from servanda.stores.port import Action, CorrectRows, DeleteRows, Keys, RedactRows, Store, Work

Kind: TypeAlias = Literal["keyed", "composite", "text", "keyless"]

CUTOFF = datetime(2025, 6, 1, tzinfo=UTC)
EXPIRED: Predicate = ClockBy("recorded", CUTOFF)
ERASE = RedactRows((("person", SetText("erased")), ("note", SetText(""))))


@dataclass(frozen=True, slots=True)
class Record:
    """One record: an identity, when it was recorded, whose it is, and what was noted."""

    id: int
    recorded: datetime | None
    person: str
    note: str


@dataclass(frozen=True, slots=True)
class Made:
    """A collection that holds the records, and two ways of looking at it.

    The collection has the fields `person` and `note` and the clock `recorded`. `raw` reads
    everything of each record from outside, by the record's id; `read_only` opens the store again
    for reading only.
    """

    store: Store
    collection: Collection
    raw: Callable[[], Mapping[int, object]]
    read_only: Callable[[], Store]


def at(year: int, month: int = 1, day: int = 1, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


RECORDS = (
    Record(1, at(2024), "Anna O'Neill", "called about a laptop"),
    Record(2, at(2024, 2), "Bob", "called twice"),
    Record(3, at(2025, 5, 31), "anna o'neill", 'said "hello"; DROP TABLE x; --'),
    Record(4, at(2025, 6, 2), "Ødegård 王", "näher"),
    Record(5, at(2025, 12), "Bob", "called again 100%_\\"),
    Record(6, None, "Zoë", "never recorded"),
    Record(7, at(2023, 3), "Ødegård 王", "emoji 🎈 and ' quote"),
)


PEOPLE = (
    Record(1, at(2024), "Jo+news@X.Test", "call 028 9018-0001 back"),
    Record(2, at(2024, 2), "ann@x.test", "wrote to jo@x.test, who rang +44 28 9018 0001"),
    Record(3, at(2024, 3), "jo@x.test", "nothing but 028 9018 0002 and jo+a@x.test"),
    Record(4, at(2024, 4), "028 9018 0001", "jo@x.testing"),
    Record(5, at(2024, 5), "+442890180001", "12028901800019"),
)
_MANY = tuple(f"nobody{n}@x.test" for n in range(600))
IDENTITIES: tuple[Predicate, ...] = (
    Folded("person", "email", ("jo@x.test",)),
    Folded("person", "email", (*_MANY, "jo@x.test")),
    Folded("person", "phone:GB", ("+442890180001",)),
    Folded("person", "name", ("jo@x.test", "ann@x.test")),
    Within("note", "email", ("jo@x.test",)),
    Within("note", "phone:GB", ("+442890180001",)),
)


class StoreContract(ABC):
    can_redact: ClassVar[bool] = True
    can_correct: ClassVar[bool] = False
    can_keep_copies: ClassVar[bool] = True
    kinds: ClassVar[tuple[Kind, ...]] = ("keyed", "composite", "text", "keyless")

    @abstractmethod
    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        """A new store whose collection holds exactly these records."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Tests that ask for a `kind` run on every kind of collection that the connector knows."""
        if "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", self.kinds)

    # ── reading ───────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("where", [Everything(), NOTHING, EXPIRED, ClockMissing("recorded")])
    def test_tally_counts_and_dates(self, where: Predicate) -> None:
        with self.make("keyed", RECORDS) as made:
            tally = made.store.tally(made.collection, where, "recorded")
        meant = [r for r in RECORDS if _is(where, r)]
        moments = sorted(r.recorded for r in meant if r.recorded is not None)
        assert tally.count == len(meant)
        assert tally.oldest == (moments[0] if moments else None)
        assert tally.newest == (moments[-1] if moments else None)

    def test_predicates_mean_what_the_reference_says(self) -> None:
        with self.make("keyed", RECORDS) as made:
            tallies = made.store.tallies(made.collection, PREDICATES)
            found = [_persons(made, where) for where in PREDICATES]
        for where, tally, persons in zip(PREDICATES, tallies, found, strict=True):
            meant = [r for r in RECORDS if _is(where, r)]
            assert tally.count == len(meant), where
            assert persons == sorted(r.person for r in meant), where

    @pytest.mark.parametrize("where", IDENTITIES)
    def test_identities_are_found_however_they_are_written(self, where: Predicate) -> None:
        """A store may take in more than is meant; whoever reads it compares again."""
        with self.make("keyed", PEOPLE) as made:
            found = list(made.store.rows(made.collection, where, ["person", "note"]))
            left = list(made.store.rows(made.collection, Not(where), ["person", "note"]))
        meant = {(r.person, r.note) for r in PEOPLE if _is(where, r)}
        assert len(meant) == 2
        assert meant <= set(found)
        everybody = sorted((r.person, r.note) for r in PEOPLE)
        assert sorted([*found, *left], key=str) == sorted(everybody, key=str)
        assert len(found) < len(PEOPLE)

    def test_rows_give_fields_and_events(self) -> None:
        with self.make("keyed", RECORDS) as made:
            rows = list(made.store.rows(made.collection, Everything(), ["note", "recorded"]))
        assert sorted(rows, key=str) == sorted(((r.note, r.recorded) for r in RECORDS), key=str)

    def test_rows_stop_at_the_limit(self) -> None:
        with self.make("keyed", RECORDS) as made:
            assert len(list(made.store.rows(made.collection, EXPIRED, ["person"], limit=2))) == 2
            assert not list(made.store.rows(made.collection, EXPIRED, ["person"], limit=0))

    def test_rows_may_be_left_early(self) -> None:
        with self.make("keyed", RECORDS) as made:
            for _ in range(5):  # a connection not given back would be missed by then
                stream = made.store.rows(made.collection, Everything(), ["person"])
                next(stream)
                stream.close()  # type: ignore[attr-defined]
            assert made.store.tally(made.collection, Everything()).count == len(RECORDS)

    def test_shape_shows_the_collection(self) -> None:
        with self.make("keyed", RECORDS) as made:
            shape = made.store.shape()
        assert shape.product
        assert shape.table(made.collection.source) is not None

    # ── windows ───────────────────────────────────────────────────────────────────────────────

    def test_windows_cover_all_that_is_due_and_nothing_else(self, kind: Kind) -> None:
        with self.make(kind, RECORDS) as made:
            before = made.raw()
            work = _work(made, DeleteRows())
            windows = made.store.split(work, 2)
            gone = 0
            for bounds in windows:
                with made.store.open(work, bounds, work.target) as window:
                    keys = window.keys
                    window.commit()
                gone += keys.count
                assert made.store.present(work, keys).count == 0
            after = made.raw()
            assert made.store.tally(made.collection, EXPIRED).count == 0
        assert set(before) == {r.id for r in RECORDS}
        kept = {r.id for r in RECORDS if not _is(EXPIRED, r)}
        assert after == {id_: before[id_] for id_ in kept}
        assert gone == len(before) - len(kept)

    def test_a_window_that_is_left_changes_nothing(self, kind: Kind) -> None:
        with self.make(kind, RECORDS) as made:
            before = made.raw()
            work = _work(made, DeleteRows())
            keys = _opened(made, work)
            assert sum(each.count for each in keys) == 4
            assert made.raw() == before
            for each in keys:  # what a resumed run asks after a crash before the commit
                assert made.store.present(work, each) == each

    def test_an_error_inside_a_window_changes_nothing(self) -> None:
        with self.make("keyed", RECORDS) as made:
            before = made.raw()
            work = _work(made, DeleteRows())
            with pytest.raises(RuntimeError, match="power cut"):
                for bounds in made.store.split(work, 100):
                    with made.store.open(work, bounds, work.target):
                        raise RuntimeError("power cut")
            assert made.raw() == before

    def test_after_a_commit_the_keys_are_not_present(self) -> None:
        with self.make("keyed", RECORDS) as made:
            work = _work(made, DeleteRows())
            first, *_ = _opened(made, work)
            _commit_all(made, work, only=Compare("person", "=", "Bob"))
            left = made.store.present(work, first)
            assert 0 < left.count < first.count
            _commit_all(made, work)
            assert made.store.present(work, first).count == 0

    def test_held_records_stay(self) -> None:
        with self.make("keyed", RECORDS) as made:
            before = made.raw()
            work = _work(made, DeleteRows())
            _commit_all(made, work, only=Not(OneOf("person", ("Bob",))))
            after = made.raw()
        kept = {r.id for r in RECORDS if r.person == "Bob" or not _is(EXPIRED, r)}
        assert after == {id_: before[id_] for id_ in kept}

    def test_a_record_gone_meanwhile_is_no_error(self) -> None:
        with self.make("keyed", RECORDS) as made:
            work = _work(made, DeleteRows())
            windows = made.store.split(work, 100)
            _commit_all(made, work)
            for bounds in windows:
                with made.store.open(work, bounds, work.target) as window:
                    assert window.keys.count == 0
                    window.commit()

    def test_an_empty_collection(self) -> None:
        with self.make("keyed", ()) as made:
            assert made.store.tally(made.collection, Everything(), "recorded").count == 0
            assert list(made.store.rows(made.collection, Everything(), ["person"])) == []
            work = _work(made, DeleteRows())
            assert all(keys.count == 0 for keys in _opened(made, work))

    # ── redacting ─────────────────────────────────────────────────────────────────────────────

    def test_redact_changes_what_is_due_once(self) -> None:
        with self.make("keyed", RECORDS) as made:
            before = made.raw()
            work = _work(made, ERASE)
            if not self.can_redact:
                with pytest.raises(StoreRefused):
                    _commit_all(made, work)
                assert made.raw() == before
                return
            opened = _opened(made, work)
            assert sum(each.count for each in opened) == 4
            assert made.raw() == before
            _commit_all(made, work)
            after = made.raw()
            assert set(after) == set(before)
            changed = {id_ for id_ in before if after[id_] != before[id_]}
            assert changed == {r.id for r in RECORDS if _is(EXPIRED, r)}
            rows = set(made.store.rows(made.collection, EXPIRED, ["person", "note"]))
            assert rows == {("erased", "")}
            assert all(made.store.present(work, each).count == 0 for each in opened)
            assert all(keys.count == 0 for keys in _opened(made, work))  # a second run does nothing

    # ── correcting ────────────────────────────────────────────────────────────────────────────

    def test_correct_changes_what_is_meant_once(self) -> None:
        meant = OneOf("person", ("Bob", "Zoë"))
        action = CorrectRows((("note", "it's \"Zoë's\" 🎈"),))
        with self.make("keyed", RECORDS) as made:
            before = made.raw()
            work = _work(made, action, meant)
            if not self.can_correct:
                with pytest.raises(StoreRefused):
                    _commit_all(made, work)
                assert made.raw() == before
                return
            opened = _opened(made, work)
            assert sum(each.count for each in opened) == 3
            assert made.raw() == before
            assert all(made.store.present(work, each) == each for each in opened)
            _commit_all(made, work)
            after = made.raw()
            assert {i for i in before if after[i] != before[i]} == {2, 5, 6}
            rows = set(made.store.rows(made.collection, meant, ["person", "note"]))
            assert rows == {("Bob", "it's \"Zoë's\" 🎈"), ("Zoë", "it's \"Zoë's\" 🎈")}
            assert all(made.store.present(work, each).count == 0 for each in opened)
            assert all(keys.count == 0 for keys in _opened(made, work))

    # ── copies and refusals ───────────────────────────────────────────────────────────────────

    def test_a_batch_is_kept_once(self) -> None:
        if not self.can_keep_copies:
            return  # whatever it makes of a batch is its own, and tested there
        header = self.copied_header()
        with self.make("keyed", RECORDS) as source, self.make("keyed", ()) as sink:
            rows = list(source.store.rows(source.collection, EXPIRED, header))
            first = sink.store.put(sink.collection, "batch-1", header, iter(rows))
            kept = sink.raw()
            second = sink.store.put(sink.collection, "batch-1", header, iter(rows))
            assert first == second
            assert sink.raw() == kept
            assert len(kept) == 4
            copies = list(sink.store.rows(sink.collection, Everything(), header))
            assert sorted(copies, key=str) == sorted(rows, key=str)

    def copied_header(self) -> Sequence[str]:
        """The names of the fields that make a whole copy of a keyed record."""
        return ("id", "recorded", "person", "note")

    def test_read_only_refuses_to_write(self) -> None:
        with self.make("keyed", RECORDS) as made:
            before = made.raw()
            reader = made.read_only()
            try:
                assert reader.tally(made.collection, EXPIRED).count == 4
                work = _work(made, DeleteRows())
                with pytest.raises(StoreRefused):
                    for bounds in made.store.split(work, 100):
                        with reader.open(work, bounds, work.target) as window:
                            window.commit()
                if self.can_keep_copies:
                    with pytest.raises(StoreRefused):
                        reader.put(made.collection, "b", ("person",), iter([("x",)]))
            finally:
                reader.close()
            assert made.raw() == before


PREDICATES: tuple[Predicate, ...] = (
    Everything(),
    NOTHING,
    EXPIRED,
    Not(EXPIRED),
    ClockBy("recorded", at(2025, 5, 31), "end"),
    ClockMissing("recorded"),
    Not(ClockMissing("recorded")),
    Compare("person", "=", "Bob"),
    Compare("person", "=", "bob"),
    Compare("person", "!=", "Bob"),
    Compare("person", "=", "Ødegård 王"),
    Compare("person", "<", "C"),
    Compare("person", "=", None),
    OneOf("person", ("Bob", "Zoë", "nobody")),
    OneOf("person", (*(f"nobody {n}" for n in range(1_200)), "Bob")),
    OneOf("person", ()),
    Not(OneOf("person", ("Bob",))),
    Among(("person",), (("Bob",), ("zoë",), (None,))),
    Among(("person", "note"), (("Bob", "called twice"), ("Bob", "näher"), ("Zoë", None))),
    Not(Among(("note", "person"), (("called twice", "Bob"), ("never recorded", "Zoë")))),
    Among(("person", "note"), tuple(("Bob", f"called {n}") for n in (*range(1_200), "twice"))),
    Among(("person", "note"), ()),
    Contains("person", "ANNA"),
    Contains("person", "ødegård"),
    Contains("note", "100%_\\"),
    Contains("note", "'; drop"),
    Contains("note", "🎈"),
    Missing("person"),
    Not(Missing("note")),
    all_of([EXPIRED, Compare("person", "=", "Bob")]),
    any_of([ClockMissing("recorded"), Compare("person", "=", "Bob")]),
    Not(any_of([EXPIRED, Contains("note", "called")])),
)


def _is(where: Predicate, record: Record) -> bool:
    values: dict[str, Scalar] = {"id": record.id, "person": record.person, "note": record.note}
    return evaluate(where, values.__getitem__, lambda _clock, _edge: record.recorded)


def _persons(made: Made, where: Predicate) -> list[str]:
    return sorted(str(row[0]) for row in made.store.rows(made.collection, where, ["person"]))


def _work(made: Made, action: Action, target: Predicate = EXPIRED) -> Work:
    return Work(made.collection, action, target, "recorded", b"k" * 32)


def _opened(made: Made, work: Work) -> list[Keys]:
    """The keys of every window, each left without a commit."""
    found = []
    for bounds in made.store.split(work, 100):
        with made.store.open(work, bounds, work.target) as window:
            found.append(window.keys)
    return found


def _commit_all(made: Made, work: Work, only: Predicate | None = None) -> None:
    target = work.target if only is None else all_of([work.target, only])
    for bounds in made.store.split(work, 100):
        with made.store.open(work, bounds, target) as window:
            window.commit()
