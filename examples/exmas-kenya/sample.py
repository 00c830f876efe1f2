"""Builds Exmas's sample company in PostgreSQL or SQLite, and its folders.

    build(url, folder, now)  makes the tables at `url` and folder/data with job applications

Eight hundred accounts, their payments, support tickets and messages, a marketing list, page views,
legal records. Every person is made up. The same seed gives the same company.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HERE = Path(__file__).parent
FIRST = ["Achieng", "Baraka", "Chebet", "Daudi", "Esther", "Faraji", "Gathoni", "Hamisi"]
LAST = ["Abdi", "Barasa", "Chege", "Mutua", "Njoroge", "Otieno", "Wafula", "Wanjiru"]
PEOPLE = 800

_TABLES = """
CREATE TABLE accounts (id {uuid} PRIMARY KEY, username TEXT NOT NULL, full_name TEXT, email TEXT,
  phone TEXT, postal TEXT, job_title TEXT, last_active {instant}, last_ip TEXT,
  deleted_at {instant});
CREATE INDEX accounts_last_active ON accounts (last_active);
CREATE TABLE transactions (id {bigint} NOT NULL, account_id {uuid}, paid_at {instant} NOT NULL,
  billing_name TEXT, billing_address TEXT, cents BIGINT NOT NULL, item TEXT,
  PRIMARY KEY (id, paid_at)){partition};
CREATE INDEX transactions_paid_at ON transactions (paid_at);
CREATE TABLE tickets (number TEXT PRIMARY KEY, opened {instant} NOT NULL, closed {instant});
CREATE TABLE messages (ticket TEXT NOT NULL, position INTEGER NOT NULL, sender_name TEXT,
  sender_email TEXT, body TEXT, PRIMARY KEY (ticket, position));
CREATE TABLE subscribers (id {bigint} PRIMARY KEY, email TEXT NOT NULL, name TEXT,
  opted_in TEXT NOT NULL, opted_out TEXT);
CREATE TABLE page_views (id {bigint} PRIMARY KEY, at_ms BIGINT NOT NULL, ip {inet}, visitor TEXT,
  page TEXT, detail {json});
CREATE INDEX page_views_at ON page_views (at_ms);
CREATE TABLE legal_records (id {bigint} PRIMARY KEY, closed DATE, party_name TEXT,
  party_address TEXT, official_id TEXT, matter TEXT)
"""

_TYPES = {
    "postgresql": {
        "uuid": "UUID",
        "instant": "TIMESTAMPTZ",
        "bigint": "BIGINT",
        "inet": "INET",
        "json": "JSONB",
        "partition": " PARTITION BY RANGE (paid_at)",
    },
    "sqlite": {
        "uuid": "CHAR(36)",
        "instant": "DATETIME",
        "bigint": "INTEGER",
        "inet": "TEXT",
        "json": "JSON",
        "partition": "",
    },
}


def build(url: str, folder: Path, now: datetime) -> None:
    """Make the tables (they must not exist yet) and `folder`/data."""
    engine = sa.create_engine(url)
    dialect = engine.dialect.name
    dice = random.Random(34)  # noqa: S311 (sample data, not a secret)
    with engine.begin() as db:
        for statement in _TABLES.format(**_TYPES[dialect]).split(";"):
            db.exec_driver_sql(statement)
        if dialect == "postgresql":
            for year in range(now.year - 10, now.year + 2):
                db.exec_driver_sql(
                    f"CREATE TABLE transactions_{year} PARTITION OF transactions"
                    f" FOR VALUES FROM ('{year}-01-01Z') TO ('{year + 1}-01-01Z')"
                )
        meta = sa.MetaData()
        meta.reflect(db)
        for name, rows in _rows(now, dice, as_text=dialect == "sqlite"):
            db.execute(meta.tables[name].insert(), rows)
    engine.dispose()
    _applications(folder / "data" / "applications", now, dice)
    (folder / "data" / "archive").mkdir(parents=True)


def _rows(
    now: datetime, dice: random.Random, as_text: bool
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    people = [
        (uuid.UUID(int=dice.getrandbits(128)), f"{dice.choice(FIRST)} {dice.choice(LAST)}", n)
        for n in range(PEOPLE)
    ]

    def key(id_: uuid.UUID) -> uuid.UUID | str:
        return str(id_) if as_text else id_

    def ago(days: float) -> datetime:
        moment = now - timedelta(days=days)
        return moment.replace(tzinfo=None) if as_text else moment

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
            }
            for _, name, n in people[:120]
        ],
    )


def _applications(folder: Path, now: datetime, dice: random.Random) -> None:
    for n in range(60):
        at = now - timedelta(days=n * 10)
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        place = folder / f"{at:%Y/%m/%d}"
        place.mkdir(parents=True, exist_ok=True)
        stem = f"{n:03d}-{name.replace(' ', '_')}"
        (place / f"{stem}.pdf").write_bytes(b"%PDF-1.4 sample\n")
        sidecar = {"applicant": name, "email": _mail(name, n)}
        (place / f"{stem}.json").write_text(json.dumps(sidecar), encoding="utf-8")


def _mail(name: str, n: int) -> str:
    return f"{name.lower().replace(' ', '.')}{n}@client.example"


if __name__ == "__main__":
    (HERE / "data").mkdir(exist_ok=True)
    build(f"sqlite:///{HERE}/data/exmas.sqlite", HERE, datetime.now(UTC))
