"""Builds the English firm's sample: clients, letters, calls with their recordings, remote sessions.

    build(folder, now)  makes folder/data: 104 clients, 205 letters, 205 calls, 105 sessions

Every person in it is made up; numbers lie in a range reserved for drama, addresses end in
`.example`. The same seed gives the same company. `PLANTED` are people put in on purpose: how each
is written in the stores, and what `servanda find` says of them.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIRST = ["Alan", "Beryl", "Colin", "Doreen", "Eric", "Freda", "Gordon", "Hilda"]
LAST = ["Ashby", "Barton", "Clegg", "Dobson", "Eccles", "Firth", "Garside", "Hirst"]
CLIENTS = 100
KEMP = "hello@kemp.example"  # an address that two people share
Rows = list[tuple[Any, ...]]

# What goes with a person (`goes`), and what stays although it is theirs (`stays`): records by
# collection. `shared`: records that may be several people's, so that somebody has to say who is
# meant.
PLANTED: Mapping[str, Mapping[str, Any]] = {
    # Her number is written in four ways; one of them finds them all.
    "Grace Hopewell": {
        "email": ["grace@hopewell.example"],
        "phone": ["07700 900101"],
        "goes": {
            "books.clients": 1,
            "mail.letters": 2,
            "portal.calls": 3,
            "recordings.files": 3,
            "remote.sessions": 2,
        },
        "stays": {"mail.letters": 1, "portal.calls": 1, "recordings.files": 1},
    },
    # Got a copy of a letter of hers, and spoke with her.
    "Henry Iles": {
        "email": ["henry@iles.example"],
        "phone": ["07700 900102"],
        "stays": {"mail.letters": 1, "portal.calls": 1, "recordings.files": 1},
    },
    # Removed in the program of the books, and held all the same.
    "Irene Jolly": {
        "email": ["irene@jolly.example"],
        "goes": {"books.clients": 1, "remote.sessions": 1},
    },
    # Under a legal hold: the call is older than three months, and there is a claim.
    "Keith Lowe": {
        "phone": ["07700 900104"],
        "goes": {"portal.calls": 1, "recordings.files": 1},
    },
    # Two people, one address.
    "Jack and Jill Kemp": {
        "email": [KEMP],
        "shared": 2,
        "goes": {"books.clients": 2, "mail.letters": 2, "remote.sessions": 2},
    },
    "nobody": {"email": ["nobody@elsewhere.example"], "phone": ["07700 900199"]},
}
SPECIFIC_CALL = "C-0901"  # the one of Grace's calls that she wants deleted
_GRACE, _IRENE, _JACK, _JILL = range(901, 905)


def build(folder: Path, now: datetime) -> None:
    """Make `folder`/data. Raises FileExistsError when it is already there."""
    data = folder / "data"
    data.mkdir(parents=True)
    dice = random.Random(44)  # noqa: S311 (sample data, not a secret)
    people = [(f"{FIRST[n % 8]} {LAST[n // 8 % 8]}", n) for n in range(1, CLIENTS + 1)]
    _books(data, now, people)
    _mail(data, now, people)
    _calls(data, now, dice, people)
    _remote(data, now, people)


def _books(data: Path, now: datetime, people: list[tuple[str, int]]) -> None:
    def client(
        n: int, name: str, mail: str, phone: str, ended: float | None, hidden: float | None = None
    ) -> tuple[Any, ...]:
        work = ("Sample and Sons", "Clerk")
        address = f"{n} Sample Street, Leeds"
        moments = (ended and _day(now, ended), hidden and _when(now, hidden))
        return (n, name, *work, mail, phone, address, *moments)

    # One in four has left; the longest gone are past the seven years.
    rows = [
        client(n, name, _email(name, n), f"07700 901{n:03d}", n * 30 if n % 4 == 0 else None)
        for name, n in people
    ]
    rows += [
        client(_GRACE, "Grace Hopewell", "grace@hopewell.example", "+44 7700 900101", None),
        client(_IRENE, "Irene Jolly", "irene@jolly.example", "07700 900103", 400, hidden=390),
        client(_JACK, "Jack Kemp", KEMP, "", None),
        client(_JILL, "Jill Kemp", KEMP, "", None),
    ]
    _fill(data / "books.sqlite", "books", {"clients": rows})


def _mail(data: Path, now: datetime, people: list[tuple[str, int]]) -> None:
    rows: Rows = []

    def letter(
        mail: str, name: str, ago: float, closed: float | None, cc: str = "", folder: str = "INBOX"
    ) -> None:
        id_ = f"<{len(rows)}@mail.example>"
        done = None if closed is None else _day(now, closed)
        text = ("The server", f"Dear desk, it is down.\n{name}")
        rows.append((id_, folder, _when(now, ago), done, mail, name, cc, *text))

    for name, n in people:
        mail = _email(name, n)
        letter(mail, name, n * 32 + 5, None if n % 7 == 0 else n * 32)
        letter(mail, name, n * 32 + 4, None if n % 7 == 0 else n * 32, folder="Sent")
    letter("grace@hopewell.example", "Grace Hopewell", 60, 55)
    letter("grace@hopewell.example", "Grace Hopewell", 59, 55, folder="Sent")
    letter("grace@hopewell.example", "Grace Hopewell", 20, None, cc="henry@iles.example")
    letter(KEMP, "Kemp", 40, 30)
    letter(KEMP, "Kemp", 10, None)
    _fill(data / "mail.sqlite", "mail", {"letters": rows})


def _calls(data: Path, now: datetime, dice: random.Random, people: list[tuple[str, int]]) -> None:
    rows: Rows = []

    def call(id_: str, ago: float, caller: str, name: str, callee: str = "", to: str = "") -> None:
        at = now - timedelta(days=ago)
        file = f"{id_}-{caller.replace(' ', '')}.wav"
        folder = data / "recordings" / f"{at:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"RIFF\x04\0\0\0WAVE")
        rows.append((id_, _when(now, ago), caller, name, callee, to, 60, file))

    for n in range(200):
        name, number = dice.choice(people)
        call(f"C-{n:04d}", n * 0.8 + 1, f"07700 901{number:03d}", name)
    grace = "Grace Hopewell"
    call(SPECIFIC_CALL, 30, "07700 900101", grace)
    call("C-0902", 20, "0044 7700 900101", grace)
    call("C-0903", 15, "447700900101", grace)
    call("C-0904", 10, "+44 7700 900101", grace, "07700 900102", "Henry Iles")
    call("C-0905", 150, "+44 7700 900104", "Keith Lowe")
    _fill(data / "portal.sqlite", "portal", {"calls": rows})


def _remote(data: Path, now: datetime, people: list[tuple[str, int]]) -> None:
    clients = [n for _, n in people] + [_GRACE, _GRACE, _IRENE, _JACK, _JILL]
    rows = [
        (k, n, f"user{n}", f"PC-{n:03d}", f"192.0.2.{n % 250}", _when(now, k * 11 + 2))
        for k, n in enumerate(clients)
    ]
    _fill(data / "remote.sqlite", "remote", {"sessions": rows})


def _fill(path: Path, store: str, tables: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """A database of the part of schema.sql that begins with `-- store NAME`, with these rows,
    whose values stand in the order of the columns."""
    text = (HERE / "schema.sql").read_text(encoding="utf-8")
    part = text.partition(f"-- store {store}:")[2].partition("\n")[2].partition("-- store ")[0]
    connection = sqlite3.connect(path)
    connection.executescript(part)
    with connection:
        for table, rows in tables.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()


def _when(now: datetime, ago: float) -> str:
    return f"{now - timedelta(days=ago):%Y-%m-%d %H:%M:%S}"


def _day(now: datetime, ago: float) -> str:
    return f"{now - timedelta(days=ago):%Y-%m-%d}"


def _email(name: str, n: int) -> str:
    return f"{name.lower().replace(' ', '.')}{n}@client.example"


if __name__ == "__main__":
    try:
        build(HERE, datetime.now(UTC))
    except FileExistsError:
        raise SystemExit(
            "data is there already; to begin again, remove data and .servanda"
        ) from None
    print("made the company in data; now try: servanda check")
