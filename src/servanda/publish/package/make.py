"""Make one package: choose, read, write, sign.

The harm: a package that looks complete and is not. A store that fails while it is read makes the
package begin again without it, and the page, the manifest and the caller are told which; the file
appears under its name only when all of it is written and on disk.
tests/publish/package/test_make.py guards it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from servanda.kernel.digest import file_digest
from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable, UsageError
from servanda.ledger.entries import stamp
from servanda.ledger.signer import Signer
from servanda.plan.find import Tree
from servanda.policy.rules import Policy
from servanda.publish.package import files, page
from servanda.publish.package.archive import Archive, Member, writing
from servanda.publish.package.choice import LeftOut, Portion
from servanda.publish.package.names import Names
from servanda.publish.package.passphrase import new_passphrase
from servanda.publish.package.portions import Asked, portioned
from servanda.publish.package.reading import Found, read
from servanda.publish.package.schema import schema
from servanda.publish.package.shelf import Shelf
from servanda.publish.package.spool import Spool
from servanda.publish.package.tables import Table, write
from servanda.publish.package.tails import Gathered, Reader
from servanda.publish.statement import signed
from servanda.stores.mapping import Collection
from servanda.stores.port import Contents, Store

Stores = Mapping[str, Store | StoreUnreachable]
Progress = Callable[[int, int], None]
Records = Callable[[tuple[str, ...]], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Unread:
    """A store whose records are not in the package, and why."""

    store: str
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    """The package on its shelf. `passphrase` is nowhere else: send it by another way. `counts`:
    records by collection. `complete`: every store was read."""

    path: Path
    passphrase: str
    sha256: str
    size: int
    expires: datetime
    members: tuple[Member, ...]
    counts: tuple[tuple[str, int], ...]
    left_out: tuple[LeftOut, ...]
    unread: tuple[Unread, ...]

    @property
    def complete(self) -> bool:
        return not self.unread

    @property
    def records(self) -> int:
        return sum(count for _, count in self.counts)


class _Failed(Exception):
    def __init__(self, store: str, why: str) -> None:
        super().__init__(store)
        self.store, self.why = store, why


def make(
    asked: Asked,
    found: Tree | Gathered,
    collections: Sequence[Collection],
    stores: Stores,
    policy: Policy,
    signer: Signer,
    shelf: Shelf,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> Made:
    """`found`: of one person, by `plan.find` or, where they may have very much, by `gather`.

    `progress` is told the records written so far, and how many there are to write, as far as that
    is known. UsageError where it is not clear yet who is meant. NotWritten where the disk has no
    room or may not be written; nothing is left of it then.
    """
    gathered = found if isinstance(found, Gathered) else Gathered(found)
    tree = gathered.tree
    if tree.ambiguities:
        raise UsageError(
            "it is not clear whose data this is: several people share what was given",
            "choose who is meant, then make the package",
        )
    portions, left_out = portioned(asked, gathered, collections, policy)
    job = _Job(
        asked,
        gathered,
        portions,
        tuple(left_out),
        collections,
        stores,
        policy,
        signer,
        now,
        progress,
        {each.store: each.why for each in tree.pending},
    )
    while True:
        try:
            return job.run(shelf)
        except _Failed as failure:
            job.failed[failure.store] = failure.why


@dataclass
class _Job:
    """Begins anew without a store whenever one has failed."""

    asked: Asked
    gathered: Gathered
    portions: Sequence[Portion]
    left_out: tuple[LeftOut, ...]
    collections: Sequence[Collection]
    stores: Stores
    policy: Policy
    signer: Signer
    now: datetime
    progress: Progress | None
    failed: dict[str, str]  # store: why
    tables: list[Table] = field(default_factory=list)
    copied: dict[str, files.Copied] = field(default_factory=dict)

    def run(self, shelf: Shelf) -> Made:
        self.tables, self.copied = [], {}
        place = shelf.place(self.asked.ref, self.now)
        passphrase = new_passphrase()
        with writing(place.path, passphrase) as archive:
            self._data(archive, place.path.parent)
            archive.add("schema.json", [schema(self.tables)])
            archive.add(page.NAME, [page.render(self._page()).encode()])
            manifest = signed("package", self._manifest(archive.members), self.signer)
            archive.add("manifest.json", [manifest])
        return Made(
            place.path,
            passphrase,
            file_digest(place.path),
            place.path.stat().st_size,
            place.expires,
            tuple(archive.members),
            tuple((each.portion.collection.id, each.count) for each in self.tables),
            self.left_out,
            tuple(Unread(*each) for each in sorted(self.failed.items())),
        )

    def _data(self, archive: Archive, folder: Path) -> None:
        names = Names()
        wanted = [each for each in self.portions if not self._needs(each) & set(self.failed)]
        total, done = sum(each.count for each in wanted), 0
        for portion in wanted:
            before = done

            def tell(written: int, before: int = before) -> None:
                if self.progress is not None:
                    self.progress(before + written, max(total, before + written))

            store = self._store(portion.collection.store)
            name = names.new(portion.collection.id)
            try:
                with Spool(folder) as spool:
                    records = self._records(portion, store, folder)
                    table = write(archive, spool, portion, name, records, tell)
                self.tables.append(table)
                if isinstance(store, Contents):
                    self.copied[name] = files.copy(archive, store, portion, name)
            except (StoreUnreachable, StoreBusy, StoreRefused, Drift) as error:
                failed = getattr(error, "store", portion.collection.store)
                raise _Failed(failed, error.what) from None
            done += table.count

    def _records(self, portion: Portion, store: Store, folder: Path) -> Records:
        tail = self.gathered.tail(portion.collection)
        if tail is None:
            return lambda names: read(store, portion, names)
        opened = {name: self._store(name) for name in self._needs(portion)}
        reader = Reader(self.gathered, self.collections, opened, self.asked.right, folder)
        return lambda names: reader.records(tail, names)

    def _needs(self, portion: Portion) -> set[str]:
        """The stores without which the portion cannot be read."""
        tail = self.gathered.tail(portion.collection)
        ids = {portion.collection.id, *(self.gathered.above(tail) if tail else ())}
        return {each.store for each in self.collections if each.id in ids}

    def _store(self, name: str) -> Store:
        found = self.stores.get(name)
        if found is None:
            raise _Failed(name, "it was not opened")
        if isinstance(found, StoreUnreachable):
            raise _Failed(name, found.what)
        return found

    def _page(self) -> page.Page:
        return page.Page(
            self.asked.ref,
            self.asked.right,
            self.now,
            self.asked.received,
            self.policy,
            self.asked.places,
            self.tables,
            self.copied,
            self.left_out,
            sorted(self.failed),
        )

    def _manifest(self, members: Sequence[Member]) -> dict[str, Any]:
        return {
            "v": 1,
            "request": self.asked.ref,
            "right": self.asked.right,
            "made": stamp(self.now),
            "policy": self.policy.digest,
            "complete": not self.failed,
            "unread": sorted(self.failed),
            "members": [
                {"name": each.name, "size": each.size, "sha256": each.sha256} for each in members
            ],
        }
