"""Another house of the same people, with its stores on real servers and harder tables.

`crm` (PostgreSQL): clients by UUID, orders by a key of two parts. `pbx` (MariaDB): calls without
any key, and agents, who see the calls they took and own none. `tapes`: a folder of recordings.
Ann and Bob have three calls and two orders each; one call of Ann's is also Cid's. Dot took a call
of each of them.

    world = RequestsWorld.make(folder, crm_address, pbx_address)     # `CRM` and `PBX` must be set
    world.killed("after-record", 2)     # act on Ann's and Bob's erasures in a process that is
                                        # killed the second time it reaches that boundary
    world.seen()                        # all that is there, to be compared
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from servanda.apply.boundaries import Boundary
from tests.apply.requests.house import POLICY

DOT = (("email", "dot@example.test"),)
_ROOT = Path(__file__).parents[2]

STORES = """
stores:
  crm:
    connect: ${CRM}
    collections:
      clients:
        activity: clients
        key: [id]
        clocks: {created: created}
        fields: {id: [], name: name, email: contact.email, phone: contact.phone}
        identify: {email: [email], phone: [phone]}
      orders:
        activity: orders
        key: [branch, number]
        clocks: {created: created}
        fields:
          branch: []
          number: []
          client: []
          billed: {is: name, erase: blank}
          note: {is: comms, erase: blank}
        links:
          - {to: clients, match: {client: id}, as: owned_by}
  pbx:
    connect: ${PBX}
    collections:
      agents:
        exempt: {reason: "Our own people.", owner: office, until: 2099-12-31}
        key: [login]
        fields: {login: account.username, email: contact.email}
        identify: {email: [email]}
      calls:
        activity: calls
        clocks: {recorded: made}
        fields:
          made: []
          src: {is: contact.phone, erase: blank}
          dst: {is: contact.phone, erase: blank}
          agent: {is: comms.call_recording, erase: blank}
          tape: comms.call_recording
        identify: {phone: [src, dst]}
        links:
          - {to: tapes.wav, match: {tape: stem}, as: owns}
          - to: agents
            match: {agent: login}
            as: accessed_by
            on_access: {redact: [src, dst]}
            on_erase: {redact: [agent]}
  tapes:
    connect: file:tapes
    collections:
      wav:
        activity: calls
        key: [path]
        files: {template: "{stem}.wav"}
        clocks: {recorded: {mtime: true}}
        fields: {path: comms.call_recording, stem: []}
"""

_PEOPLE = {"Ann": 1, "Bob": 2, "Cid": 3}
_CRM = """
CREATE TABLE clients (id uuid PRIMARY KEY, name text, email text, phone text, created timestamptz);
CREATE TABLE orders (branch text, number integer, client uuid, billed text, note text,
  created timestamptz, PRIMARY KEY (branch, number));
"""
_PBX = """
CREATE TABLE agents (login varchar(20) PRIMARY KEY, email varchar(80));
CREATE TABLE calls (made datetime, src varchar(20), dst varchar(20), agent varchar(20),
  tape varchar(20));
"""


@dataclass(frozen=True)
class RequestsWorld:
    folder: Path
    crm: sa.Engine
    pbx: sa.Engine

    @classmethod
    def make(cls, folder: Path, crm: str, pbx: str) -> RequestsWorld:
        """The workspace and its stores, whose databases are empty."""
        (folder / "tapes").mkdir(parents=True)
        (folder / "policy.yaml").write_text(
            POLICY.replace("data: [contact.phone, comms", "data: [contact, comms")
        )
        (folder / "stores.yaml").write_text(STORES)
        world = cls(folder, *(sa.create_engine(url, poolclass=sa.NullPool) for url in (crm, pbx)))
        world._fill()
        return world

    def _fill(self) -> None:
        clients, orders, calls = [], [], []
        for who, n in _PEOPLE.items():
            id_, phone = _uuid(n), f"0289000000{n}"
            mail = f"{who.lower()}@example.test"
            clients.append(f"('{id_}', '{who}', '{mail}', '{phone}', '2024-01-05Z')")
            # The law wants the name on the newer one.
            orders += [
                f"('Larne', {n}, '{id_}', '{who}', 'a desk', '2024-06-01Z')",
                f"('Newry', {n}, '{id_}', '{who}', 'a lamp', '2018-06-01Z')",
            ]
            letter = who[0].lower()
            second = "02890000003" if who == "Ann" else "100"
            calls += [
                f"('2026-10-0{k} 10:00', '{phone}', '{to}', '{agent}', '{letter}{k}')"
                for k, to, agent in ((1, "100", "dot"), (2, second, ""), (3, "100", ""))
            ]
        with self.crm.begin() as db:
            _run(db, _CRM, clients=clients, orders=orders)
        with self.pbx.begin() as db:
            _run(db, _PBX, agents=["('dot', 'dot@example.test')"], calls=calls)
        for (tape,) in self.rows("pbx", "SELECT tape FROM calls"):
            (self.folder / "tapes" / f"{tape}.wav").write_bytes(f"{tape}".encode() * 100)

    def rows(self, store: str, query: str) -> list[tuple[Any, ...]]:
        with (self.crm if store == "crm" else self.pbx).connect() as db:
            return [tuple(row) for row in db.execute(sa.text(query))]

    def seen(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is there, store by store."""
        tapes = sorted((path.stem,) for path in (self.folder / "tapes").glob("*.wav"))
        return {
            "clients": self.rows("crm", "SELECT name, email FROM clients ORDER BY 1"),
            "orders": self.rows(
                "crm", "SELECT branch, number, billed, note FROM orders ORDER BY 2, 1"
            ),
            "agents": self.rows("pbx", "SELECT login FROM agents"),
            "calls": self.rows("pbx", "SELECT tape, src, dst, agent FROM calls ORDER BY 1"),
            "tapes": tapes,
        }

    def killed(self, at: Boundary, time: int = 1) -> None:
        """Act on the erasures of Ann and Bob in a process that kills itself at the boundary."""
        here = f"{_ROOT / 'src'}:{_ROOT}"
        env = {**os.environ, "SERVANDA_KILL_AT": f"{at}:{time}", "PYTHONPATH": here}
        command = [sys.executable, "-m", "tests.faults.request_driver", str(self.folder)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


def _uuid(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def _run(db: sa.Connection, tables: str, **rows: list[str]) -> None:
    for statement in filter(str.strip, tables.split(";")):
        db.execute(sa.text(statement))
    for table, values in rows.items():
        db.exec_driver_sql(f"INSERT INTO {table} VALUES {', '.join(values)}")
