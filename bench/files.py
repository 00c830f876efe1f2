"""`files`: 100,000 recordings in dated folders with their index rows, against `find` and `DELETE`.

A year of calls has expired; a month of others, in the same tree and table, stays. The product
deletes both sides of each pair with sealed evidence and durable folders; the baseline is what an
administrator would type: `find … -delete`, then one DELETE. They take turns on copies of their own.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import harness
from servanda.kernel.predicate import ClockBy, Everything, negate
from servanda.stores.mapping import (
    Clock,
    Collection,
    Column,
    Field,
    FileLayout,
    FilePart,
    Limit,
    Link,
    StoreConfig,
)

if TYPE_CHECKING:
    from servanda.apply.site import Site
    from servanda.plan.steps import Plan

FILES, ROUNDS, TARGET = 100_000, 3, 1.5
FIRST, DAYS = date(2024, 1, 1), 365
CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)  # the first of January 2025 is a day without calls
RECENT, RECENT_DAYS, RECENT_A_DAY = date(2025, 6, 1), 30, 50
UNLIMITED = Limit(rows_per_second=None, breaker_share=1.0, breaker_rows=10**9)
DIGEST = "0" * 64

CALLS = Collection(
    store="pbx",
    name="calls",
    source="calls",
    activity="recording",
    key=("id",),
    clocks=(Clock("recorded", Column("made")),),
    fields=(
        Field("id", Column("id")),
        Field("caller", Column("caller"), ("contact.phone",)),
        Field("recording", Column("recording"), ("comms.call_recording",)),
    ),
    links=(Link("recordings.wav", (("recording", "name"),), "owns"),),
)
WAV = Collection(
    store="recordings",
    name="wav",
    source="{yyyy}/{mm}/{dd}/{call}.wav",
    activity="recording",
    key=("path",),
    clocks=(Clock("recorded", FilePart("path")),),
    fields=(
        Field("path", FilePart("path"), ("comms.call_recording",)),
        Field("name", FilePart("name"), ("comms.call_recording",)),
    ),
    files=FileLayout("{yyyy}/{mm}/{dd}/{call}.wav"),
)


def run() -> dict[str, Any]:
    """The ratio of the sweep to the baseline, and of the sweep with its independent recount."""
    files = harness.size("files", FILES)
    ours, bare, whole = [], [], []
    for _ in range(harness.size("rounds", ROUNDS)):
        with _pbx(files) as pbx:
            bare.append(harness.seconds(pbx.by_hand))
            pbx.prove(files)
        with _pbx(files) as pbx:
            swept, recounted = _swept(pbx, files)
            pbx.prove(files)
            ours.append(swept)
            whole.append(recounted)
    with_recount = round(statistics.median(whole) / statistics.median(bare), 2)
    figures = [harness.ratio("files", ours, bare, TARGET)]
    return harness.result("files", figures, files=files, with_recount=with_recount)


@dataclass(frozen=True)
class Pbx:
    """A folder of recordings and the table of their calls."""

    folder: Path

    @property
    def recordings(self) -> Path:
        return self.folder / "monitor"

    @property
    def database(self) -> Path:
        return self.folder / "pbx.sqlite3"

    def make(self, files: int) -> None:
        rows: list[tuple[int, str, str, str]] = []
        for day in range(DAYS):
            share = range(files * day // DAYS, files * (day + 1) // DAYS)
            self._day(FIRST + timedelta(day), share, rows)
        for day in range(RECENT_DAYS):
            first = files + day * RECENT_A_DAY
            self._day(RECENT + timedelta(day), range(first, first + RECENT_A_DAY), rows)
        with sqlite3.connect(self.database) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE calls (id INTEGER PRIMARY KEY, made DATETIME NOT NULL,"
                " caller TEXT NOT NULL, recording TEXT NOT NULL)"
            )
            connection.executemany("INSERT INTO calls VALUES (?, ?, ?, ?)", rows)
        connection.close()

    def _day(self, day: date, numbers: range, rows: list[tuple[int, str, str, str]]) -> None:
        folder = self.recordings / f"{day:%Y/%m/%d}"
        folder.mkdir(parents=True)
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        for number in numbers:
            caller = f"+4428{number:08d}"
            name = f"in-200-{caller}-{day:%Y%m%d}-120000-{number}.wav"
            fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=inside)
            os.write(fd, b"RIFF and a little sound")
            os.close(fd)
            rows.append((number, f"{day} 12:00:00", caller, name))
        os.close(inside)

    def by_hand(self) -> None:
        """What an administrator would type."""
        old = self.recordings / f"{FIRST:%Y}"
        subprocess.run(["find", old, "-delete"], check=True)
        connection = sqlite3.connect(self.database)
        connection.execute("PRAGMA synchronous = FULL")
        with connection:
            connection.execute("DELETE FROM calls WHERE made <= '2025-01-01 00:00:00'")
        connection.close()

    def prove(self, files: int) -> None:
        """Everything expired is gone, on both sides, and nothing else."""
        left = sum(len(names) for _, _, names in os.walk(self.recordings))
        connection = sqlite3.connect(self.database)
        (rows,) = connection.execute("SELECT COUNT(*) FROM calls").fetchone()
        connection.close()
        if left != RECENT_DAYS * RECENT_A_DAY or rows != left:
            raise RuntimeError(f"{left} recordings and {rows} rows are left of {files:,} and more")


@contextmanager
def _pbx(files: int) -> Iterator[Pbx]:
    pbx = Pbx(Path(tempfile.mkdtemp(prefix="servanda-bench-")))
    try:
        pbx.make(files)
        yield pbx
    finally:
        shutil.rmtree(pbx.folder)


def _swept(pbx: Pbx, files: int) -> tuple[float, float]:
    """Seconds until the last window was done, and with the recount that follows."""
    from servanda import state
    from servanda.apply.outcome import Progress
    from servanda.apply.run import start, work

    site = _site(pbx)
    state.setup(f"sqlite:///{pbx.folder / 'state.sqlite3'}")
    try:
        state.migrate()
        started = start(_plan(site), site)
        os.sync()
        last = [0.0]

        def ticked(_: Progress) -> None:
            last[0] = time.perf_counter()

        began = time.perf_counter()
        outcome = work(started, site, progress=ticked)
        ended = time.perf_counter()
    finally:
        state.close()
    if outcome.result != "done" or outcome.count != 2 * files:
        raise RuntimeError(f"the sweep ended as {outcome.result}: {outcome.steps}")
    return last[0] - began, ended - began


def _site(pbx: Pbx) -> Site:
    from servanda.apply.site import Site
    from servanda.runtime.registry import open_store

    configs = {
        "pbx": StoreConfig(
            "pbx", f"sqlite:///{pbx.database}", limit=UNLIMITED, collections=(CALLS,)
        ),
        "recordings": StoreConfig(
            "recordings", pbx.recordings.as_uri(), limit=UNLIMITED, collections=(WAV,)
        ),
    }
    return Site(
        configs,
        lambda config, read_only: open_store(config, reader=read_only),
        DIGEST,
        DIGEST,
        bytes(range(32)),
    )


def _plan(site: Site) -> Plan:
    """The recordings first, their rows after them."""
    from servanda.inventory import shape_digest
    from servanda.plan.file import sealed
    from servanda.plan.steps import Delete, Plan, Verify

    due = ClockBy("recorded", CUTOFF)
    deletes: list[Delete] = []
    shapes: list[tuple[str, str]] = []
    for collection in (WAV, CALLS):
        config = site.configs[collection.store]
        store = site.open(config, True)
        try:
            tally, total = store.tallies(collection, [due, Everything()], "recorded")
            shapes.append((config.name, shape_digest(config, store.shape())))
        finally:
            store.close()
        after = tuple(step.id for step in deletes)
        step = Delete(
            f"delete-{collection.id}",
            collection.id,
            due,
            "recorded",
            tally,
            total.count,
            (),
            (),
            after,
        )
        deletes.append(step)
    verifies = [
        Verify(f"verify-{step.collection}", step.collection, due, negate(Everything()), ())
        for step in deletes
    ]
    now = datetime.now(UTC)
    return sealed(Plan(now, now, DIGEST, DIGEST, tuple(shapes), (*deletes, *verifies)))
