"""A sweep as the product does it: a plan of one step, applied by the engine, with real evidence.

The state database is a fresh SQLite file with durable commits; every window's keys are sealed, its
entry appended to the ledger. What is timed is `apply.work` up to the end of the last window; the
independent recount that follows reads the table once more and is told apart.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from bench.tables import CUTOFF
from servanda.kernel.predicate import ClockBy, Compare, Everything, Predicate, all_of, negate
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit, SetText, StoreConfig

UNLIMITED = Limit(rows_per_second=None, connections=2, breaker_share=1.0, breaker_rows=10**9)
CALLS = Collection(
    store="pbx",
    name="calls",
    source="calls",
    activity="recording",
    key=("id",),
    clocks=(Clock("made", Column("made")),),
    fields=(
        Field("id", Column("id")),
        Field("person", Column("person"), ("name",), SetText("gone")),
        Field("phone", Column("phone"), ("contact.phone",)),
    ),
)
DUE = ClockBy("made", CUTOFF)
PENDING = all_of((DUE, negate(Compare("person", "=", "gone"))))
_MASTER = bytes(range(32))
_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Swept:
    """`seconds`: until the last window was done. `whole`: with the recount."""

    seconds: float
    whole: float
    count: int
    windows: int


Action: TypeAlias = Callable[[str], Swept]


def delete(address: str, limit: Limit = UNLIMITED, **more: Any) -> Swept:
    """Delete what is due in the copy at `address`."""
    return swept(address, "delete", DUE, limit, **more)


def redact(address: str, limit: Limit = UNLIMITED, **more: Any) -> Swept:
    """Overwrite one column of what is due."""
    return swept(address, "redact", PENDING, limit, **more)


def swept(
    address: str,
    action: str,
    where: Predicate,
    limit: Limit,
    *,
    partitions: tuple[str, ...] = (),
    collection: Collection = CALLS,
    stop_after: float | None = None,
) -> Swept:
    """Plan and apply one step; raises where the run did not end well.

    `stop_after`: seconds after which the run is interrupted, which then counts as well.
    """
    from servanda.apply.outcome import Progress
    from servanda.apply.run import start, work

    with _state(), _site(address, limit, collection) as site:
        plan = _plan(site, action, where, partitions)
        run = start(plan, site)
        os.sync()
        last = [0.0, 0, 0]

        def ticked(progress: Progress) -> None:
            last[:] = [time.perf_counter(), progress.count, last[2] + 1]

        stop = threading.Event()
        timer = threading.Timer(stop_after or 0.0, stop.set)
        if stop_after is not None:
            timer.start()
        began = time.perf_counter()
        outcome = work(run, site, progress=ticked, stop=stop)
        ended = time.perf_counter()
        timer.cancel()
        if outcome.result != "done" and not (stop.is_set() and outcome.result == "interrupted"):
            raise RuntimeError(f"the sweep ended as {outcome.result}: {outcome.steps}")
    return Swept(last[0] - began, ended - began, int(last[1]), int(last[2]))


@contextmanager
def _state() -> Iterator[None]:
    from servanda import state

    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        state.setup(f"sqlite:///{Path(folder) / 'state.sqlite3'}")
        try:
            state.migrate()
            yield
        finally:
            state.close()


@contextmanager
def _site(address: str, limit: Limit, collection: Collection) -> Iterator[Any]:
    from servanda.apply.site import Site
    from servanda.runtime.registry import open_store

    config = StoreConfig("pbx", address, limit=limit, collections=(collection,))
    yield Site(
        {"pbx": config},
        lambda config, read_only: open_store(config, reader=read_only),
        _DIGEST,
        _DIGEST,
        _MASTER,
    )


def _plan(site: Any, action: str, where: Predicate, partitions: tuple[str, ...]) -> Any:
    from servanda.inventory import shape_digest
    from servanda.plan.file import sealed
    from servanda.plan.steps import Delete, Plan, Redact, Verify

    config = site.configs["pbx"]
    collection = config.collections[0]
    store = site.open(config, True)
    try:
        due, total = store.tallies(collection, [where, Everything()], "made")
        shape = shape_digest(config, store.shape())
    finally:
        store.close()
    about = ("step", collection.id, where, "made")
    step: Delete | Redact
    if action == "delete":
        step = Delete(*about, due, total.count, (), (), partitions=partitions)
    else:
        changes = (("person", SetText("gone")),)
        step = Redact(*about, changes, "anonymised", due, total.count, (), ())
    verify = Verify("verify", collection.id, where, negate(Everything()), ())
    now = datetime.now(UTC)
    return sealed(Plan(now, now, _DIGEST, _DIGEST, (("pbx", shape),), (step, verify)))


def limited(**changes: Any) -> Limit:
    """The default limits of a store, but for the breaker."""
    return replace(Limit(breaker_share=1.0, breaker_rows=10**9), **changes)
