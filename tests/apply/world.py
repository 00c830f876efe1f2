"""A small company for tests of the engine: real stores, real plans, real state.

Store `pbx` (SQLite, PostgreSQL or MariaDB): `calls` (numbered), `guests` (keyed by e-mail, to be
anonymised), `notes` (no key). Store `tapes` (a folder): `wav`, the recordings, owned by calls.
Store `vault` (a folder) receives archives. `OLD` records are due, `NEW` ones are not.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from servanda.apply.site import Site
from servanda.inventory import shape_digest
from servanda.kernel.keyring import Master
from servanda.kernel.predicate import ClockBy, Missing, Predicate, all_of, negate
from servanda.plan.file import sealed
from servanda.plan.steps import Archive, Delete, Plan, Redact, Verify, Write
from servanda.runtime.registry import open_store
from servanda.stores.mapping import (
    Clock,
    Collection,
    Column,
    Field,
    FileLayout,
    FilePart,
    Limit,
    Link,
    SetNull,
    StoreConfig,
)
from servanda.stores.port import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUTOFF = NOW - timedelta(days=365)
OLD = CUTOFF - timedelta(days=30)
NEW = CUTOFF + timedelta(days=30)
MASTER = bytes(range(32))
POLICY, MAPPING = "a" * 64, "b" * 64

metadata = sa.MetaData()
calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("made", sa.DateTime, nullable=False, index=True),
    sa.Column("caller", sa.String(60)),
    sa.Column("tape", sa.String(60)),
)
guests = sa.Table(
    "guests",
    metadata,
    sa.Column("email", sa.String(80), primary_key=True),
    sa.Column("seen", sa.DateTime, nullable=False),
    sa.Column("name", sa.String(80)),
    sa.Column("note", sa.String(200)),
)
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("made", sa.DateTime, nullable=False),
    sa.Column("body", sa.String(200)),
)


def _field(name: str, *categories: str) -> Field:
    return Field(name, Column(name), categories)


CALLS = Collection(
    store="pbx",
    name="calls",
    source="calls",
    activity="recording",
    key=("id",),
    clocks=(Clock("made", Column("made")),),
    fields=(_field("id"), _field("caller", "contact.phone"), _field("tape", "comms")),
    identify=(("phone", ("caller",)),),
    links=(Link("tapes.wav", (("tape", "name"),), "owns"),),
)
GUESTS = Collection(
    store="pbx",
    name="guests",
    source="guests",
    activity="visits",
    key=("email",),
    clocks=(Clock("seen", Column("seen")),),
    fields=(
        _field("email", "contact.email"),
        Field("name", Column("name"), ("name",), SetNull()),
        _field("note", "comms"),
    ),
    identify=(("email", ("email",)),),
)
NOTES = Collection(
    store="pbx",
    name="notes",
    source="notes",
    activity="visits",
    key=(),
    clocks=(Clock("made", Column("made")),),
    fields=(_field("body", "comms"),),
)
WAV = Collection(
    store="tapes",
    name="wav",
    source="{yyyy}/{mm}/{dd}/{name}.wav",
    activity="recording",
    key=("path",),
    clocks=(Clock("made", FilePart("path")),),
    fields=(
        Field("path", FilePart("path"), ("comms",)),
        Field("name", FilePart("name"), ("comms",)),
    ),
    files=FileLayout("{yyyy}/{mm}/{dd}/{name}.wav"),
)


@dataclass
class World:
    """The stores, and plans about them."""

    folder: Path
    url: str
    limit: Limit = field(default_factory=lambda: Limit(rows_per_second=None, breaker_share=1.0))
    recount: str | None = None
    now: datetime = NOW
    extra: tuple[Collection, ...] = ()

    @classmethod
    def sqlite(cls, folder: Path, **more: Any) -> World:
        return cls(folder, f"sqlite:///{folder / 'pbx.sqlite3'}", **more)

    def make(self, old: int = 40, new: int = 25) -> World:
        """Tables and folders with `old` due records and `new` ones that stay, of each kind."""
        for name in ("tapes", "vault"):
            (self.folder / name).mkdir(exist_ok=True)
        with self.engine.begin() as connection:
            metadata.create_all(connection)
            # Interleaved, so that every window has both kinds.
            moments = [OLD if each % (old + new) < old else NEW for each in range(old + new)]
            rows = sorted(enumerate(moments), key=lambda pair: pair[0] * 7919 % (old + new))
            connection.execute(calls.insert(), [_call(n, at) for n, at in rows])
            connection.execute(guests.insert(), [_guest(n, at) for n, at in rows])
            connection.execute(
                notes.insert(), [{"made": _naive(at), "body": f"note {n:06d}"} for n, at in rows]
            )
        for number, moment in rows:
            self.tape(number, moment).parent.mkdir(parents=True, exist_ok=True)
            self.tape(number, moment).write_bytes(b"RIFF%d" % number)
        return self

    def tape(self, number: int, moment: datetime) -> Path:
        return self.folder / "tapes" / f"{moment:%Y/%m/%d}" / f"call-{number:06d}.wav"

    @property
    def engine(self) -> sa.Engine:
        return sa.create_engine(self.url, poolclass=sa.NullPool)

    @property
    def configs(self) -> dict[str, StoreConfig]:
        pbx = StoreConfig(
            "pbx",
            self.url,
            limit=self.limit,
            recount=self.recount,
            collections=(CALLS, GUESTS, NOTES, *self.extra),
        )
        tapes = StoreConfig(
            "tapes", f"file://{self.folder / 'tapes'}", limit=self.limit, collections=(WAV,)
        )
        vault = StoreConfig("vault", f"file://{self.folder / 'vault'}", limit=self.limit)
        return {"pbx": pbx, "tapes": tapes, "vault": vault}

    @property
    def site(self) -> Site:
        return Site(self.configs, _open, POLICY, MAPPING, MASTER, now=lambda: self.now)

    # ── plans ─────────────────────────────────────────────────────────────────────────────────

    def plan(self, *steps: Write, made_at: datetime | None = None) -> Plan:
        """A sealed plan of these steps with a Verify of each collection, shapes as they are."""
        verifies = [
            Verify(f"verify-{step.collection}", step.collection, step.where, negate(EVERYTHING), ())
            for step in steps
        ]
        names = dict.fromkeys(step.collection.split(".")[0] for step in steps)
        shapes = tuple((name, self._shape(name)) for name in names)
        made = made_at or self.now
        return sealed(Plan(made, made, POLICY, MAPPING, shapes, (*steps, *verifies)))

    def delete(self, id_: str = "pbx.calls", **more: Any) -> Delete:
        where = past(self.site, id_)
        return Delete(f"delete-{id_}", id_, where, *self._counted(id_, where), (), (), **more)

    def archive(self, id_: str = "pbx.calls", to: str = "vault", **more: Any) -> Archive:
        where = past(self.site, id_)
        clock, tally, total = self._counted(id_, where)
        return Archive(f"archive-{id_}", id_, where, clock, to, tally, total, (), (), **more)

    def redact(self, id_: str = "pbx.guests", **more: Any) -> Redact:
        where = all_of((past(self.site, id_), negate(Missing("name"))))
        clock, tally, total = self._counted(id_, where)
        changes = (("name", SetNull()),)
        return Redact(
            f"redact-{id_}", id_, where, clock, changes, "anonymised", tally, total, (), (), **more
        )

    def _counted(self, id_: str, where: Predicate) -> tuple[str, Any, int]:
        collection = self.site.collection(id_)
        clock = collection.clocks[0].event
        store = self.site.open(self.configs[collection.store], True)
        try:
            counted, total = store.tallies(collection, [where, EVERYTHING], clock)
        finally:
            store.close()
        return clock, counted, total.count

    def _shape(self, name: str) -> str:
        store = self.site.open(self.configs[name], True)
        try:
            return shape_digest(self.configs[name], store.shape())
        finally:
            store.close()

    # ── looking ───────────────────────────────────────────────────────────────────────────────

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def execute(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement))

    def ids(self) -> set[int]:
        return {row[0] for row in self.rows("SELECT id FROM calls")}

    def old_ids(self) -> set[int]:
        return {row[0] for row in self.rows(f"SELECT id FROM calls WHERE made < '{_text(CUTOFF)}'")}

    def tapes(self) -> set[str]:
        return {path.name for path in (self.folder / "tapes").rglob("*.wav")}

    def archived(self) -> list[dict[str, Any]]:
        """The records in the vault, from every batch."""
        found: list[dict[str, Any]] = []
        for path in sorted((self.folder / "vault").rglob("*.jsonl.gz")):
            with gzip.open(path, "rt") as lines:
                found += [json.loads(line) for line in lines]
        return found

    def kept_tapes(self) -> dict[str, bytes]:
        """The recordings in the vault, from every batch; none may be there twice."""
        found = list((self.folder / "vault").rglob("*.wav*"))
        kept = {path.name: path.read_bytes() for path in found}
        assert len(kept) == len(found)
        return kept

    def with_limit(self, **changes: Any) -> World:
        return replace(self, limit=replace(self.limit, **changes))


EVERYTHING: Predicate = all_of(())


def past(site: Site, id_: str) -> Predicate:
    return ClockBy(site.collection(id_).clocks[0].event, CUTOFF)


def entries(kind: str | None = None) -> list[dict[str, Any]]:
    """The ledger's entries, oldest first."""
    from servanda.state.models import Leaf

    found = [json.loads(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]
    return [entry for entry in found if kind is None or entry["kind"] == kind]


def unsealed(run: str) -> dict[str, list[tuple[Any, ...]]]:
    """By step: the keys in the manifests that stand, as the state has them at the end."""
    return unsealed_with(MASTER, run)


def unsealed_with(master: Master, run: str) -> dict[str, list[tuple[Any, ...]]]:
    """The same with the master key of another workspace."""
    from servanda.apply import keyvalues
    from servanda.ledger import manifests
    from servanda.state.models import Window

    found: dict[str, list[tuple[Any, ...]]] = {}
    for window in Window.objects.filter(run_id=run).exclude(manifest=""):
        keys = manifests.open_sealed(master, window.manifest)
        found.setdefault(window.step, []).extend(keyvalues.values(keys))
    return found


def standing(run: str) -> dict[str, set[str]]:
    """By step: the manifests that stand by the ledger alone, superseded ones left out."""
    found: dict[str, set[str]] = {}
    for entry in entries():
        if entry.get("run") == run and entry["kind"] in ("window.prepared", "window.superseded"):
            found.setdefault(entry["step"], set()).add(entry["manifest"])
            found[entry["step"]].discard(entry.get("supersedes", ""))
    return found


def _open(config: StoreConfig, read_only: bool) -> Store:
    return open_store(config, reader=read_only)


def _call(number: int, moment: datetime) -> dict[str, Any]:
    caller = f"+4428{number:08d}"
    return {
        "id": number,
        "made": _naive(moment),
        "caller": caller,
        "tape": f"call-{number:06d}.wav",
    }


def _guest(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "email": f"guest{number:06d}@example.test",
        "seen": _naive(moment),
        "name": f"Guest Number {number:06d}",
        "note": "asked for a quote",
    }


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
