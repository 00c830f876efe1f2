"""kill -9 while people are told of a change: nobody is told twice, and nobody is forgotten."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

import pytest

from servanda import state
from servanda.desk import changenotices, editions
from servanda.desk.requests import outbox
from servanda.state.models import ChangeMail, OutboxMail
from tests.desk.editions.edition_world import policy, publish
from tests.desk.requests.desk_world import entries
from tests.desk.requests.mail_world import Server, desk_of, serving
from tests.faults import notice_driver
from tests.faults.notice_driver import ABOUT, PEOPLE, TOLD, tell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_ROOT = Path(__file__).parents[2]
_context = multiprocessing.get_context("forkserver")


@dataclass
class House:
    folder: Path
    server: Server

    def prepare(self) -> None:
        state.setup(f"sqlite:///{self.folder / 'before.sqlite3'}")
        state.migrate()
        publish(policy(tell="email, portal"))
        publish(policy(tell="email, portal", kept="24 months"), material=True, now=TOLD)
        state.close()

    def run(self, at: int) -> tuple[list[str], int]:
        """Killed at that boundary, or not at all; then the worker comes back and goes on."""
        path = self.folder / f"state-{at}.sqlite3"
        shutil.copy(self.folder / "before.sqlite3", path)
        url = f"sqlite:///{path}"
        self.server.got.clear()
        mine, theirs = _context.Pipe(duplex=False)
        process = _context.Process(
            target=notice_driver.main, args=(self.folder, url, self.server.port, at, theirs)
        )
        process.start()
        theirs.close()
        try:
            named = mine.recv()
        except EOFError:
            named = []
        process.join(60)
        assert process.exitcode == (0 if named else -signal.SIGKILL)
        state.setup(url)
        try:
            desk = desk_of(self.folder, self.server.port)
            assert tell(desk, minutes=10)  # past the lease of what was being sent
            assert not tell(desk, minutes=20) or len(self.server.got) <= len(PEOPLE)
            self.check()
        finally:
            state.close()
        return named, len(self.server.got)

    def check(self) -> None:
        assert ChangeMail.objects.count() == len(PEOPLE) == OutboxMail.objects.count()
        states = list(OutboxMail.objects.values_list("state", flat=True))
        assert set(states) <= {outbox.State.SENT, outbox.State.UNSURE}
        for each in PEOPLE:
            assert len(self.server.to(each)) <= 1, "nobody is told twice"
        assert len(self.server.got) >= states.count(outbox.State.SENT), "what is sent was sent"
        assert len([e for e in entries("policy.told") if e["way"] == "email"]) == 1
        counts = changenotices.count(ABOUT)
        assert counts["reached"] + counts["failed"] == len(PEOPLE)
        found = editions.current(editions.get(2).binds_at)
        assert found is not None and found.number == 2


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_ROOT / 'src'}:{_ROOT}"
    try:
        forkserver.ensure_running()
        with serving() as server:
            found = House(tmp_path, server)
            found.prepare()
            yield found
    finally:
        state.close()
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def test_at_each_boundary(house: House) -> None:
    named, sent = house.run(0)
    assert sent == len(PEOPLE), "unharmed, each mail goes out"
    assert {"before send", "after send", "after _commit"} <= {*named}
    outside = [n for n, name in enumerate(named, 1) if name != "statement"]
    inside = [n for n, name in enumerate(named, 1) if name == "statement"][::5]
    lost = 0
    for at in sorted({*outside, *inside}):
        _, sent = house.run(at)
        lost += len(PEOPLE) - sent
    # Killed between claiming a mail and handing it over, it stays unsure: a person looks.
    assert 0 < lost <= 3 * len(PEOPLE)


def test_the_check_bites(house: House) -> None:
    """Somebody whose mark is lost is told again, and that is seen."""
    state.setup(f"sqlite:///{house.folder / 'before.sqlite3'}")
    desk = desk_of(house.folder, house.server.port)
    tell(desk)
    house.check()
    ChangeMail.objects.order_by("id")[0].delete()
    from servanda.state.models import ChangeNotice

    ChangeNotice.objects.filter(about=ABOUT, way="email").update(listed_at=None, told_at=None)
    tell(desk)
    with pytest.raises(AssertionError):
        house.check()
