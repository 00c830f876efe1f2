"""A hold covers what it names and what is tied to it, and nothing of a stranger's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import ServandaError, StoreUnreachable
from servanda.kernel.predicate import NOTHING, Compare, Everything, Predicate
from servanda.plan import reach
from servanda.plan.holds import HoldSpec, hold_predicates, recount_predicates
from servanda.plan.steps import Verify
from servanda.stores.mapping import Collection, Link, StoreConfig
from tests.plan.builders import collection, field, holds_for, record
from tests.plan.database import CALLS, config, insert, make, open_store

CDR = replace(
    collection(
        "cdr", "pbx", clocks=("recorded",),
        fields=[field("src", "contact.phone"), field("linked"), field("file")],
    ),
    identify=(("phone", ("src",)),),
    links=(
        Link("pbx.cdr", (("linked", "linked"),), "owns"),
        Link("disk.wav", (("file", "name"),), "owns"),
    ),
)  # fmt: skip
WAV = collection("wav", "disk", clocks=("recorded",), fields=[field("name")])
LOG = replace(
    collection("log", "disk", clocks=("recorded",), fields=[field("email", "contact.email")]),
    identify=(("email", ("email",)),),
)
CALLER = HoldSpec("H1", "person", (("phone", "+44 28 9012 3456"),))


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[SqlStore]:
    path = make(tmp_path / "pbx.sqlite", CALLS)
    insert(path, "cdr", [
        (1, "2020-01-01 10:00:00", "02890123456", "A", "a.wav"),
        (2, "2020-01-01 10:00:00", "200", "A", ""),  # another leg of the same call
        (3, "2020-01-01 10:00:00", "02890999999", "B", ""),  # a stranger, no recording
        (4, "2020-01-01 10:00:00", "02890888888", "C", "c.wav"),
        (5, "2020-01-01 10:00:00", "447700900000", "", ""),  # no call id
    ])  # fmt: skip
    store = open_store(config(path, CDR))
    yield store
    store.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SqlStore]:
    wav = "CREATE TABLE wav (id INTEGER PRIMARY KEY, recorded TEXT, name TEXT)"
    log = "CREATE TABLE log (id INTEGER PRIMARY KEY, recorded TEXT, email TEXT)"
    path = make(tmp_path / "disk.sqlite", wav, log)
    insert(path, "wav", [
        (1, "2020-01-01 10:00:00", "a.wav"),
        (2, "2020-01-01 10:00:00", "c.wav"),
        (3, "2020-01-01 10:00:00", ""),
    ])  # fmt: skip
    insert(path, "log", [
        (1, "2020-01-01 10:00:00", "Jo <Jo@Example.test>"),
        (2, "2020-01-01 10:00:00", "bo@example.test"),
    ])  # fmt: skip
    store = open_store(config(path, WAV, LOG))
    yield store
    store.close()


def _configs() -> list[StoreConfig]:
    return [
        StoreConfig("pbx", "", collections=(CDR,)),
        StoreConfig("disk", "", collections=(WAV, LOG)),
    ]


def _ids(store: SqlStore, mapped: Collection, held: dict[str, Predicate]) -> list[object]:
    where = held.get(mapped.id, NOTHING)
    return sorted((row[0] for row in store.rows(mapped, where, ["id"])), key=str)


def test_without_holds_no_store_is_asked() -> None:
    assert hold_predicates([], _configs(), {}) == {}


def test_a_caller_leads_to_every_leg_and_to_the_recording(pbx: SqlStore, disk: SqlStore) -> None:
    held = hold_predicates([CALLER], _configs(), {"pbx": pbx, "disk": disk})
    assert _ids(pbx, CDR, held) == [1, 2]
    assert _ids(disk, WAV, held) == [1]
    assert _ids(disk, LOG, held) == []


def test_a_recording_leads_back_to_its_call(pbx: SqlStore, disk: SqlStore) -> None:
    hold = HoldSpec("H2", "record", collection="disk.wav", key=(2,))
    held = hold_predicates([hold], _configs(), {"pbx": pbx, "disk": disk})
    assert _ids(disk, WAV, held) == [2]
    assert _ids(pbx, CDR, held) == [4]


def test_blank_values_join_nothing(pbx: SqlStore, disk: SqlStore) -> None:
    hold = HoldSpec("H3", "predicate", collection="pbx.cdr", predicate=Compare("id", "=", 5))
    held = hold_predicates([hold], _configs(), {"pbx": pbx, "disk": disk})
    assert _ids(pbx, CDR, held) == [5]
    assert _ids(disk, WAV, held) == []


def test_an_address_is_found_inside_a_text_and_in_any_case(pbx: SqlStore, disk: SqlStore) -> None:
    hold = HoldSpec("H4", "person", (("email", "jo@example.TEST"),))
    held = hold_predicates([hold], _configs(), {"pbx": pbx, "disk": disk})
    assert _ids(disk, LOG, held) == [1]
    assert _ids(pbx, CDR, held) == []


def test_a_hold_finds_every_notation_and_is_no_narrower_than_the_text(tmp_path: Path) -> None:
    numbers = (
        "+442890123456", "028 9012-3456", "0044 (28) 9012 3456", "Jo: 028 9012 3456, called",
        "xx02890123456", "028 9012 3457", "447700900000",
    )  # fmt: skip
    path = make(tmp_path / "pbx.sqlite", CALLS)
    rows = [(n, "2020-01-01", each, "", "") for n, each in enumerate(numbers)]
    insert(path, "cdr", rows)
    log = "CREATE TABLE log (id INTEGER PRIMARY KEY, recorded TEXT, email TEXT)"
    addresses = ("JO+a@example.test", "to jo@Example.test and bo@example.test", "bo@example.test")
    other = make(tmp_path / "disk.sqlite", log)
    insert(other, "log", [(n, "2020-01-01", each) for n, each in enumerate(addresses)])
    cdr = replace(CDR, region="GB")
    both = (("phone", "028 9012 3456"), ("email", "jo@example.test"))
    configs = [
        StoreConfig("pbx", "", collections=(cdr,)),
        StoreConfig("disk", "", collections=(WAV, LOG)),
    ]
    pbx, disk = open_store(config(path, cdr)), open_store(config(other, LOG))
    try:
        hold = HoldSpec("H8", "person", both)
        held = hold_predicates([hold], configs, {"pbx": pbx, "disk": disk})
        assert _ids(pbx, cdr, held) == [0, 1, 2, 3, 4]
        assert _ids(disk, LOG, held) == [0, 1]
    finally:
        pbx.close()
        disk.close()


def test_a_short_extension_is_compared_whole(pbx: SqlStore, disk: SqlStore) -> None:
    hold = HoldSpec("H5", "person", (("phone", "200"),))
    held = hold_predicates([hold], _configs(), {"pbx": pbx, "disk": disk})
    assert _ids(pbx, CDR, held) == [1, 2]  # its own leg, and the call it belongs to


def test_a_store_that_does_not_answer_freezes_what_is_tied_to_it(pbx: SqlStore) -> None:
    silent = StoreUnreachable("disk", "refused")
    held = hold_predicates([CALLER], _configs(), {"pbx": pbx, "disk": silent})
    assert held == {"pbx.cdr": Everything(), "disk.wav": Everything()}
    nobody = HoldSpec("H6", "person", (("name", "Nobody Here"),))
    assert hold_predicates([nobody], _configs(), {"pbx": pbx, "disk": silent}) == {}


def test_a_hold_that_reaches_too_far_holds_all_it_may_reach(
    pbx: SqlStore, disk: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "MOST_LINKED", 1)
    hold = HoldSpec("H7", "predicate", collection="pbx.cdr", predicate=Everything())
    held = hold_predicates([hold], _configs(), {"pbx": pbx, "disk": disk})
    assert held == {"pbx.cdr": Everything(), "disk.wav": Everything()}


@pytest.mark.parametrize(
    ("hold", "what"),
    [
        (HoldSpec("H", "record", collection="pbx.gone", key=(1,)), "which is not mapped"),
        (HoldSpec("H", "record", collection="pbx.cdr", key=(1, 2)), "does not fit the key"),
        (HoldSpec("H", "person", (("phone", " "),)), "empty phone"),
        (HoldSpec("H", "predicate", collection="pbx.cdr"), "has no predicate"),
    ],
)
def test_an_unsound_hold_stops_everything(hold: HoldSpec, what: str, pbx: SqlStore) -> None:
    with pytest.raises(ServandaError, match=what):
        hold_predicates([hold], _configs(), {"pbx": pbx})


def test_the_recount_separates_held_from_overdue() -> None:
    past, held = Compare("id", "<", 9), Compare("id", "=", 1)
    verify = Verify("verify:x", "pbx.cdr", past, NOTHING, ())
    overdue, suspended = recount_predicates(verify, held)
    truth = [
        [holds_for(where, record(), {"id": id_}) for where in (overdue, suspended)]
        for id_ in (1, 2, 9)
    ]
    assert truth == [[False, True], [True, False], [False, False]]
    assert recount_predicates(verify, None) == (past, NOTHING)
