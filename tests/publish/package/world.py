"""A small company whose people ask for their data: two databases, a folder of recordings, and
every trap a package can fall into. Ann asks; Bob's data must never be in what she gets."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyzipper

from servanda import law
from servanda import policy as language
from servanda.connectors.files import FileStore
from servanda.kernel.errors import StoreUnreachable
from servanda.ledger.signer import Signer
from servanda.plan.find import Tree
from servanda.policy.rules import Policy
from servanda.publish.package import Asked, Gathered, Made, Shelf, make
from servanda.stores.mapping import Clock, Collection, Column, Field, FileLayout, FilePart
from tests.plan.find.town import Town, link, table, town

ANN, BOB = "ann@client.test", "bob@client.test"
ANN_NUMBER, BOB_NUMBER = "+254700000001", "+254700000002"
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

POLICY = """\
servanda: 1
organisation: {name: Example IT, country: GB-NIR, contact: privacy@example.test}
recipients:
  host: {name: "Host & Sons", kind: processor, country: US, transfer: scc}
activities:
  accounts:
    purposes: [service_provision]
    basis: contract
    subjects: [client]
    data: [name, contact.email]
    recipients: [host]
    retain: {at_most: 7 years, after: last_invoice, then: delete}
  calls:
    purposes: [support]
    basis: legitimate_interest
    subjects: [caller]
    data: [comms.call_log, comms.call_recording]
    source: from the telephone system
    retain: {at_most: 12 months, after: recorded, then: delete}
"""

CUSTOMERS = table(
    "customers", "email", "name", "note", identify={"email": ["email"]}, one_per_person=True
)
ORDERS = table(
    "orders",
    "customer",
    "what",
    links=[link("crm.customers", "customer", "id", "owned_by")],
)
CALLS = Collection(
    "crm",
    "calls",
    "calls",
    "calls",
    ("id",),
    (Clock("recorded", Column("at"), "text", "%Y-%m-%d %H:%M:%S"),),
    (
        Field("id", Column("id")),
        Field("src", Column("src"), ("contact.phone",)),
        Field("dst", Column("dst"), ("contact.phone",)),
        Field("file", Column("file"), ("comms.call_recording",)),
        Field("at", Column("at")),
    ),
    identify=(("phone", ("src", "dst")),),
    links=(link("recordings.wav", "file", "name", "owns"),),
)
TICKETS = table(
    "tickets",
    "email",
    "customer",
    "text",
    store="desk",
    identify={"email": ["email"]},
    tenant="customer",
)
LETTERS = table("letters", "email", "text", store="desk", identify={"email": ["email"]})
WAV = Collection(
    store="recordings",
    name="wav",
    source="{yyyy}/{mm}/{name}.wav",
    activity="calls",
    key=("path",),
    clocks=(Clock("recorded", FilePart("path")),),
    fields=(Field("path", FilePart("path")), Field("name", FilePart("name"))),
    files=FileLayout("{yyyy}/{mm}/{name}.wav", (".txt",)),
)
COLLECTIONS = (CUSTOMERS, ORDERS, CALLS, TICKETS, LETTERS, WAV)

ROWS: Mapping[str, Any] = {
    "crm.customers": [
        (1, ANN, "Ann <b>Client</b>", "=1+1"),
        (2, BOB, "Bob", "Bob's note"),
        (3, "cyd@client.test", "Cyd", ""),
    ],
    "crm.orders": [
        (11, 1, "a router, grey"),
        (12, 1, 'said "yes"\nand more'),
        (13, 2, "Bob's switch"),
        (14, 1, "@SUM(A1)"),
    ],
    "crm.calls": [
        (21, ANN_NUMBER, BOB_NUMBER, "a.wav", "2026-01-02 10:00:00"),
        (22, ANN_NUMBER, "", "b.wav", "2026-01-03 10:00:00"),
        (23, BOB_NUMBER, "", "c.wav", "2026-01-04 10:00:00"),
    ],
    "desk.tickets": [
        (31, ANN, "acme", "Acme's printer"),
        (32, ANN, "other", "Other's modem"),
        (33, ANN, "", "whose is it"),
        (34, BOB, "acme", "Bob's ticket"),
    ],
    "desk.letters": [(41, ANN, "Dear Ann"), (42, ANN, "Again"), (43, BOB, "Dear Bob")],
}


def policy(folder: Path, text: str = POLICY) -> Policy:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = language.load(path)
    assert loaded.policy is not None, loaded.diagnostics
    return loaded.policy


@dataclass
class World:
    folder: Path
    town: Town
    policy: Policy
    signer: Signer
    collections: tuple[Collection, ...] = COLLECTIONS
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder / ".servanda" / "packages")

    def tree(self, *identities: tuple[str, str], **options: Any) -> Tree:
        return self.town.one(*(identities or (("email", ANN), ("phone", ANN_NUMBER))), **options)

    def make(
        self,
        tree: Tree | Gathered | None = None,
        right: str = "access",
        places: tuple[str, ...] = ("GB-NIR",),
        progress: Callable[[int, int], None] | None = None,
    ) -> Made:
        asked = Asked(
            "12",
            right,  # type: ignore[arg-type]
            tuple(law.find(each) for each in places),
            date(2026, 2, 20),
        )
        return make(
            asked,
            tree or self.tree(),
            self.collections,
            self.town.stores,
            self.policy,
            self.signer,
            self.shelf,
            now=NOW,
            progress=progress,
        )


@contextmanager
def world(folder: Path) -> Iterator[World]:
    recordings = folder / "recordings" / "2026" / "01"
    recordings.mkdir(parents=True)
    for name in "abc":
        (recordings / f"{name}.wav").write_bytes(f"RIFF {name}".encode() * 1000)
        os.utime(recordings / f"{name}.wav", (1_700_000_000, 1_700_000_000))
    (recordings / "b.txt").write_text("callerid=somebody\n", encoding="utf-8")
    with town(folder, COLLECTIONS[:-1], ROWS) as made:
        made.collections = COLLECTIONS
        store = FileStore("recordings", f"file://{folder / 'recordings'}", read_only=True)
        made.stores["recordings"] = store
        signer = Signer.open(folder / "signing.key", "example.test/privacy")
        yield World(folder, made, policy(folder), signer)


def unreachable(world: World, store: str) -> None:
    found = world.town.stores[store]
    if not isinstance(found, StoreUnreachable):
        found.close()
    world.town.stores[store] = StoreUnreachable(store, "the test says so")


def unpacked(made: Made) -> dict[str, bytes]:
    """Every member, decrypted, as an unpacker of another maker would give it."""
    with pyzipper.AESZipFile(io.BytesIO(made.path.read_bytes())) as archive:
        archive.setpassword(made.passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}


def records(made: Made, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(unpacked(made)[f"data/{name}.json"])
    return found
