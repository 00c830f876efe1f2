"""Builds JTec's sample company: a PBX with recordings, voicemail and logs, a website, accounts.

    build(folder, now)  makes folder/data with about 3,000 calls of the last 18 months

Every person in it is made up; numbers lie in a range reserved for drama, addresses end in
`.example`. The same seed gives the same company. `PLANTED` are people put in on purpose: how each
is written in the stores, and what `servanda find` says of them.
"""

from __future__ import annotations

import gzip
import random
import sqlite3
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIRST = ["Aoife", "Brian", "Ciara", "Declan", "Eimear", "Fionn", "Grainne", "Hugh", "Isla", "Jack"]
LAST = [
    "Adair",
    "Boyd",
    "Campbell",
    "Devlin",
    "Ewart",
    "Ferris",
    "Gault",
    "Hanna",
    "Irvine",
    "Kerr",
]
CALLS = 3_000
TWINS = "office@twins.example"  # an address that two people share

# What goes with a person (`goes`) and what stays (`stays`): records by collection. `shared`: how
# many records are a person each, so that somebody has to say who is meant.
PLANTED: Mapping[str, Mapping[str, Any]] = {
    "Sinead Quigg": {
        "email": ["sinead.quigg@client.example"],
        "phone": ["028 9018 0101"],
        "goes": {
            "pbx.cdr": 2,
            "pbx.cel": 4,
            "recordings.calls": 2,
            "voicemail.messages": 1,
            "logs.queue": 4,
            "website.enquiries": 1,
            "accounts.clients": 1,
        },
        # The call with Owen.
        "stays": {"pbx.cdr": 1, "pbx.cel": 2, "recordings.calls": 1, "logs.queue": 2},
    },
    # Spoke with Sinead: the call, its recording and its lines in the log are both people's.
    "Owen Rea": {
        "phone": ["028 9018 0102"],
        "stays": {"pbx.cdr": 1, "pbx.cel": 2, "recordings.calls": 1, "logs.queue": 2},
    },
    "Fee and Fay Twin": {"email": [TWINS], "shared": 2, "goes": {"accounts.clients": 2}},
    "nobody": {"email": ["nobody@elsewhere.example"], "phone": ["028 9018 0199"]},
}
_SINEAD = "Sinead Quigg"
_PLANTED_CALLS = [  # days ago, name, number as the exchange wrote it, called
    (40, _SINEAD, "02890180101", "200"),
    (30, _SINEAD, "00442890180101", "200"),
    (20, _SINEAD, "+442890180101", "02890180102"),
]


def build(folder: Path, now: datetime) -> None:
    """Make `folder`/data. Raises FileExistsError when it is already there."""
    data = folder / "data"
    data.mkdir(parents=True)
    dice = random.Random(12)  # noqa: S311 (sample data, not a secret)
    people = [(f"{first} {last}", f"07009{n:05d}") for n, (first, last) in enumerate(_names())]
    _pbx(data, now, dice, people)
    _website(data, now, dice, people)
    _accounts(data, now, dice, people)


def _names() -> list[tuple[str, str]]:
    return [(first, last) for first in FIRST for last in LAST]


