"""A firm with years of evidence and thousands of requests, behind a real `servanda serve`.

Three years of days: each leaves a census, recounts of twenty collections and a count of requests;
requests arrive, are decided and answered in between; the rest are windows of sweeps. Entries go
through the ledger's own `append`, a batch a day, so the tree is whole.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

DAYS, COLLECTIONS, PROMISES = 1095, 20, 40
SRC = Path(__file__).parents[1] / "src"

_POLICY = """
servanda: 1
organisation: {name: Bench Ltd, country: GB, contact: privacy@bench.example}
jurisdictions: [GB]
activities:
"""
_ACTIVITY = """  a{n}:
    purposes: [support]
    basis: contract
    subjects: [client]
    data: [name, contact.email]
    retain: {{at_most: 10 years, after: created, then: delete}}
"""
_STORES = """
stores:
  crm:
    connect: sqlite:///crm.sqlite
    collections:
"""
_COLLECTION = """      t{n}:
        activity: a{n}
        key: [id]
        clocks: {{created: created}}
        fields: {{id: [], name: name, email: contact.email}}
        identify: {{email: [email]}}
"""


def build(folder: Path, entries: int, requests: int, users: int) -> None:
    """The workspace's files and its state; this process is set up for it."""
    import sqlite3

    from servanda.web.start import configure

    controls = [f"activities.a{n}.retain" for n in range(COLLECTIONS)]
    controls += ["requests.refusals", "policy.basis", "inventory.declared", "rights.access"]
    promised = "".join(
        f"  P-{n}: {{says: We keep promise number {n} as we said it on our website., "
        f"section: part, kept_by: [{controls[n % len(controls)]}]}}\n"
        for n in range(PROMISES)
    )
    activities = "".join(_ACTIVITY.format(n=n) for n in range(COLLECTIONS))
    rights = "rights:\n  access: {through: e-mail}\n  erasure: {through: e-mail}\n"
    (folder / "policy.yaml").write_text(f"{_POLICY}{activities}{rights}promises:\n{promised}")
    collections = "".join(_COLLECTION.format(n=n) for n in range(COLLECTIONS))
    (folder / "stores.yaml").write_text(f"{_STORES}{collections}")
    with contextlib.closing(sqlite3.connect(folder / "crm.sqlite")) as crm, crm:
        for n in range(COLLECTIONS):
            crm.execute(
                f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name TEXT, email TEXT, created TEXT)"
            )
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (folder / "servanda.toml").write_text(
        f'[web]\nlisten = "127.0.0.1:{port}"\nurl = "http://localhost:{port}"\n'
        '[schedule]\nsweep = "0 2 * * *"\n'
    )
    configure(folder)
    _members(users)
    _evidence(entries, requests)


def _members(users: int) -> None:
    import base64

    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from servanda.web.models import Member

    with transaction.atomic():
        for number in range(users):
            member = Member(email=f"m{number}@bench.example", name=f"M {number}", role="owner")
            member.set_unusable_password()
            member.save()
            TOTP.activate(member, base64.b32encode(secrets.token_bytes(20)).decode())
            session = SessionStore()
            session[SESSION_KEY] = str(member.pk)
            session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
            session[HASH_SESSION_KEY] = member.get_session_auth_hash()
            session["seen"] = int(time.time())
            session.save()


