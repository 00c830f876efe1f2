"""Archive and return: copy, read the copy back, and only then delete.

The danger: a record deleted whose copy is missing, or another version of it. So the copy is read
while the window holds the records in its open transaction: nobody else can change them, and
other connections still see them. As many records must be read as will go. The batch is named
after its content: the same records again (after a crash) add nothing to the archive, other
records never hide behind an earlier batch. Records that are files are copied byte for byte into a
folder of their window, and the window then leaves every file that is not as it was copied.
Tests: tests/apply/test_transfer.py, tests/faults/test_kill.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from servanda.apply.boundaries import reach
from servanda.apply.claims import Claim
from servanda.apply.job import Job
from servanda.apply.keyvalues import matching
from servanda.apply.site import store_of
from servanda.kernel.errors import StoreRefused
from servanda.plan.steps import Archive, Return, Write
from servanda.stores.mapping import Collection, Column
from servanda.stores.port import FileKeeper, FileWindow, Keys, Row, Store, Window

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9-]+")


def copied(job: Job, step: Write, claim: Claim, window: Window, keys: Keys) -> dict[str, Any]:
    """For Archive and Return: copy the records of an open window; what its evidence says of the
    copy. For other steps nothing.

    Raises StoreRefused when the copy is not complete; then nothing may be deleted.
    """
    if not isinstance(step, Archive | Return) or not keys.count:
        return {}
    collection = job.site.collection(step.collection)
    if collection.files is not None and not collection.files.lines:
        facts = _files(job, step, claim, window)
    else:
        facts = _rows(job, step, collection, keys)
    reach("after-copy")
    return facts


def _files(job: Job, step: Archive | Return, claim: Claim, window: Window) -> dict[str, Any]:
    sink = _sink(job, step)
    if not isinstance(window, FileWindow) or not isinstance(sink, FileKeeper):
        raise StoreRefused(
            f"{step.collection} holds files, and {step.to} cannot keep any",
            "name a folder: a store whose address begins with file:",
        )
    batch = f"{_named(job.run, step.id)}.{claim.number}"
    digest = sink.keep(_target(job, step), batch, window.contents())
    return {"batch": batch, "copy": digest}


def _rows(job: Job, step: Archive | Return, collection: Collection, keys: Keys) -> dict[str, Any]:
    header = _header(collection)
    rows = _read(job.store(step), collection, header, keys)
    if len(rows) != keys.count:
        raise StoreRefused(
            f"{len(rows)} of {keys.count} records of {collection.id} could be read for their copy",
            "see that its key names one record each; nothing was deleted",
        )
    batch = _batch(job.run, step.id, header, rows)
    digest = _sink(job, step).put(_target(job, step), batch, header, iter(rows))
    return {"batch": batch, "copy": digest}


def _header(collection: Collection) -> list[str]:
    """Every declared field, and clocks that are no field: all we know of a record."""
    if collection.mailbox is not None and not any(
        field.source == Column("message") for field in collection.fields
    ):
        raise StoreRefused(
            f"{collection.id} holds messages, and its fields are not the whole of them",
            "declare the field `message`, which is all of it",
        )
    if not collection.key:
        raise StoreRefused(
            f"{collection.id} has no key, so its records cannot be copied one for one",
            "name its key in the mapping",
        )
    names = [field.name for field in collection.fields]
    return names + [clock.event for clock in collection.clocks if clock.event not in names]


def _read(store: Store, collection: Collection, header: Sequence[str], keys: Keys) -> list[Row]:
    """Read through another connection, in order of content so that a batch has one name."""

    def rows() -> Iterator[Row]:
        for where in matching(collection, keys):
            yield from store.rows(collection, where, header)

    with ThreadPoolExecutor(1) as reader:
        return sorted(reader.submit(lambda: list(rows())).result(), key=_plain)


def _batch(run: str, step: str, header: Sequence[str], rows: Sequence[Row]) -> str:
    content = hashlib.sha256(_plain(header).encode())
    for row in rows:
        content.update(_plain(row).encode())
    return f"{_named(run, step)}.{content.hexdigest()[:24]}"


def _named(run: str, step: str) -> str:
    return f"{run}.{_NOT_IN_NAMES.sub('-', step).strip('-')[:60]}"


def _plain(row: Sequence[Any]) -> str:
    return json.dumps(list(row), default=str)


def _sink(job: Job, step: Archive | Return) -> Store:
    return job.store_named(store_of(step.to))


def _target(job: Job, step: Archive | Return) -> Collection | None:
    return job.site.collection(step.to) if "." in step.to else None