def _database(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript((HERE / schema).read_text(encoding="utf-8"))
    return connection


def _pbx(data: Path, now: datetime, dice: random.Random, people: list[tuple[str, str]]) -> None:
    start = now - timedelta(days=540)
    moments = sorted(start + timedelta(seconds=dice.randrange(540 * 86_400)) for _ in range(CALLS))
    calls = [(at, *dice.choice(people), "200") for at in moments]
    calls += [(now - timedelta(days=ago), *call) for ago, *call in _PLANTED_CALLS]
    cdr, cel = [], []
    wav = _silence()
    for n, (at, name, number, to) in enumerate(calls):
        unique = f"{int(at.timestamp())}.{n}"
        file = f"in-{to}-{number}-{at:%Y%m%d-%H%M%S}-{unique}.wav"
        folder = data / "recordings" / f"{at:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(wav)
        when = f"{at:%Y-%m-%d %H:%M:%S}"
        clid = f'"{name}" <{number}>'
        cdr.append((when, clid, number, to, number, name, file, unique, unique, 30, 27))
        cel += [(kind, when, name, number, to, unique, unique) for kind in ("CHAN_START", "HANGUP")]
    with _database(data / "pbx.sqlite", "pbx.sql") as pbx:
        pbx.executemany(
            "INSERT INTO cdr (calldate, clid, src, dst, cnum, cnam, recordingfile, uniqueid,"
            " linkedid, duration, billsec, disposition)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,'ANSWERED')",
            cdr,
        )
        pbx.executemany(
            "INSERT INTO cel (eventtype, eventtime, cid_name, cid_num, exten, uniqueid, linkedid)"
            " VALUES (?,?,?,?,?,?,?)",
            cel,
        )
    _voicemail(data, now, wav, people)
    _logs(data, now, [(at, line[4], line[7]) for (at, *_), line in zip(calls, cdr, strict=True)])


def _logs(data: Path, now: datetime, calls: list[tuple[datetime, str, str]]) -> None:
    """The queue's log and the log of everything, rotated every half a year."""
    folder = data / "logs"
    folder.mkdir()
    half = timedelta(days=182)
    for number, ending in enumerate(("", ".1", ".2.gz")):
        queue, full = [], []
        for at, caller, unique in calls:
            if not now - half * (number + 1) < at <= now - half * number:
                continue
            stamp = int(at.timestamp())
            queue.append(f"{stamp}|{unique}|support|NONE|ENTERQUEUE||{caller}|1")
            queue.append(f"{stamp + 30}|{unique}|support|Agent/200|COMPLETECALLER|3|27|1")
            if caller.startswith("07009"):  # the log of everything was off for the planted calls
                full.append(
                    f"[{at:%Y-%m-%d %H:%M:%S}] VERBOSE[1] pbx.c: Executing [300@in] {caller}"
                )
        for name, lines in (("queue_log", queue), ("full", full)):
            content = "".join(f"{line}\n" for line in lines).encode()
            (folder / f"{name}{ending}").write_bytes(
                gzip.compress(content, mtime=0) if ending.endswith("gz") else content
            )


def _voicemail(data: Path, now: datetime, wav: bytes, people: list[tuple[str, str]]) -> None:
    box = data / "voicemail" / "default" / "200" / "INBOX"
    box.mkdir(parents=True)
    left = [(*people[n], days) for n, days in enumerate((500, 420, 60, 5))]
    left.append((_SINEAD, "+44 28 9018 0101", 25))
    for n, (name, number, days) in enumerate(left):
        at = int((now - timedelta(days=days)).timestamp())
        (box / f"msg{n:04d}.wav").write_bytes(wav)
        (box / f"msg{n:04d}.txt").write_text(
            "[message]\norigmailbox=200\ncontext=in\nexten=300\n"
            f'callerid="{name}" <{number}>\norigtime={at}\ncategory=\nduration=4\n',
            encoding="utf-8",
        )


def _silence() -> bytes:
    """A fifth of a second of 8 kHz mono silence, as WAV."""
    sound = bytes(3_200)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8_000, 16_000, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _website(data: Path, now: datetime, dice: random.Random, people: list[tuple[str, str]]) -> None:
    with _database(data / "website.sqlite", "website.sql") as site:
        site.execute(
            "INSERT INTO wp_users (user_login, user_nicename, user_email, user_registered,"
            " display_name) VALUES ('office', 'office', 'office@jtec.example', ?, 'Office')",
            (f"{now - timedelta(days=900):%Y-%m-%d %H:%M:%S}",),
        )
        post = site.execute(
            "INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_title, post_status,"
            " post_type, comment_count) VALUES (1, ?, ?, 'Backups', 'publish', 'post', 2)",
            [f"{now - timedelta(days=300):%Y-%m-%d %H:%M:%S}"] * 2,
        ).lastrowid
        for n in range(2):
            at = f"{now - timedelta(days=200 - n):%Y-%m-%d %H:%M:%S}"
            site.execute(
                "INSERT INTO wp_comments (comment_post_ID, comment_author, comment_author_email,"
                " comment_author_IP, comment_date, comment_date_gmt, comment_content,"
                " comment_approved) VALUES (?, ?, ?, '192.0.2.7', ?, ?, 'Thank you.', '1')",
                (post, people[n][0], _mail(people[n][0]), at, at),
            )
        for n in range(60):
            name, number = people[n]
            old, ticked, closed = n % 10 < 3, n % 10 == 2, n % 10 in (4, 5)
            days = dice.randrange(400, 700) if old else dice.randrange(5, 340)
            _enquiry(site, now - timedelta(days=days), name, number, ticked, closed)
        _enquiry(site, now - timedelta(days=15), _SINEAD, "028 9018 0101", False, False)


def _enquiry(
    site: sqlite3.Connection, at: datetime, name: str, number: str, ticked: bool, closed: bool
) -> None:
    when, mail = f"{at:%Y-%m-%d %H:%M:%S}", _mail(name)
    changed = f"{at + timedelta(days=3):%Y-%m-%d %H:%M:%S}" if closed else when
    post = site.execute(
        "INSERT INTO wp_posts (post_date, post_date_gmt, post_modified, post_modified_gmt,"
        " post_content, post_title, post_status, post_type)"
        " VALUES (?, ?, ?, ?, ?, 'Quote', 'publish', 'flamingo_inbound')",
        (when, when, changed, changed, f"{name}\n{mail}\n{number}"),
    ).lastrowid
    meta = {
        "_from": f"{name} <{mail}>",
        "_from_name": name,
        "_from_email": mail,
        "_subject": "Quote",
        "_field_your-name": name,
        "_field_your-email": mail,
        "_field_your-message": f"Please call {number}.",
        "_field_marketing": "1" if ticked else "",
        "_meta": 'a:1:{s:9:"remote_ip";s:9:"192.0.2.7";}',
    }
    if closed:
        meta["_closed"] = changed
    site.executemany(
        "INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (?, ?, ?)",
        [(post, key, value) for key, value in meta.items()],
    )


def _accounts(
    data: Path, now: datetime, dice: random.Random, people: list[tuple[str, str]]
) -> None:
    with _database(data / "accounts.sqlite", "accounts.sql") as books:
        clients = [(*each, _mail(each[0])) for each in people]
        clients += [(_SINEAD, "+44 28 9018 0101", _mail(_SINEAD))]
        clients += [("Fee Twin", "", TWINS), ("Fay Twin", "", TWINS)]
        for n, (name, number, mail) in enumerate(clients):
            client = books.execute(
                "INSERT INTO clients (name, contact, email, phone, address) VALUES (?, ?, ?, ?, ?)",
                (
                    f"{name.split()[1]} Ltd",
                    name,
                    mail,
                    number,
                    f"{n + 1} Sample Road, Larne",
                ),
            ).lastrowid
            old = n % 5 == 0 and n < len(people)
            last = now - timedelta(days=dice.randrange(3_700, 4_700) if old else n * 30)
            books.executemany(
                "INSERT INTO invoices (client_id, issued, pence) VALUES (?, ?, ?)",
                [
                    (
                        client,
                        f"{last - timedelta(days=90 * k):%Y-%m-%d}",
                        dice.randrange(5_000, 90_000),
                    )
                    for k in range(4)
                ],
            )


def _mail(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@client.example"


if __name__ == "__main__":
    try:
        build(HERE, datetime.now(UTC))
    except FileExistsError:
        raise SystemExit(
            "data is there already; to begin again, remove data and .servanda"
        ) from None
    print("made the company in data; now try: servanda check")
