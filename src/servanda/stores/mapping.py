"""What a collection looks like to us. Compiled from stores.yaml and packs; frozen; no I/O.

Names on the left of `fields` and `clocks` are ours; a *source* says where the value lies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from servanda.kernel.period import Period
from servanda.kernel.predicate import Everything, Predicate, Scalar
from servanda.stores.layouts import CommandLayout as CommandLayout
from servanda.stores.layouts import FileLayout as FileLayout
from servanda.stores.layouts import MailboxLayout as MailboxLayout
from servanda.stores.link import Link as Link
from servanda.stores.link import Party as Party

# ── where a value lies ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the collection's own table (or a key of its sidecar's row)."""

    name: str


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A value inside a JSON (or JSON-in-text) column: `doc` at `("user", "name")`."""

    column: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value in another table of the same store, joined on equal columns.

    `match` pairs (their column, our column); `where` pairs (their column, constant).
    Several matching rows: `pick` takes the greatest, the least, or (any) whichever matches.
    """

    table: str
    match: tuple[tuple[str, str], ...]
    column: str
    where: tuple[tuple[str, Scalar], ...] = ()
    pick: Literal["max", "min", "any"] = "max"


@dataclass(frozen=True, slots=True)
class FilePart:
    """A property of a file: its relative `path`, its `name`, `stem`, `size`, `mtime`, a named
    group of the path template (`group`), or a key of its sidecar (`sidecar`)."""

    part: Literal["path", "name", "stem", "size", "mtime", "group", "sidecar"]
    key: str = ""


Source: TypeAlias = Column | JsonPath | Lookup | FilePart

# ── clocks ────────────────────────────────────────────────────────────────────────────────────

ClockKind: TypeAlias = Literal["auto", "datetime", "date", "epoch_s", "epoch_ms", "text"]


@dataclass(frozen=True, slots=True)
class Clock:
    """When an event happened to a record. `auto` takes the column's own type.

    `format` (strptime) only for text. `zone`: of values that carry none; default is the store's.
    """

    event: str
    source: Source
    kind: ClockKind = "auto"
    format: str = ""
    zone: str = ""


# ── what becomes of a field ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SetNull:
    """The value becomes null."""


@dataclass(frozen=True, slots=True)
class SetText:
    """The value becomes this fixed text (`blank` is the empty text)."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Generalise:
    """The value loses precision.

    date: to `year`, `month`, `decade`. number: down to a multiple of `step`.
    ip: IPv4 to /24, IPv6 to /48. postcode: the outward part only.
    """

    to: Literal["year", "month", "decade", "number", "ip", "postcode"]
    step: int = 0


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """Keyed pseudonym (`ps_` + 32 hex digits of HMAC-SHA256). Reported as pseudonymised, never
    as anonymous: whoever has the key can link (GDPR article 4(5)).

    `ending`: it stands for the name of a file and keeps its ending (`.wav`). The same name gives
    the same pseudonym wherever it stands, so a column still names the file that was renamed.
    """

    ending: bool = False


RENAMED = Pseudonym(ending=True)
Erasure: TypeAlias = SetNull | SetText | Generalise | Pseudonym


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field: its categories (ids of the vocabulary, without `data.`), and what
    erasing it means. No categories: declared as not personal."""

    name: str
    source: Source
    categories: tuple[str, ...] = ()
    erase: Erasure | None = None


# ── ties between collections ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Child:
    """A table of the same store whose rows go with ours, before them.

    `match` pairs (child column, our column). Children may have children of their own. `where`
    pairs (child column, constant): only such rows, in a table that hangs on several others.
    """

    table: str
    match: tuple[tuple[str, str], ...]
    children: tuple[Child, ...] = ()
    where: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Counter:
    """A count the product keeps of our rows, in another table; set right in the same transaction.

    Example: `wp_posts.comment_count` over approved comments. `match`: (their column, our column).
    `where`: (our column, constant) pairs that say which of our rows are counted.
    """

    table: str
    column: str
    match: tuple[tuple[str, str], ...]
    where: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Detach:
    """A column that points at our rows and is reset when they go (a reply's `comment_parent`)."""

    table: str
    column: str
    points_at: str  # our column
    value: Scalar


