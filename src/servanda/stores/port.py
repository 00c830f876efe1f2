"""The connector port: everything the engine ever asks of a store.

The protocol of one window, which makes a crash at any point harmless (DESIGN section 4):

1. `window = store.open(step, bounds, target)`. A transactional store has *done* the work in an
   open transaction; any other store has only *chosen* what will go. `window.keys` is exactly
   what goes when committed.
2. The engine records evidence in its own database, in one commit.
3. `window.commit()` makes it durable (other stores: does it, and confirms each).

A window that is closed without `commit()` leaves the store as it was. After a crash the engine
asks `present(step, keys)` which recorded keys still lack the effect, and runs the window again.

Every method raises only StoreUnreachable, StoreBusy (retry may help), StoreRefused, or Drift.
No message carries a value from a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self, TypeAlias, runtime_checkable

from servanda.kernel.predicate import Predicate, Scalar
from servanda.stores.mapping import Collection, Erasure

Row: TypeAlias = tuple[Scalar, ...]
Bounds: TypeAlias = Mapping[str, Any]  # JSON-able; made and read only by the connector


@dataclass(frozen=True, slots=True)
class Keys:
    """The identities of the records a window touches, packed.

    encoding `i8`: signed 64-bit big-endian integers, 8 bytes each, ascending.
    encoding `json`: canonical JSON arrays of the key's values, one a line (UTF-8, sorted).
    encoding `sha256`: 32 bytes a record, ascending: digest of a keyless row.
    encoding `partition`: the name of a partition that went whole, with `count` records in it.
    """

    encoding: Literal["i8", "json", "sha256", "partition"]
    data: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, and the oldest and newest value of `clock` among them (aware UTC)."""

    count: int
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class TableShape:
    name: str
    columns: tuple[tuple[str, str], ...]  # (name, type as the store says it), sorted by name
    key: tuple[str, ...]  # primary key columns, or ()
    rows: int | None = None  # the engine's own estimate
    private: bool = False  # the name may be a person's: shown to staff, never recorded


@dataclass(frozen=True, slots=True)
class StoreShape:
    """What a store holds right now. `product`: "PostgreSQL 15.18"."""

    product: str
    tables: tuple[TableShape, ...]

    def table(self, name: str) -> TableShape | None:
        return next((t for t in self.tables if t.name == name), None)


# ── what is done to records ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DeleteRows:
    """Remove the records, their children first, counters put right."""


@dataclass(frozen=True, slots=True)
class RedactRows:
    """Overwrite fields. Idempotent: a record whose fields are all at their erased form is done."""

    changes: tuple[tuple[str, Erasure], ...]  # (field, what becomes of it)


@dataclass(frozen=True, slots=True)
class CorrectRows:
    """Give fields new values, as text. A record that has them all is done."""

    changes: tuple[tuple[str, str], ...]  # (field, its new value)


@dataclass(frozen=True, slots=True)
class DropPartition:
    """Drop a whole partition in which every record has expired."""

    partition: str


Action: TypeAlias = DeleteRows | RedactRows | CorrectRows | DropPartition


@dataclass(frozen=True, slots=True)
class Work:
    """One action on one collection. The engine adds the live exclusion of holds to `target`."""

    collection: Collection
    action: Action
    target: Predicate  # which records, holds not yet excluded
    clock: str | None = None  # the clock that decides; connectors may walk its index
    pseudonym_key: bytes = b""  # only for RedactRows with a Pseudonym


