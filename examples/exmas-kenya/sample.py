"""Builds Exmas's sample company in PostgreSQL or SQLite, and its folders.

    build(url, folder, now)  makes the tables at `url` and folder/data with job applications

Eight hundred accounts, their payments, support tickets and messages, a marketing list, page views,
legal records. Every person is made up. The same seed gives the same company. `PLANTED` are people
put in on purpose, and what `servanda find` says of them.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

HERE = Path(__file__).parent
_Table = tuple[str, list[Mapping[str, Any]]]
FIRST = ["Achieng", "Baraka", "Chebet", "Daudi", "Esther", "Faraji", "Gathoni", "Hamisi"]
LAST = ["Abdi", "Barasa", "Chege", "Mutua", "Njoroge", "Otieno", "Wafula", "Wanjiru"]
PEOPLE = 800
DUKA = "info@duka.example"  # an address that two people share

# What goes with a person (`goes`) and what stays (`stays`): records by collection. `shared`: how
# many records are a person each, so that somebody has to say who is meant.
PLANTED: Mapping[str, Mapping[str, Any]] = {
    "Wangari Kimani": {
        "email": ["wangari@kimani.example"],
        "phone": ["0725 000 001"],
        "goes": {
            "platform.accounts": 1,
            "platform.transactions": 3,
            "platform.support_mail": 2,
            "platform.subscribers": 1,
            "applications.applications": 1,
        },
        # It names an identity card that nobody told us: it may be somebody else's.
        "stays": {"platform.legal_records": 1},
    },
    # The account was swept years ago; the payments are kept for the law.
    "Otieno Ouma": {
        "email": ["otieno@ouma.example"],
        "goes": {"platform.transactions": 2},
    },
    # Two people, one address; one of them hidden by the platform, and held all the same.
    "Abdi and Akinyi Duka": {
        "email": [DUKA],
        "shared": 2,
        "goes": {"platform.accounts": 2, "platform.transactions": 2},
    },
    # Known to the lawyers only by an identity card.
    "Party to a contract": {
        "official_id": ["A000000007Z"],
        "goes": {"platform.legal_records": 1},
    },
    "nobody": {"email": ["nobody@elsewhere.example"], "official_id": ["A999999999Z"]},
}

_KINDS = ("uuid", "instant", "bigint", "inet", "json", "partition")
_TYPES = {
    "postgresql": (
        "UUID",
        "TIMESTAMPTZ",
        "BIGINT",
        "INET",
        "JSONB",
        " PARTITION BY RANGE (paid_at)",
    ),
    "sqlite": ("CHAR(36)", "DATETIME", "INTEGER", "TEXT", "JSON", ""),
}


def build(url: str, folder: Path, now: datetime) -> None:
    """Make the tables (they must not exist yet) and `folder`/data."""
    engine = sa.create_engine(url)
    dialect = engine.dialect.name
    tables = (HERE / "platform.sql").read_text(encoding="utf-8").partition("\n")[2]
    dice = random.Random(34)  # noqa: S311 (sample data, not a secret)
    with engine.begin() as db:
        types = dict(zip(_KINDS, _TYPES[dialect], strict=True))
        for statement in tables.format(**types).split(";"):
            db.exec_driver_sql(statement)
        if dialect == "postgresql":
            for year in range(now.year - 10, now.year + 2):
                db.exec_driver_sql(
                    f"CREATE TABLE transactions_{year} PARTITION OF transactions"
                    f" FOR VALUES FROM ('{year}-01-01Z') TO ('{year + 1}-01-01Z')"
                )
        meta = sa.MetaData()
        meta.reflect(db)
        for made in (_rows, _planted):
            for name, rows in made(_Spelt(now, dialect == "sqlite"), dice):
                db.execute(meta.tables[name].insert(), rows)
    engine.dispose()
    _applications(folder / "data" / "applications", now, dice)
    (folder / "data" / "archive").mkdir(parents=True)


class _Spelt(NamedTuple):
    """Keys and moments as the database takes them."""

    now: datetime
    as_text: bool

    def key(self, id_: uuid.UUID) -> uuid.UUID | str:
        return str(id_) if self.as_text else id_

    def ago(self, days: float) -> datetime:
        moment = self.now - timedelta(days=days)
        return moment.replace(tzinfo=None) if self.as_text else moment


def _rows(spelt: _Spelt, dice: random.Random) -> Iterator[_Table]:
    now = spelt.now
    people = [
        (uuid.UUID(int=dice.getrandbits(128)), f"{dice.choice(FIRST)} {dice.choice(LAST)}", n)
        for n in range(PEOPLE)
    ]

    key, ago = spelt.key, spelt.ago

    yield (
        "accounts",
        [
            {
                "id": key(id_),
                "username": f"user{n}",
                "full_name": name,
                "email": _mail(name, n),
                "phone": f"+2547001{n:05d}",
                "postal": f"P.O. Box {n}, Nairobi",
                "job_title": "Manager",
                "last_active": None if n % 40 == 0 else ago(n * 1.1),
                "last_ip": f"198.51.100.{n % 250}",
                "deleted_at": ago(20) if n % 50 == 7 else None,
            }
            for id_, name, n in people
        ],
    )
    yield (
        "transactions",
        [
            {
                "id": n * 4 + k,
                "account_id": key(id_),
                "paid_at": ago(dice.randrange(5, 3_400)),
                "billing_name": name,
                "billing_email": _mail(name, n),
                "billing_address": f"P.O. Box {n}, Nairobi",
                "cents": dice.randrange(1_000, 900_000),
                "item": "Network installation",
            }
            for id_, name, n in people
            for k in range(4)
        ],
    )
    tickets = [(f"EX-{n:05d}", n) for n in range(600)]
    yield (
        "tickets",
        [
            {"number": t, "opened": ago(n * 2 + 10), "closed": None if n % 9 == 0 else ago(n * 2)}
            for t, n in tickets
        ],
    )
    yield (
        "messages",
        [
            {
                "ticket": t,
                "position": k,
                "sender_name": people[n][1],
                "sender_email": _mail(people[n][1], n),
                "body": f"Please help, {people[n][1]}.",
            }
            for t, n in tickets
            for k in range(3)
        ],
    )
    yield (
        "subscribers",
        [
            {
                "id": n,
                "email": _mail(name, n),
                "name": name,
                "opted_in": f"{now - timedelta(days=700):%d/%m/%Y}",
                "opted_out": f"{now - timedelta(days=n % 90 + 1):%d/%m/%Y}" if n % 6 == 0 else None,
            }
            for _, name, n in people
        ],
    )
    yield (
        "page_views",
        [
            {
                "id": n,
                "at_ms": int((now - timedelta(days=n * 0.3)).timestamp() * 1_000),
                "ip": f"203.0.113.{n % 250}",
                "visitor": f"v-{dice.getrandbits(64):016x}",
                "page": "/services",
                "detail": {"agent": "Browser 1.0", "from": {"city": "Nakuru"}, "ms": n % 900},
            }
            for n in range(4_000)
        ],
    )
    yield (
        "legal_records",
        [
            {
                "id": n,
                "closed": (now - timedelta(days=n * 40)).date() if n % 10 else None,
                "party_name": name,
                "party_address": f"P.O. Box {n}, Nairobi",
                "official_id": f"A{n:09d}Z",
                "matter": "Contract",
                "account_id": None,
            }
            for _, name, n in people[:120]
        ],
    )


def _planted(spelt: _Spelt, dice: random.Random) -> Iterator[_Table]:
    """The rows of the people in `PLANTED`."""
    wangari, abdi, akinyi, gone = (uuid.UUID(int=dice.getrandbits(128)) for _ in range(4))
    mail, name = "wangari@kimani.example", "Wangari Kimani"

    key, ago = spelt.key, spelt.ago

    def account(id_: uuid.UUID, who: str, email: str, phone: str, hidden: bool) -> dict[str, Any]:
        made = {"id": key(id_), "username": who.lower(), "full_name": who, "email": email}
        seen = {"phone": phone, "last_active": ago(3), "deleted_at": ago(2) if hidden else None}
        return {**made, **seen}

    yield (
        "accounts",
        [
            account(wangari, name, mail, "+254 725 000 001", False),
            account(abdi, "Abdi Duka", DUKA, "+254 725 000 002", False),
            account(akinyi, "Akinyi Duka", DUKA, "+254 725 000 003", True),
        ],
    )
    paid = [(wangari, name, mail)] * 3 + [(gone, "Otieno Ouma", "otieno@ouma.example")] * 2
    paid += [(abdi, "Abdi Duka", ""), (akinyi, "Akinyi Duka", "")]
    yield (
        "transactions",
        [
            {
                "id": PEOPLE * 4 + k,
                "account_id": key(id_),
                "paid_at": ago(900 + k),
                "billing_name": who,
                "billing_email": email,
                "cents": 5_000,
            }
            for k, (id_, who, email) in enumerate(paid)
        ],
    )
    yield "tickets", [{"number": "EX-99999", "opened": ago(9), "closed": None}]
    # Whoever of the desk answered has no address here: the ticket is hers.
    messages = [{"ticket": "EX-99999", "position": k, "body": "The router."} for k in range(2)]
    yield (
        "messages",
        [{**m, "sender_email": who} for m, who in zip(messages, (mail, ""), strict=True)],
    )
    opted_in = f"{ago(90):%d/%m/%Y}"
    yield "subscribers", [{"id": PEOPLE, "email": mail, "name": name, "opted_in": opted_in}]
    card = {"id": PEOPLE, "party_name": name, "official_id": "A000000999Z"}
    yield "legal_records", [{**card, "account_id": key(wangari)}]


def _applications(folder: Path, now: datetime, dice: random.Random) -> None:
    applicants = [
        (name := f"{dice.choice(FIRST)} {dice.choice(LAST)}", _mail(name, n), n * 10)
        for n in range(60)
    ]
    applicants.append(("Wangari Kimani", "wangari@kimani.example", 100))
    for n, (name, mail, days) in enumerate(applicants):
        at = now - timedelta(days=days)
        place = folder / f"{at:%Y/%m/%d}"
        place.mkdir(parents=True, exist_ok=True)
        stem = f"{n:03d}-{name.replace(' ', '_')}"
        (place / f"{stem}.pdf").write_bytes(b"%PDF-1.4 sample\n")
        sidecar = {"applicant": name, "email": mail}
        (place / f"{stem}.json").write_text(json.dumps(sidecar), encoding="utf-8")


def _mail(name: str, n: int) -> str:
    return f"{name.lower().replace(' ', '.')}{n}@client.example"


if __name__ == "__main__":
    if (HERE / "data").exists():
        raise SystemExit("data is there already; to begin again, delete data and .servanda")
    (HERE / "data").mkdir()
    build(f"sqlite:///{HERE}/data/exmas.sqlite", HERE, datetime.now(UTC))
    print("made the company in data; now try: servanda check")
