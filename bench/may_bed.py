"""A firm whose million people said yes or no, and its server with two endpoints more: an empty one,
and one that does a single bare insert.

`python -m bench.may_bed FOLDER` serves it: the same settings, the same middleware, the same worker
as `servanda serve`; only the two endpoints are the bench's.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SRC = Path(__file__).parents[1] / "src"
SITE = "https://www.bench.example"

_POLICY = """
servanda: 1
organisation: {name: Bench Ltd, country: GB, contact: privacy@bench.example}
jurisdictions: [GB]
consents:
  marketing: {point: the form, channels: [email, phone], asks_again: 24 months}
cookies:
  _stats: {category: analytics, purpose: It counts visits., lasts: 13 months}
banner: {sites: [www.bench.example], asks_again: 6 months}
activities:
  news:
    purposes: [marketing]
    basis: consent
    subjects: [client]
    data: [name, contact.email]
    retain: {at_most: 10 years, after: created, then: delete}
promises:
  P-1: {says: We keep it as long as we say., kept_by: [activities.news.retain]}
"""
_STORES = """
stores:
  crm:
    connect: sqlite:///crm.sqlite
    collections:
      people:
        activity: news
        key: [id]
        clocks: {created: created}
        fields: {id: [], name: name, email: contact.email}
        identify: {email: [email]}
"""
_BARE = "CREATE TABLE bench_bare (id {key}, at TEXT NOT NULL, data TEXT NOT NULL)"


def address(n: int) -> str:
    return f"person{n}@bench{n % 997}.example"


def build(folder: Path, people: int, database: str = "") -> str:
    """The workspace and its state; a token that may ask the gate."""
    import sqlite3

    from servanda.web.start import configure

    (folder / "policy.yaml").write_text(_POLICY)
    (folder / "stores.yaml").write_text(_STORES)
    with contextlib.closing(sqlite3.connect(folder / "crm.sqlite")) as crm, crm:
        crm.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name, email, created)")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    state = f'[state]\nurl = "{database}"\n' if database else ""
    (folder / "servanda.toml").write_text(
        f'{state}[web]\nlisten = "127.0.0.1:{port}"\nurl = "http://localhost:{port}"\n'
        "[consent]\nchoices_per_minute = 999999\n"
    )
    configure(folder)
    from servanda.desk import tokens
    from servanda.web.models import Member

    member = Member.objects.create_user("m@bench.example", None, name="M", role="owner")
    _, secret = tokens.make("bench", ("gate",), 30, by=member.by, role=member.role)
    _fill(people)
    _bare()
    return secret


def _fill(people: int) -> None:
    """Marks, standings and keys as `desk.consents` writes them: of each second one a yes."""
    from django.db import transaction

    from servanda.desk.consents import standing
    from servanda.desk.consents.standing import Word
    from servanda.runtime import consents, hub

    gate = consents.gate(hub.workspace())
    until = datetime.now(UTC).date().replace(year=datetime.now(UTC).year + 2)
    said: list[str] = []
    for state in ("given", "refused"):
        has: standing.Standing = {}
        for channel in ("email", "phone"):
            standing.put(has, "marketing", channel, Word(state, until, 3))
        said.append(standing.dump(has))
    now, marks = datetime.now(UTC), []
    with transaction.atomic():
        for n in range(people):
            subject = secrets.token_hex(16)
            mark = gate.mark_of(f"email:{address(n)}")
            marks.append((mark, subject, said[n % 2]))
        marks.sort()
        subjects = [
            (each[1], secrets.token_bytes(40), secrets.token_bytes(90), now) for each in marks
        ]
        _copied("servanda_consentmark", ("mark", "subject", "standing"), marks)
        _copied("servanda_consentsubject", ("id", "wrapped", "data", "made_at"), subjects)
    _analysed()


def _copied(table: str, columns: Sequence[str], found: Sequence[Sequence[Any]]) -> None:
    """By the quickest way that each engine has."""
    from django.db import connection

    named = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            values = ", ".join(["%s"] * len(columns))
            plain = [[str(v) if isinstance(v, datetime) else v for v in row] for row in found]
            cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({values})", plain)
            return
        with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
            for row in found:
                copy.write_row(row)


def _analysed() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _bare() -> None:
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    key = "BIGSERIAL PRIMARY KEY" if postgresql else "INTEGER PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(_BARE.format(key=key))


# ── the server ────────────────────────────────────────────────────────────────────────────────


def serve(folder: Path) -> None:
    """Until SIGTERM."""
    from servanda.web.start import configure

    configure(folder)
    from servanda import state
    from servanda.runtime import hub, serving

    _endpoints()
    serving._preload()
    state.close_thread()
    listening = serving._listening(hub.workspace().settings.web.listen)
    serving._let_go()
    print("ready", flush=True)
    serving._pages(listening)


def _endpoints() -> None:
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from servanda.web import urls
    from servanda.web.kit.access import public

    @public
    @csrf_exempt
    def empty(request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"{}", "application/json")

    @public
    @csrf_exempt
    def bare(request: HttpRequest) -> HttpResponse:
        told = json.loads(request.body)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_bare (at, data) VALUES (%s, %s)",
                [datetime.now(UTC).isoformat(), json.dumps(told)],
            )
        return HttpResponse(b"{}", "application/json", 201)

    urls.urlpatterns[:0] = [path("v1/empty", empty), path("consent/bare", bare)]


class Firm:
    """The server as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        told = (folder / "servanda.toml").read_text()
        self.port = int(told.split('listen = "127.0.0.1:')[1].split('"')[0])

    def __enter__(self) -> Self:
        path = os.pathsep.join((str(SRC), str(SRC.parent)))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.may_bed", str(self.folder)],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=5).connect()
                return self
            time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def load(
        self, requests: list[str], seconds: float, *, rate: float = 0.0, connections: int = 8
    ) -> dict[str, Any]:
        """What may_load tells."""
        told = {
            "port": self.port,
            "requests": requests,
            "connections": connections,
            "seconds": seconds,
            "rate": rate,
        }
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("may_load.py"))],
            input=json.dumps(told),
            text=True,
            capture_output=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def get(self, path: str, secret: str = "") -> str:
        key = f"Authorization: Bearer {secret}\r\n" if secret else ""
        return f"GET {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n{key}\r\n"

    def post(self, path: str, body: str, more: str = "") -> str:
        return (
            f"POST {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n{more}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )


def databases() -> Iterator[tuple[str, str]]:
    """(engine, address) of each that is wanted; PostgreSQL's is there while it is used."""
    from bench import harness
    from bench.tables import postgres_server

    for engine in harness.chosen(("sqlite", "postgresql")):
        if engine == "sqlite":
            yield engine, ""
        else:
            with postgres_server() as server:
                yield engine, server.create_database(f"bench_{secrets.token_hex(4)}")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