class Window(Protocol):
    """An action about to become durable. A context manager: leaving it uncommitted undoes it."""

    keys: Keys

    def commit(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Bundle(Protocol):
    """Several actions about to become durable together. A context manager, like a window.

    `keys`: of each action, in their order, exactly what it touched.
    """

    keys: tuple[Keys, ...]

    def commit(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@runtime_checkable
class Together(Protocol):
    """A store that does several actions in one transaction: all of them, or none."""

    def together(self, works: Sequence[Work], begins: Callable[[], None]) -> Bundle:
        """Do them in the given order. Each work's `target` is the whole condition. `begins` is
        called when all is ready and only the store's own work is left."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A file of a record: its path below the store's root (bytes that are no
    UTF-8 as surrogates), when it was changed (ns since 1970), and its bytes, to be read once."""

    path: str
    changed_ns: int
    stream: BinaryIO


@runtime_checkable
class FileWindow(Window, Protocol):
    """A window whose records are files, which can be copied before they go."""

    def contents(self) -> Iterator[Content]:
        """Each file of each record, one open at a time. Once this was called, `commit` leaves
        every record of which a file was not given here, or was changed since."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a record: the record's `values`, as asked for, the file itself, to be read
    once, and `tells`: the fields whose values can be read in it too."""

    values: Row
    content: Content
    tells: tuple[str, ...] = ()


@runtime_checkable
class Contents(Protocol):
    """A store whose records are files, or can be given as files."""

    def contents(
        self, collection: Collection, where: Predicate, fields: Sequence[str]
    ) -> Iterator[Held]:
        """Each file of each record, one open at a time. Nothing is changed by it. What vanished
        meanwhile is passed over."""
        ...


@runtime_checkable
class FileKeeper(Protocol):
    """A store that can keep files (archive, return)."""

    def keep(self, collection: Collection | None, batch: str, files: Iterator[Content]) -> str:
        """Keep the files, read them back, and list them in `SHA256SUMS`. The same file again adds
        nothing. Returns the SHA-256 (hex) over the lines of these files in that list."""
        ...


@runtime_checkable
class Suspecting(Protocol):
    """A store that can search texts itself, for what is then looked at more closely."""

    def suspects(
        self, collection: Collection, fields: Sequence[str], pattern: str
    ) -> Iterator[Row]:
        """The named fields as text, of each record in which one matches. `pattern`: a regular
        expression of what PostgreSQL, PCRE and Python share, over ASCII signs."""
        ...


@dataclass(frozen=True, slots=True)
class Residue:
    """Something that still holds erased data and cannot go yet, and until when."""

    where: str  # "write-ahead log", "free pages", "backups"
    until: str  # "the next checkpoint", an ISO date, or "until VACUUM FULL"


class Store(Protocol):
    """One open store. Thread-safe: each thread that works gets its own connection inside."""

    name: str
    transactional: bool

    def shape(self) -> StoreShape:
        """Tables (folders) and columns as they are now."""
        ...

    def tally(
        self, collection: Collection, where: Predicate, clock: str | None = None
    ) -> Tally: ...

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        """Several tallies in one pass over the collection (conditional aggregates)."""
        ...

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        """Stream records as tuples of the named fields; memory does not grow with the table.
        A clock's event name may stand for a field and gives an aware datetime."""
        ...

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        """Partitions whose upper bound lies at or before `by`; empty where there are none."""
        ...

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        """Cut the work into windows over physical or key order, covering all records now there."""
        ...

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        """Step 1 of a window. `target` is the work's target with held records taken out."""
        ...

    def present(self, work: Work, keys: Keys) -> Keys:
        """Those of `keys` that still lack the effect (row there; field not erased)."""
        ...

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        """Keep a copy of records here (archive, return). Same `batch` again replaces nothing and
        adds nothing. Returns the SHA-256 (hex) of what was stored, read back from the store."""
        ...

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        """After a run: let the engine clean up what it can; say what remains and until when."""
        ...

    def close(self) -> None: ...


class Connector(Protocol):
    """What a folder under `connectors/` exports, one registry line each."""

    schemes: tuple[str, ...]  # of the connect address: "postgresql", "mysql", "sqlite", "file"

    def open(
        self,
        name: str,
        connect: str,
        *,
        zone: str,
        read_only: bool,
        limit: object,
        collections: Sequence[Collection] = (),
    ) -> Store:
        """`collections`: what is mapped of it, for stores that cannot list what they hold."""
        ...