@dataclass(frozen=True, slots=True)
class Consent:
    """Which field records a choice, and the values that mean yes (compared as text). `no`: what is
    written when consent is withdrawn; None where that cannot be done in the store."""

    purpose: str
    field: str
    yes: tuple[str, ...]
    no: str | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a collection has no rule, for a while. All three are required."""

    reason: str
    owner: str
    until: str  # ISO date


@dataclass(frozen=True, slots=True)
class SoftDelete:
    """A row with this column set is hidden by the product but still held. We count such rows and
    delete them for real like any other; the column only shows in counts."""

    column: str
    deleted: Literal["not_null", "true"] = "not_null"


@dataclass(frozen=True, slots=True)
class Collection:
    """A table, folder, set of log lines, set of mailboxes, or what a program lists, mapped.

    `key`: names of *fields* that identify a record; may be empty (some real tables have none).
    `where`: which rows of the table belong to this collection (post_type = 'flamingo_inbound').
    """

    store: str
    name: str
    source: str  # table (optionally schema.table), a layout's template, or the first mailbox
    activity: str | None
    key: tuple[str, ...]
    clocks: tuple[Clock, ...]
    fields: tuple[Field, ...]
    where: Predicate = field(default_factory=Everything)
    identify: tuple[tuple[str, tuple[str, ...]], ...] = ()  # ("phone", ("src", "dst"))
    texts: tuple[tuple[str, str], ...] = ()  # of `identify`, those that name people among words
    region: str | None = None  # the country of numbers without one
    tenant: str | None = None  # name of a field, or a constant when `tenant_constant`
    tenant_constant: bool = False
    links: tuple[Link, ...] = ()
    parties: tuple[Party, ...] = ()
    shared: tuple[str, ...] = ()  # fields that tell of every person of the record at once
    one_per_person: bool | None = None  # None: yes where other records point at it by its key
    unlinked: Exemption | None = None  # why no person can be led to these records
    children: tuple[Child, ...] = ()
    counters: tuple[Counter, ...] = ()
    detaches: tuple[Detach, ...] = ()
    consents: tuple[Consent, ...] = ()
    accepted: str | None = None  # field with the number of the policy's edition accepted last
    exempt: Exemption | None = None
    soft_delete: SoftDelete | None = None
    emptied: bool = False  # an erasure empties its records: other tables need the rows
    files: FileLayout | None = None
    mailbox: MailboxLayout | None = None
    command: CommandLayout | None = None
    byproducts: tuple[str, ...] = ()  # globs of dumps, caches, rotated logs to search for residue
    archive_to: str | None = None  # store.collection or store, for `then: archive`
    return_to: str | None = None  # folder store, for `then: return`
    expect: tuple[str, ...] = ()  # fingerprint: columns the product's version must have

    @property
    def id(self) -> str:
        return f"{self.store}.{self.name}"

    @property
    def tabular(self) -> bool:
        """Whether it is a table, whose columns the store can name."""
        return self.files is None and self.mailbox is None and self.command is None

    def field_named(self, name: str) -> Field:
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(f"{self.id} has no field {name}")

    def clock_named(self, event: str) -> Clock | None:
        return next((c for c in self.clocks if c.event == event), None)

    @property
    def personal(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.categories)


@dataclass(frozen=True, slots=True)
class Limit:
    """How hard we may lean on a store, and when a step needs a person's approval."""

    rows_per_second: int | None = 20_000  # None: unlimited
    connections: int = 2
    statement_timeout_s: float = 300.0
    lock_timeout_s: float = 10.0
    breaker_share: float = 0.5  # of a collection, above `breaker_floor` rows
    breaker_rows: int = 1_000_000
    breaker_floor: int = 20


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """One entry of stores.yaml. `connect` still holds its secrets: never log or print it.

    `recount`: connection of a read-only user for independent recounts (falls back to `connect`
    opened read-only). `zone`: IANA name for clocks without one.
    """

    name: str
    connect: str
    mode: Literal["direct", "verify"] = "direct"
    recount: str | None = None
    zone: str = "UTC"
    limit: Limit = field(default_factory=Limit)
    collections: tuple[Collection, ...] = ()
    ignore: tuple[tuple[str, Exemption], ...] = ()  # table glob -> why it is not mapped
    pack: str | None = None

    def collection(self, name: str) -> Collection:
        return next(c for c in self.collections if c.name == name)


@dataclass(frozen=True, slots=True)
class Tightening:
    """A customer's shorter ceiling in place of the policy's: `activity`'s ceiling after `event`."""

    activity: str
    event: str
    period: Period


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer for whom we are processor. `id`: the value that marks the rows."""

    id: str
    name: str
    tighten: tuple[Tightening, ...] = ()
