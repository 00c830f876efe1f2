"""Builds R3TeK's sample company: clients and payments, Request Tracker, monitoring, a website.

    build(folder, now)  makes folder/data: 120 clients, 300 payments, 160 tickets, 90 machines

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
WEBSITE = HERE.parent / "jtec-northern-ireland" / "website.sql"  # one WordPress is like another
FIRST = ["Alrick", "Bevon", "Camille", "Damion", "Errol", "Fay", "Garfield", "Hyacinth"]
LAST = ["Anglin", "Beckford", "Chin", "Dacres", "Ellis", "Francis", "Grant", "Hylton"]
CLIENTS = 120
PALMS = "office@palms.example"  # an address that two people share

# What goes with a person (`goes`), and what stays although it is theirs (`stays`): records by
# collection. `shared`: how many people share the address, so that somebody has to say who is meant.
PLANTED: Mapping[str, Mapping[str, Any]] = {
    # Wrote to every store in another way; one spelling finds them all.
    "Marcia Brown": {
        "email": ["marcia.brown@client.example"],
        "phone": ["(876) 555 0101"],
        "goes": {
            "office.clients": 1,
            "office.payments": 3,
            "office.subscribers": 1,
            "tickets.accounts": 1,
            "tickets.members": 2,
            "tickets.requestors": 1,
            "tickets.tickets": 1,
            "rmm.devices": 2,
            "rmm.checks": 12,
            "website.enquiries": 2,
        },
        "stays": {"tickets.requestors": 1, "tickets.open": 1},
    },
    # Asked together with Marcia, so that ticket is hers too; gets copies of another, and only
    # sees it.
    "Neville Reid": {
        "email": ["neville.reid@client.example"],
        "goes": {"tickets.accounts": 1, "tickets.members": 2},
        "stays": {
            "tickets.requestors": 1,
            "tickets.open": 1,
            "tickets.watchers": 1,
            "tickets.tickets": 1,
        },
    },
    # The account was swept; the payments, which the law wants kept, name only an address.
    "Olive Stone": {
        "email": ["olive.stone@client.example"],
        "goes": {"office.payments": 2},
    },
    # Under a legal hold: the contract ended three years ago, and there is a claim.
    "Percy Wright": {
        "email": ["percy.wright@client.example"],
        "goes": {"office.clients": 1, "office.payments": 1, "rmm.devices": 1, "rmm.checks": 6},
    },
    # Two people, one address.
    "Devon and Kerry Palmer": {
        "email": [PALMS],
        "shared": 2,
        "goes": {"office.clients": 2, "office.payments": 2},
    },
    "nobody": {"email": ["nobody@elsewhere.example"]},
}
_MARCIA, _NEVILLE, _PERCY, _DEVON, _KERRY, _OLIVE = range(1_001, 1_007)


def build(folder: Path, now: datetime) -> None:
    """Make `folder`/data. Raises FileExistsError when it is already there."""
    data = folder / "data"
    data.mkdir(parents=True)
    dice = random.Random(876)  # noqa: S311 (sample data, not a secret)
    people = [(f"{FIRST[n % 8]} {LAST[n // 8 % 8]}", n) for n in range(1, CLIENTS + 1)]
    _office(data, now, dice, people)
    _tickets(data, now, people)
    _rmm(data, now, dice, people)
    _website(data, now, people)


def _office(data: Path, now: datetime, dice: random.Random, people: list[tuple[str, int]]) -> None:
    def day(ago: float) -> str:
        return f"{now - timedelta(days=ago):%Y-%m-%d}"

    def client(n: int, name: str, mail: str, phone: str, ended: str | None) -> tuple[Any, ...]:
        firm = f"{name.split()[-1]} and Company"
        return (n, firm, name, "Manager", mail, phone, "", f"{n} Sample Lane, Kingston", ended)

    def payment(n: int, name: str, mail: str, k: int, ago: float) -> tuple[Any, ...]:
        address = f"{n} Sample Lane, Kingston"
        return (f"P{n:04d}-{k}", n, day(ago), name, address, mail, dice.randrange(1_000, 90_000))

    marcia = "Marcia.Brown@Client.example"
    clients = [
        # A client in four who left; half of these more than two years ago.
        client(
            n, name, _mail(name, n), f"+1876555{n + 1_000:04d}", day(n * 12) if n % 4 == 0 else None
        )
        for name, n in people
    ]
    clients += [
        client(_MARCIA, "Marcia Brown", marcia, "+1 876-555-0101", None),
        client(_PERCY, "Percy Wright", "percy.wright@client.example", "", day(3 * 365)),
        client(_DEVON, "Devon Palmer", PALMS, "+1 876-555-0105", None),
        client(_KERRY, "Kerry Palmer", PALMS, "+1 876-555-0106", None),
    ]
    payments = [
        payment(n, name, _mail(name, n), k, dice.randrange(10, 3_400))
        for name, n in people
        for k in range(n % 4 + 1)
    ]
    payments += [payment(_MARCIA, "Marcia Brown", marcia, k, 200 * k + 30) for k in range(3)]
    payments += [
        payment(_OLIVE, "Olive Stone", "olive.stone@client.example", k, 1_500) for k in (1, 2)
    ]
    payments += [payment(_PERCY, "Percy Wright", "", 1, 1_200)]
    payments += [
        payment(n, f"{who} Palmer", "", 1, 90) for n, who in ((_DEVON, "Devon"), (_KERRY, "Kerry"))
    ]
    _fill(
        data / "office.sqlite",
        HERE / "office.sql",
        {
            "clients": clients,
            "payments": payments,
            "subscribers": [
                *(
                    (n, _mail(name, n), name, day(700), day(n % 60 + 2) if n % 5 == 0 else None)
                    for name, n in people
                ),
                (_MARCIA, "MARCIA.BROWN@client.example", "Marcia Brown", day(300), None),
            ],
            "visits": [
                (
                    n,
                    int((now - timedelta(days=n * 1.4)).timestamp()),
                    f"203.0.113.{n % 250}",
                    f"c-{dice.getrandbits(64):016x}",
                    "/backup",
                    "Browser 1.0",
                    "https://search.example/",
                )
                for n in range(400)
            ],
        },
    )


def _tickets(data: Path, now: datetime, people: list[tuple[str, int]]) -> None:
    tables: dict[str, list[tuple[Any, ...]]] = {
        name: []
        for name in (
            "users",
            "principals",
            "tickets",
            "groups",
            "groupmembers",
            "cachedgroupmembers",
            "transactions",
            "attachments",
        )
    }
    staff = 12
    accounts = [(staff, "Help Desk", "desk@r3tek.example", "")]
    accounts += [(100 + n, name, _mail(name, n), "") for name, n in people[:60]]
    accounts += [
        (_MARCIA, "Marcia Brown", "marcia.brown@client.example", "1-876-555-0101"),
        (_NEVILLE, "Neville Reid", "neville.reid@client.example", ""),
    ]
    for id_, name, mail, phone in accounts:
        texts = [""] * 5  # nickname to freeformcontactinfo
        rest = [""] * 9  # mobilephone to organization
        made = ("", "en", "", "", 1, _when(now, 900), 1, _when(now, 900))
        person = (id_, mail, "*", mail, name, *texts, "", phone, *rest, *made)
        tables["users"].append(person)
        tables["principals"].append((id_, "User", 0))

    def ticket(opened: float, closed: float | None, asked: Sequence[int], cc: int = 0) -> None:
        id_ = len(tables["tickets"]) + 1
        status = "open" if closed is None else "resolved"
        resolved = "1970-01-01 00:00:00" if closed is None else _when(now, closed)
        subject = f"The printer of client {asked[0]}"
        head = (id_, id_, None, 1, "ticket", staff, subject, *[0] * 5, status, None, 0)
        tail = (None, None, None, None, resolved, staff, _when(now, closed or opened))
        tables["tickets"].append((*head, *tail, asked[0], _when(now, opened)))
        for role, members in (("Requestor", asked), ("Cc", [cc] if cc else []), ("Owner", [staff])):
            group = 10_000 + len(tables["groups"])
            moment = _when(now, opened)
            named = (group, role, "", "RT::Ticket-Role", id_)
            tables["groups"].append((*named, 1, moment, 1, moment))
            tables["principals"].append((group, "Group", 0))
            for member in members:
                row = len(tables["groupmembers"]) + 1
                tables["groupmembers"].append((row, group, member, 1, moment, 1, moment))
                tables["cachedgroupmembers"].append((row, group, member, row, group, 0))
        for number, kind in enumerate(("Create", "Correspond")):
            row = len(tables["transactions"]) + 1
            author = staff if number else asked[0]
            tables["transactions"].append(
                (row, "RT::Ticket", id_, kind, author, _when(now, opened))
            )
            tables["attachments"].append((row, row, subject, f"Hello from {author}.", ""))

    for n in range(156):
        # One in six is still open; the rest were closed up to three years ago.
        ticket(n * 7 + 12, None if n % 6 == 0 else n * 7 + 9, [101 + n % 60])
    ticket(40, 30, [_MARCIA], cc=_NEVILLE)
    ticket(20, None, [_MARCIA, _NEVILLE])
    _fill(data / "tickets.sqlite", HERE / "tickets.sql", tables)


def _rmm(data: Path, now: datetime, dice: random.Random, people: list[tuple[str, int]]) -> None:
    owners = [n for _, n in people[:84]] + [_MARCIA, _MARCIA, _PERCY]
    devices, checks = [], []
    for place, owner in enumerate(owners):
        device = f"dev-{place:03d}"
        devices.append((device, owner, f"DESK-{place:03d}", f"10.0.0.{place}", "Windows 11"))
        for k in range(6):
            at = now - timedelta(days=k * 25 + 1)
            reading = f"{dice.randrange(20, 90)} %"
            checks.append((len(checks), device, int(at.timestamp()), "disk", reading))
    _fill(data / "rmm.sqlite", HERE / "rmm.sql", {"devices": devices, "checks": checks})


def _website(data: Path, now: datetime, people: list[tuple[str, int]]) -> None:
    posts: list[tuple[Any, ...]] = []
    meta: list[tuple[Any, ...]] = []

    def enquiry(name: str, mail: str, ago: float) -> None:
        id_, at = len(posts) + 1, _when(now, ago)
        text = f"{name}\n{mail}"
        ends = ("publish", "closed", "closed", "", "", "", "", at, at, "", 0, "", 0)
        posts.append((id_, 0, at, at, text, "Quote", "", *ends, "flamingo_inbound", "", 0))
        fields = {
            "_from_name": name,
            "_from_email": mail,
            "_field_your-message": "A quote, please.",
        }
        meta.extend((len(meta) + k, id_, key, v) for k, (key, v) in enumerate(fields.items(), 1))

    for name, n in people[:80]:
        enquiry(name, _mail(name, n), n * 7)
    enquiry("Marcia Brown", "Marcia.Brown@Client.example", 50)
    enquiry("M. Brown", "marcia.brown@client.example", 10)
    _fill(data / "website.sqlite", WEBSITE, {"wp_posts": posts, "wp_postmeta": meta})


def _fill(path: Path, schema: Path, tables: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """A database of this schema with these rows, whose values stand in the order of the columns."""
    connection = sqlite3.connect(path)
    connection.executescript(schema.read_text(encoding="utf-8"))
    with connection:
        for table, rows in tables.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()


def _when(now: datetime, ago: float) -> str:
    return f"{now - timedelta(days=ago):%Y-%m-%d %H:%M:%S}"


def _mail(name: str, n: int) -> str:
    return f"{name.lower().replace(' ', '.')}{n}@client.example"


if __name__ == "__main__":
    try:
        build(HERE, datetime.now(UTC))
    except FileExistsError:
        raise SystemExit(
            "data is there already; to begin again, remove data and .servanda"
        ) from None
    print("made the company in data; now try: servanda check")
