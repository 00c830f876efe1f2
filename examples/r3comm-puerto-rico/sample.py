"""Builds R3COMM's sample company: three customers whose directories, machines, backups, telephones
and application it runs, and its own contacts, invoices and support.

    build(folder, now)  makes folder/data: 64 people of customers, 320 sign-ins, 152 calls

Every person in it is made up; numbers lie in a range reserved for drama, addresses end in
`.example`. The same seed gives the same company. `PLANTED` are people put in on purpose, and what
`servanda find` says of them.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PBX = HERE.parent / "jtec-northern-ireland" / "pbx.sql"  # one Asterisk is like another
CUSTOMERS = ["bayside", "coqui", "delmar"]
FIRST = ["Alma", "Benito", "Carmen", "Diego", "Elena", "Felix", "Gloria", "Hector"]
LAST = ["Acosta", "Benitez", "Colon", "Delgado", "Estrada", "Fuentes", "Garcia", "Huertas"]
Rows = list[tuple[Any, ...]]
_ANA, _LUIS, _IVETTE, _IVETTE_TOO, _RAFAEL = range(901, 906)

# What goes with a person (`goes`), and what stays although it is theirs (`stays`): records by
# collection. `tenant`: the customer on whose behalf it is asked. `shared`: records that may be
# several people's, so that somebody has to say who is meant.
PLANTED: Mapping[str, Mapping[str, Any]] = {
    # In the directory of a customer and among R3COMM's own contacts.
    "Ana Rivera": {
        "email": ["ana.rivera@bayside.example", "ana@rivera.example"],
        "phone": ["787-555-0111"],
        "goes": {
            "desk.contacts": 1,
            "desk.invoices": 2,
            "desk.support": 1,
            "microsoft.users": 1,
            "microsoft.sign_ins": 5,
            "rmm.devices": 1,
            "rmm.metrics": 5,
            "rmm.sessions": 1,
            "backup.snapshots": 3,
            "app.accounts": 1,
            "app.records": 2,
            "pbx.cdr": 1,
            "pbx.cel": 2,
            "recordings.calls": 1,
        },
        "stays": {"pbx.cdr": 1, "pbx.cel": 2, "recordings.calls": 1},
    },
    # The same, asked by the customer for whom it is held: nothing of R3COMM's own.
    "Ana Rivera, for Bayside": {
        "email": ["ana.rivera@bayside.example"],
        "tenant": "bayside",
        "goes": {
            "microsoft.users": 1,
            "microsoft.sign_ins": 5,
            "rmm.devices": 1,
            "rmm.metrics": 5,
            "rmm.sessions": 1,
            "backup.snapshots": 3,
            "app.accounts": 1,
            "app.records": 2,
        },
    },
    # Spoke with Ana: the call and its recording are both people's.
    "Luis Vega": {
        "phone": ["787-555-0112"],
        "stays": {"pbx.cdr": 1, "pbx.cel": 2, "recordings.calls": 1},
    },
    # Works for two customers; only one of them asks.
    "Ivette Cruz, for Coqui": {
        "email": ["ivette@cruz.example"],
        "tenant": "coqui",
        "goes": {"microsoft.users": 1, "microsoft.sign_ins": 5},
    },
    "Ivette Cruz": {
        "email": ["ivette@cruz.example"],
        "shared": 2,
        "goes": {"microsoft.users": 2, "microsoft.sign_ins": 10},
    },
    # Nobody knows whose customer's row this is: shown, never touched.
    "Rafael Ortiz": {
        "email": ["rafael@ortiz.example"],
        "stays": {"microsoft.users": 1, "microsoft.sign_ins": 5},
    },
    # Of our own staff: sees the session of the person who was helped, which stays.
    "Tomas Engineer": {
        "email": ["tomas@r3comm.example"],
        "goes": {"desk.staff": 1},
        "stays": {"rmm.sessions": 1},
    },
    "nobody": {"email": ["nobody@elsewhere.example"], "phone": ["+1 787-555-0199"]},
}


def build(folder: Path, now: datetime) -> None:
    """Make `folder`/data. Raises FileExistsError when it is already there."""
    data = folder / "data"
    (data / "returned").mkdir(parents=True)
    dice = random.Random(787)  # noqa: S311 (sample data, not a secret)
    users: Rows = [
        (n, CUSTOMERS[n % 3], f"user{n}@{CUSTOMERS[n % 3]}.example", _name(n), None)
        for n in range(1, 61)
    ]
    users += [
        (_ANA, "bayside", "ana.rivera@bayside.example", "Ana Rivera", "ana.rivera@bayside.example"),
        (_IVETTE, "coqui", "icruz@coqui.example", "Ivette Cruz", "ivette@cruz.example"),
        (_IVETTE_TOO, "delmar", "ivette@delmar.example", "I. Cruz", "ivette@cruz.example"),
        (_RAFAEL, None, "rafael@ortiz.example", "Rafael Ortiz", None),
    ]
    _desk(data, now)
    _managed(data, now, dice, users)
    _app(data, now, users)
    _calls(data, now, dice)


def _desk(data: Path, now: datetime) -> None:
    contacts: Rows = [
        (n, CUSTOMERS[n % 3], _name(n), "Manager", f"contact{n}@mail.example", f"787-555-{n:04d}")
        for n in range(1, 31)
    ]
    contacts.append(
        (_ANA, "bayside", "Ana Rivera", "Director", "ana@rivera.example", "+1 787-555-0111")
    )
    _fill(
        data / "desk.sqlite",
        _schema("desk"),
        {
            # Del Mar left eight years ago; the others are with us.
            "contracts": [("bayside", None), ("coqui", None), ("delmar", _day(now, 8 * 365 + 10))],
            "contacts": contacts,
            "invoices": [
                (f"I{id_:03d}-{k}", customer, id_, 12_500)
                for id_, customer, *_ in contacts
                for k in range(2)
            ],
            "support": [
                (id_, 1, customer, mail, "Please call me.")
                for id_, customer, _, _, mail, _ in contacts
            ],
            "staff": [
                ("tomas", "Tomas Engineer", "tomas@r3comm.example"),
                ("rosa", "Rosa Engineer", "rosa@r3comm.example"),
            ],
            "visits": [
                (n, _when(now, n * 2), f"c-{n:08x}", f"203.0.113.{n % 250}", "Browser 1.0", "/rmm")
                for n in range(300)
            ],
        },
    )


def _managed(data: Path, now: datetime, dice: random.Random, users: Rows) -> None:
    signs = [
        (n * 10 + k, customer, n, _when(now, k * (100 if customer else 10) + n % 20), "success")
        for n, customer, *_ in users
        for k in range(5)
    ]
    _fill(data / "microsoft.sqlite", _schema("microsoft"), {"users": users, "sign_ins": signs})
    owners = [row for row in users if row[0] <= 60 or row[0] == _ANA]
    devices = [
        (f"dev-{n:03d}", customer, n, f"PC-{n:03d}", f"10.1.0.{n % 250}", "Windows 11")
        for n, customer, *_ in owners
    ]
    metrics = [
        (customer, device, int((now - timedelta(days=k * 28 + 1)).timestamp()), "cpu", f"{k + 1} %")
        for device, customer, *_ in devices
        for k in range(5)
    ]
    sessions = [
        (f"s-{n:03d}", customer, f"dev-{n:03d}", upn, "rosa", _when(now, n * 12))
        for n, customer, upn, *_ in owners
        if n <= 60
    ]
    sessions.append(("s-901", "bayside", f"dev-{_ANA}", users[60][2], "tomas", _when(now, 20)))
    _fill(
        data / "rmm.sqlite",
        _schema("rmm"),
        {"devices": devices, "metrics": metrics, "sessions": sessions},
    )
    snapshots = [
        ("main", f"{dice.getrandbits(32):08x}", customer, device, _when(now, k * 200 + 1), "ok")
        for device, customer, *_ in devices
        for k in range(3)
    ]
    _fill(data / "backup.sqlite", _schema("backup"), {"snapshots": snapshots})


def _app(data: Path, now: datetime, users: Rows) -> None:
    members = [row for row in users if row[0] <= 40 or row[0] == _ANA]
    _fill(
        data / "app.sqlite",
        _schema("app"),
        {
            "contracts": [("bayside", None), ("coqui", None), ("delmar", _day(now, 90))],
            "app_accounts": [
                (n, customer, upn, _when(now, n % 30)) for n, customer, upn, *_ in members
            ],
            "app_records": [
                (n * 10 + k, customer, n, f"{k} hours")
                for n, customer, *_ in members
                for k in (1, 2)
            ],
        },
    )


def _calls(data: Path, now: datetime, dice: random.Random) -> None:
    calls = [
        (CUSTOMERS[n % 3], f"787-555-{dice.randrange(200, 900):04d}", "200", n * 5.0)
        for n in range(150)
    ]
    calls += [
        # An extension and the queue are nobody's numbers: this one is Ana's alone.
        ("bayside", "17875550111", "s", 30.0),
        ("bayside", "17875550111", "787-555-0112", 12.0),
    ]
    cdr, cel = [], []
    for n, (customer, caller, callee, ago) in enumerate(calls):
        at = now - timedelta(days=ago)
        when, unique = f"{at:%Y-%m-%d %H:%M:%S}", f"{int(at.timestamp())}.{n}"
        file = f"in-{callee}-{caller}-{unique}.wav"
        folder = data / "recordings" / customer / f"{at:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"RIFF\x04\0\0\0WAVE")
        cdr.append((when, f"<{caller}>", caller, callee, caller, file, unique, unique, customer))
        for kind in ("CHAN_START", "HANGUP"):
            cel.append((kind, when, caller, callee, unique, unique, customer))
    with _database(data / "pbx.sqlite", PBX.read_text(encoding="utf-8")) as pbx:
        columns = "calldate, clid, src, dst, cnum, recordingfile, uniqueid, linkedid, accountcode"
        pbx.executemany(f"INSERT INTO cdr ({columns}) VALUES ({_marks(cdr)})", cdr)
        columns = "eventtype, eventtime, cid_num, exten, uniqueid, linkedid, accountcode"
        pbx.executemany(f"INSERT INTO cel ({columns}) VALUES ({_marks(cel)})", cel)
    pbx.close()


def _schema(store: str) -> str:
    """The part of schema.sql that begins with `-- store NAME`."""
    text = (HERE / "schema.sql").read_text(encoding="utf-8")
    return text.partition(f"-- store {store}:")[2].partition("\n")[2].partition("-- store ")[0]


def _fill(path: Path, schema: str, tables: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """A database with these rows, whose values stand in the order of the columns."""
    with _database(path, schema) as made:
        for table, rows in tables.items():
            made.executemany(f"INSERT INTO {table} VALUES ({_marks(rows)})", rows)
    made.close()


def _database(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    return connection


def _marks(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join("?" * len(rows[0]))


def _name(n: int) -> str:
    return f"{FIRST[n % 8]} {LAST[n // 8 % 8]}"


def _when(now: datetime, ago: float) -> str:
    return f"{now - timedelta(days=ago):%Y-%m-%d %H:%M:%S}"


def _day(now: datetime, ago: float) -> str:
    return f"{now - timedelta(days=ago):%Y-%m-%d}"


if __name__ == "__main__":
    try:
        build(HERE, datetime.now(UTC))
    except FileExistsError:
        raise SystemExit(
            "data is there already; to begin again, remove data and .servanda"
        ) from None
    print("made the company in data; now try: servanda check")