def _evidence(entries: int, requests: int) -> None:
    from servanda import ledger
    from servanda.runtime import hub, record

    workspace = hub.workspace()
    start = datetime.now(UTC) - timedelta(days=DAYS)
    policy = record._policy_entry(workspace, start)
    ledger.append([policy], now=start)
    opened = _requests(workspace, requests, start)
    per_day = max(0, (entries - requests * 5) // DAYS - COLLECTIONS - 3)
    for day in range(DAYS):
        at = start + timedelta(days=day, hours=2)
        told = _day(day, per_day, at)
        told += [each for when, each in opened.get(day, ())]
        ledger.append(told, now=at)
    workspace.checkpoint()


def _day(day: int, windows: int, at: datetime) -> list[dict[str, Any]]:
    run = f"r{day}"
    window = {
        "kind": "window.prepared",
        "run": run,
        "step": "delete:crm.t0",
        "collection": "crm.t0",
        "action": "delete",
        "count": 100,
        "manifest": "0" * 64,
        "encoding": "keys-1",
    }
    recount = {"kind": "recount", "run": run, "suspended": 0, "total": 1000, "unstarted": 0}
    recount |= {"overdue": 0, "reader": "same"}
    return [
        *({**window, "window": number} for number in range(windows)),
        *({**recount, "collection": f"crm.t{n}"} for n in range(COLLECTIONS)),
        {"kind": "census", "occasion": at.isoformat(), "collections": {}, "unreachable": []},
        {"kind": "requests.census", "open": 3, "overdue": 0, "acting": 0},
    ]


def _requests(
    workspace: Any, count: int, start: datetime
) -> dict[int, list[tuple[datetime, dict[str, Any]]]]:
    """Rows of requests, most of them answered, and what the ledger tells of each, by day."""
    from servanda import state
    from servanda.desk.requests.view import Told
    from servanda.state.models import Request

    book = workspace.desk.book
    found: dict[int, list[tuple[datetime, dict[str, Any]]]] = {}
    with state.transaction():
        for number in range(count):
            day = number * (DAYS - 2) // max(count, 1)
            received = start + timedelta(days=day)
            open_ = number >= count * 9 // 10
            person = book.vault.new_person([], received)
            row = Request(
                person=person,
                right="access" if number % 2 else "erasure",
                state="verified" if open_ else "closed",
                place="GB",
                via="form",
                received=received.date(),
                opened_at=received,
                opened_by="portal",
                closed_at=None if open_ else received + timedelta(days=9),
            )
            row.statutory_due = row.safe_due = row.due = (received + timedelta(days=28)).date()
            row.save(force_insert=True)
            who = Told(identities=(("email", f"p{number}@example.test"),), name=f"P {number}")
            book.write(row, who)
            row.save()
            ref = str(row.id)
            told = found.setdefault(day, [])
            common = {"request": ref, "by": "portal"}
            due = {"due": row.due.isoformat()}
            told.append(
                (
                    received,
                    {
                        **common,
                        **due,
                        "kind": "request.received",
                        "right": row.right,
                        "tenant": None,
                        "because": None,
                    },
                )
            )
            if not open_:
                later = found.setdefault(min(day + 9, DAYS - 1), [])
                decided = {**common, "kind": "request.decided", "decision": "act", "grounds": []}
                replied = {**common, "kind": "request.replied", "says": ["regulator"]}
                closed = {**common, "kind": "request.closed", "outcome": "done"}
                later += [(received, each) for each in (decided, replied, closed)]
    return found


class Firm:
    """`servanda serve` of the folder, and what can be seen of it from outside."""

    others: tuple[str, ...] = (
        "/console/requests/",
        "/console/plans/",
        "/console/evidence/",
    )

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.cookies: list[str] = []
        self.started_s = 0.0

    @property
    def pages(self) -> tuple[str, ...]:
        return ("/console/board/", "/privacy/", *self.others)

    def __enter__(self) -> Self:
        from django.contrib.sessions.models import Session

        from servanda import state
        from servanda.runtime import hub

        self.port = hub.workspace().settings.web.port
        self.cookies = [f"servanda={key}" for key in Session.objects.values_list("pk", flat=True)]
        state.close()
        began = time.monotonic()
        log = (self.folder / "serve.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "servanda", "serve", "-C", str(self.folder)],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=log,
            stderr=log,
        )
        while self._page("/privacy/") is None:
            assert self.process.poll() is None, (self.folder / "serve.log").read_text()
            assert time.monotonic() - began < 60, "it does not start"
            time.sleep(0.02)
        self.started_s = time.monotonic() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def _page(self, path: str) -> bytes | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookies[0], "Accept-Encoding": "gzip"}
        headers["Host"] = f"localhost:{self.port}"
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            return None
        finally:
            connection.close()
        assert answer.status == 200, (path, answer.status, answer.getheader("Location"))
        return body

    def weight(self, path: str) -> float:
        """KB over the wire: the page and all that it loads."""
        import re

        body = self._page(path) or b""
        text = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        loads = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
        found = [body, *(self._page(each) or b"" for each in dict.fromkeys(loads))]
        return sum(map(len, found)) / 1000

    def memory_after_rest(self) -> float:
        """MB once the first board is made and nothing has happened for a while."""
        self._page("/console/board/")
        time.sleep(5)
        return self.memory()

    def memory(self) -> float:
        """MB of all its processes, what they share counted once."""
        return sum(_pss(pid) for pid in _family(self.process.pid)) / 1000


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
