"""Dated trees: what is entered, what is left of them, and when a day counts as past."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from servanda.connectors.files import FileStore, walk
from servanda.connectors.files.layout import Layout, compile_layout, span_of
from servanda.connectors.files.outlook import outlook
from servanda.connectors.files.record import Reader
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.evaluate import day_edge
from servanda.kernel.predicate import (
    NOTHING,
    All,
    AnyOf,
    ClockBy,
    ClockMissing,
    Everything,
    Not,
    Predicate,
)
from servanda.stores.mapping import Clock, Field, FilePart, JsonPath
from servanda.stores.moments import Span
from tests.connectors.files.shelves import (
    CUTOFF,
    EXPIRED,
    RECORDINGS,
    deletion,
    files,
    mapped,
    opened,
    sweep,
    write,
)

DUBLIN = ZoneInfo("Europe/Dublin")


def test_emptied_dated_folders_go_and_no_others(tmp_path: Path) -> None:
    layout = mapped("{site}/{yyyy}/{mm}/{dd}/{name}.wav")
    write(
        tmp_path,
        "a/2025/01/01/x.wav",
        "a/2025/01/02/x.wav",
        "a/2025/01/02/note",
        "b/2024/01/01/x.wav",
    )
    (tmp_path / "a/2025/03/01").mkdir(parents=True)  # empty before we came: not ours to judge
    with opened(tmp_path) as store:
        sweep(store, deletion(layout))
    assert files(tmp_path) == ["a/2025/01/02/note"]
    left = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_dir())
    assert left == ["a", "a/2025", "a/2025/01", "a/2025/01/02", "a/2025/03", "a/2025/03/01", "b"]


def test_the_folder_of_today_stays_for_the_product(tmp_path: Path) -> None:
    today = datetime.now(UTC)
    write(tmp_path, f"{today:%Y/%m/%d}/x.wav", "2020/01/01/y.wav")
    with opened(tmp_path) as store:
        target = ClockBy("recorded", today + timedelta(days=2))
        assert len(sweep(store, deletion(RECORDINGS, target))) == 2
    assert (tmp_path / f"{today:%Y/%m/%d}").is_dir()
    assert not (tmp_path / "2020").exists()


def test_whole_years_are_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "2024/12/31/a.wav", "2025/05/31/b.wav", "2026/01/01/c.wav", "2025/06/01/d.wav")
    entered: list[str] = []
    real = walk.count

    def noting(folder: walk.Folder, layout: Layout) -> int:
        entered.append("/".join(folder.parts))
        return real(folder, layout)

    monkeypatch.setattr("servanda.connectors.files.shelf.count", noting)
    with opened(tmp_path) as store:
        assert store.tally(RECORDINGS, EXPIRED).count == 2
    assert entered == ["2024/12/31", "2025/05/31"]


def test_a_day_is_a_day_of_the_stores_zone(tmp_path: Path) -> None:
    write(tmp_path, "2025/07/01/a.wav")
    start = datetime(2025, 6, 30, 23, tzinfo=UTC)
    with opened(tmp_path, zone="Europe/Dublin") as store:

        def count(*args: object) -> int:
            return store.tally(RECORDINGS, ClockBy("recorded", *args)).count  # type: ignore[arg-type]

        assert count(start - timedelta(seconds=1)) == 0
        assert count(start) == 1
        assert count(start + timedelta(hours=23), "end") == 0
        assert count(start + timedelta(hours=24), "end") == 1
        rows = list(store.rows(RECORDINGS, Everything(), ["recorded"]))
    assert rows == [(start,)]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"yyyy": "2024"}, (date(2024, 1, 1), date(2024, 12, 31))),
        ({"yyyy": "2024", "mm": "02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        ({"yyyy": "2024", "mm": "12"}, (date(2024, 12, 1), date(2024, 12, 31))),
        ({"yyyy": "2024", "mm": "02", "dd": "30"}, None),
        ({"yyyy": "2024", "mm": "13"}, None),
        ({"yyyy": "0000"}, None),
        ({"name": "x"}, None),
    ],
)
def test_what_a_path_knows(groups: dict[str, str], expected: tuple[date, date] | None) -> None:
    span: Span | None = None
    if expected:
        span = day_edge(expected[0], "start", DUBLIN), day_edge(expected[1], "end", DUBLIN)
    assert span_of(groups, DUBLIN) == span


def test_times_of_day_in_a_name() -> None:
    day = {"yyyy": "2025", "mm": "07", "dd": "01"}
    hour = span_of(day | {"HH": "13"}, DUBLIN)
    assert hour == (datetime(2025, 7, 1, 12, tzinfo=UTC), datetime(2025, 7, 1, 13, tzinfo=UTC))
    exact = span_of(day | {"HH": "13", "MM": "05", "SS": "07"}, DUBLIN)
    assert exact is not None and exact[0] == exact[1] == datetime(2025, 7, 1, 12, 5, 7, tzinfo=UTC)
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert span_of({"epoch": "1700000000"}, DUBLIN) == (moment, moment)


def test_names_with_several_groups(tmp_path: Path) -> None:
    layout = mapped(
        "{yyyy}/{kind}-{to}-{from}-{yyyy}{mm}{dd}-{HH}{MM}{SS}-{id}.wav",
        fields=(Field("to", FilePart("group", "to")), Field("id", FilePart("group", "id"))),
    )
    write(
        tmp_path,
        "2025/in-200-0700-20250301-101500-17.1.wav",
        "2025/in-200-0700-20240301-101500-18.1.wav",  # the year of the folder is another
        "2025/in-200-0700-20250301-1015-19.1.wav",
    )
    with opened(tmp_path) as store:
        rows = list(store.rows(layout, Everything(), ["to", "id", "recorded"]))
    assert rows == [("200", "17.1", datetime(2025, 3, 1, 10, 15, tzinfo=UTC))]


@pytest.mark.parametrize(
    "template",
    ["/a", "a//b", "../x", "a/./b", "{dd}/x", "{yyyy}/{dd}", "{yyyy", "a}b", "{}", "{1x}.wav"],
)
def test_a_mistaken_template_is_refused(template: str) -> None:
    with pytest.raises(StoreRefused, match="not a path template"):
        compile_layout(template)


@pytest.mark.parametrize(("template", "sidecar"), [("{name}", ".txt"), ("{name}.wav", ".wav")])
def test_sidecars_need_an_ending_of_their_own(template: str, sidecar: str) -> None:
    with pytest.raises(StoreRefused, match="not a path template"):
        compile_layout(template, (sidecar,))


def test_a_mapping_that_does_not_fit_files_is_drift(tmp_path: Path) -> None:
    write(tmp_path, "a.wav")
    for wrong in (
        mapped("{name}.wav"),  # its clock is the path, which has no date
        mapped("{name}.wav", clocks=(), fields=(Field("x", FilePart("group", "y")),)),
        mapped("{name}.wav", clocks=(), fields=(Field("x", JsonPath("x", ("y",))),)),
    ):
        with opened(tmp_path) as store, pytest.raises(Drift):
            store.tally(wrong, Everything())
    with opened(tmp_path) as store:
        fine = mapped("{name}.wav", clocks=())
        for unknown in (ClockBy("recorded", CUTOFF), ClockMissing("recorded")):
            with pytest.raises(Drift, match="no clock"):
                store.tally(fine, unknown)
        with pytest.raises(Drift, match="nothing"):
            list(store.rows(fine, Everything(), ["nothing"]))


LATE = ClockBy("recorded", datetime(2030, 1, 1, tzinfo=UTC))
EARLY = ClockBy("recorded", datetime(2000, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("predicate", "year", "day"),
    [
        (EXPIRED, None, True),
        (LATE, None, True),  # a year folder may still hold a 31st of February
        (EARLY, False, False),
        (Not(EARLY), True, True),
        (All((LATE, EARLY)), False, False),
        (AnyOf((EARLY, EXPIRED)), None, True),
        (ClockMissing("recorded"), None, False),
        (NOTHING, False, False),
    ],
)
def test_outlook(predicate: Predicate, year: bool | None, day: bool | None) -> None:
    layout = compile_layout("{yyyy}/{mm}/{dd}/{name}.wav")
    reader = Reader(RECORDINGS, layout, UTC)
    groups = {"yyyy": "2025", "mm": "01", "dd": "01"}
    assert outlook(predicate, reader, 1, {"yyyy": "2025"}) is year
    assert outlook(predicate, reader, 3, groups) is day


def test_an_impossible_date_has_not_happened(tmp_path: Path) -> None:
    write(tmp_path, "2025/02/31/a.wav", "2025/01/31/b.wav", "2025/99/01/c.wav")
    with opened(tmp_path) as store:
        assert store.tally(RECORDINGS, ClockMissing("recorded")).count == 2
        assert sweep(store, deletion(RECORDINGS)) == ["2025/01/31/b.wav"]
    assert files(tmp_path) == ["2025/02/31/a.wav", "2025/99/01/c.wav"]


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of its own, worked in without the rights of root."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o777)
        if os.geteuid() != 0:
            yield root
            return
        os.seteuid(65534)
        try:
            yield root
        finally:
            os.seteuid(0)


def test_an_unreadable_folder_is_not_counted_as_empty(as_nobody: Path) -> None:
    write(as_nobody, "2025/01/01/a.wav", "2025/02/01/b.wav")
    (as_nobody / "2025/01").chmod(0)
    try:
        with opened(as_nobody) as store, pytest.raises(StoreRefused, match="permission"):
            store.tally(RECORDINGS, Everything())
    finally:
        (as_nobody / "2025/01").chmod(0o755)


def test_a_folder_that_may_not_be_changed_keeps_its_files_and_the_rest_go(as_nobody: Path) -> None:
    write(as_nobody, "2025/01/01/a.wav", "2025/02/01/b.wav", "2025/03/01/c.wav")
    (as_nobody / "2025/02/01").chmod(0o555)
    work = deletion(RECORDINGS)
    with opened(as_nobody) as store:
        (bounds,) = store.split(work, 10)
        with store.open(work, bounds, EXPIRED) as window:
            with pytest.raises(StoreRefused, match=r"1 of 3 .*permission"):
                window.commit()
            assert store.present(work, window.keys).count == 1
    assert files(as_nobody) == ["2025/02/01/b.wav"]
    (as_nobody / "2025/02/01").chmod(0o755)


def test_threads_share_a_store(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    write(tmp_path, *(f"2025/01/{day:02d}/{n}.wav" for day in range(1, 29) for n in range(5)))
    work = deletion(RECORDINGS)

    def run(bounds: object) -> int:
        with store.open(work, bounds, EXPIRED) as window:  # type: ignore[arg-type]
            window.commit()
            return window.keys.count

    store: FileStore
    with opened(tmp_path) as store, ThreadPoolExecutor(4) as pool:
        counts = pool.map(lambda _: store.tally(RECORDINGS, EXPIRED).count, range(20))
        assert set(counts) == {140}
        assert sum(pool.map(run, store.split(work, 7))) == 140
    assert files(tmp_path) == []


def test_the_clock_may_be_the_times_of_the_file(tmp_path: Path) -> None:
    by_age = mapped("{name}.wav", clocks=(Clock("recorded", FilePart("mtime")),))
    write(tmp_path, "a.wav", "b.wav", "c.wav")
    os.utime(tmp_path / "a.wav", (0, CUTOFF.timestamp()))
    os.utime(tmp_path / "b.wav", (0, CUTOFF.timestamp() + 1))
    with opened(tmp_path) as store:
        assert sweep(store, deletion(by_age)) == ["a.wav"]
