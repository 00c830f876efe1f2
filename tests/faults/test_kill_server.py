"""kill -9 of the whole server while programs write to it: what was answered with success is there.

Several callers open requests as fast as they can, each with a key of its own, while every process
of the server is killed at a random moment and started again, three times. A caller that got no
answer sends the same call with the same key again. Afterwards each request that was answered is
there, with its word in the ledger, and none is there twice.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from servanda.desk import tokens
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.web.world import Served, build_site, factor, migrated

CALLERS, KILLS = 4, 3


class Caller(threading.Thread):
    """Opens one request after another; `answered`: by number, whose."""

    def __init__(self, port: int, secret: str, name: str, ended: threading.Event) -> None:
        super().__init__()
        self.port, self.secret, self.tag, self.ended = port, secret, name, ended
        self.answered: dict[str, str] = {}
        self.again = 0

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            who = f"{self.tag}-{number}@example.test"
            ref = self._opened(who)
            if ref is not None:
                self.answered[ref] = who
                number += 1

    def _opened(self, who: str) -> str | None:
        """The number; asks with the same key until there is an answer."""
        body = {"right": "access", "via": "form", "identities": [{"kind": "email", "value": who}]}
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": who,
            "X-Purpose": "rights",
            "Host": f"localhost:{self.port}",
        }
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("POST", "/v1/requests", json.dumps(body), headers)
                answer = connection.getresponse()
                told = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                self.again += 1
                time.sleep(0.05)
                continue
            finally:
                connection.close()
            if answer.status == 429:
                time.sleep(0.2)
                continue
            assert answer.status == 201, told
            return str(told["ref"])


@pytest.mark.slow
def test_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "firm"
    build_site(folder)
    (folder / ".servanda").mkdir(mode=0o700)
    migrated(folder / ".servanda" / "state.sqlite3")
    secrets = _tokens(folder)
    dice = random.Random(20260301)
    served = Served(folder)
    served.start()
    ended = threading.Event()
    callers = [Caller(served.port, secret, f"c{n}", ended) for n, secret in enumerate(secrets)]
    try:
        for caller in callers:
            caller.start()
        for _ in range(KILLS):
            time.sleep(0.7 + dice.random())
            served.stop(signal.SIGKILL)
            served.start()
        time.sleep(1)
    finally:
        ended.set()
        for caller in callers:
            caller.join(60)
        served.stop()
    answered = {ref: who for caller in callers for ref, who in caller.answered.items()}
    assert len(answered) == sum(len(caller.answered) for caller in callers) > 20
    assert sum(caller.again for caller in callers) >= KILLS, "nobody was interrupted"
    _all_there(folder, answered)


def _tokens(folder: Path) -> list[str]:
    with Workspace.open(folder) as workspace:
        workspace.use_state(every=True)
        member = Member.objects.create_user("olive@firm.test", name="Olive", role="owner")
        from servanda.runtime import hub

        hub.begin(workspace)
        factor(member)
        return [
            tokens.make(f"c{n}", ["request"], 1, by=member.by, role="owner")[1]
            for n in range(CALLERS)
        ]


def _all_there(folder: Path, answered: dict[str, str]) -> None:
    with closing(sqlite3.connect(folder / ".servanda" / "state.sqlite3")) as database:
        told = [
            json.loads(entry)["request"]
            for (entry,) in database.execute(
                "SELECT entry FROM servanda_leaf WHERE kind = 'request.received'"
            )
        ]
    assert set(answered) <= set(told)
    assert len(told) == len(set(told))
    with Workspace.open(folder) as workspace:
        workspace.use_state()
        mine = {ref: workspace.desk.get(ref).identities for ref in told}
        assert all(mine[ref] == (("email", who),) for ref, who in answered.items())
        assert len(set(mine.values())) == len(told), "a request was opened twice"
        from servanda.ledger import live

        assert live.verify(workspace.signer.vkey).ok
