"""A small firm for tests of requests: two databases and a folder, four people, real policy files.

Ann and Bob are clients with orders; Ann's second order is old enough for no floor, her first is
not. Cid shares a call with Ann. `office@example.test` is Eve's and Fay's address. Recordings hang
on calls, across stores.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from servanda.apply.requests import Actor
from servanda.desk import holds
from servanda.plan.find import Subject
from servanda.plan.holds import hold_predicates
from servanda.plan.requests import RequestPlan, Wish, build
from servanda.plan.requests.ground import Ground
from servanda.runtime.workspace import Workspace

NOW = datetime.now(UTC)

POLICY = """
servanda: 1
organisation: {name: House Ltd, country: GB-NIR, contact: privacy@house.test}
jurisdictions: [GB-NIR]
activities:
  clients:
    purposes: [service_provision]
    basis: contract
    subjects: [client]
    data: [name, contact, comms]
    retain: {at_most: 10 years, after: created, then: delete}
  orders:
    purposes: [billing]
    basis: contract
    subjects: [client]
    data: [name, contact.email, comms]
    retain:
      at_most: 10 years
      after: created
      then: delete
      at_least: [{period: 6 years, after: created, ground: tax law, covers: [name]}]
  calls:
    purposes: [support]
    basis: legitimate_interest
    subjects: [caller]
    data: [contact.phone, comms.call_recording]
    retain: {at_most: 12 months, after: recorded, then: delete}
"""

STORES = """
own: {phone: ["100"]}
stores:
  crm:
    connect: sqlite:///crm.sqlite
    collections:
      clients:
        activity: clients
        key: [id]
        clocks: {created: created}
        fields:
          id: []
          name: name
          email: contact.email
          phone: contact.phone
          news: {is: [comms], erase: blank}
        consent: {marketing: {field: news, yes: ["yes"], no: "no"}}
        identify: {email: [email], phone: [phone]}
      orders:
        activity: orders
        key: [id]
        clocks: {created: created}
        fields:
          id: []
          client: []
          billed: {is: name, erase: blank}
          note: {is: comms, erase: blank}
        links:
          - {to: clients, match: {client: id}, as: owned_by}
  pbx:
    connect: sqlite:///pbx.sqlite
    collections:
      calls:
        activity: calls
        key: [id]
        clocks: {recorded: made}
        fields:
          id: []
          src: {is: contact.phone, erase: blank}
          dst: {is: contact.phone, erase: blank}
          tape: comms.call_recording
        identify: {phone: [src, dst]}
        links:
          - {to: tapes.wav, match: {tape: stem}, as: owns}
  tapes:
    connect: file:tapes
    collections:
      wav:
        activity: calls
        key: [path]
        files: {template: "{stem}.wav"}
        clocks: {recorded: {mtime: true}}
        fields:
          path: comms.call_recording
          stem: []
"""

_CRM = """
CREATE TABLE clients (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, news TEXT,
  created TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, client INTEGER, billed TEXT, note TEXT, created TEXT);
INSERT INTO clients VALUES
  (1, 'Ann', 'ann@example.test', '028 9000 0001', 'yes', '2024-01-05 10:00:00'),
  (2, 'Bob', 'bob@example.test', '028 9000 0002', 'yes', '2024-02-05 10:00:00'),
  (3, 'Cid', 'cid@example.test', '028 9000 0003', 'no', '2024-03-05 10:00:00'),
  (4, 'Eve', 'office@example.test', '028 9000 0004', 'no', '2024-04-05 10:00:00'),
  (5, 'Fay', 'office@example.test', '028 9000 0005', 'no', '2024-05-05 10:00:00');
INSERT INTO orders VALUES
  (11, 1, 'Ann', 'a desk', '2024-06-01 10:00:00'),
  (12, 1, 'Ann', 'a lamp', '2018-06-01 10:00:00'),
  (21, 2, 'Bob', 'a chair', '2024-06-02 10:00:00'),
  (22, 2, 'Bob', 'a table', '2018-06-02 10:00:00');
"""
_PBX = """
CREATE TABLE calls (id INTEGER PRIMARY KEY, src TEXT, dst TEXT, tape TEXT, made TEXT);
INSERT INTO calls VALUES
  (1, '02890000001', '100', 'a1', '2026-10-01 10:00:00'),
  (2, '02890000001', '02890000003', 'a2', '2026-10-02 10:00:00'),
  (3, '02890000002', '100', 'b1', '2026-10-03 10:00:00');
"""


def build_house(folder: Path) -> Path:
    """The workspace, made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "stores.yaml").write_text(STORES)
    for name, script in (("crm", _CRM), ("pbx", _PBX)):
        with closing(sqlite3.connect(folder / f"{name}.sqlite")) as connection, connection:
            connection.executescript(script)
    (folder / "tapes").mkdir()
    for tape in ("a1", "a2", "b1"):
        (folder / "tapes" / f"{tape}.wav").write_bytes(tape.encode() * 100)
    return folder


def rows(folder: Path, store: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / f"{store}.sqlite")) as connection:
        return list(connection.execute(query))


def tapes(folder: Path) -> list[str]:
    return sorted(each.stem for each in (folder / "tapes").glob("*.wav"))


def person(name: str, phone: str) -> tuple[tuple[str, str], ...]:
    return (("email", f"{name}@example.test"), ("phone", phone))


ANN = person("ann", "02890000001")
BOB = person("bob", "02890000002")
CID = person("cid", "02890000003")


def wish(
    ref: str, who: tuple[tuple[str, str], ...], right: str = "erasure", **more: object
) -> Wish:
    return Wish(ref, right, Subject(ref, who), **more)  # type: ignore[arg-type]


def ground(workspace: Workspace) -> Ground:
    _, in_force = holds.in_force(workspace.master)
    held = hold_predicates(in_force, workspace.configs, workspace.stores)
    configs = {each.name: each for each in workspace.configs}
    return Ground(
        workspace.policy, configs, workspace.stores, workspace.tenants, held, datetime.now(UTC)
    )


def planned(workspace: Workspace, wishes: Sequence[Wish]) -> RequestPlan:
    return build(wishes, ground(workspace), mapping=workspace.mapping, own=workspace.own)


def actor(workspace: Workspace) -> Actor:
    return Actor(workspace.site, workspace.stores)
