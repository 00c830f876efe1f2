"""Tells people of a change, in a process that kills itself at its Nth boundary.

Boundaries lie before and after each mail handed over and each commit, and after each statement to
the database.
"""

from __future__ import annotations

from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from servanda import state
from servanda.desk import changenotices
from servanda.desk.changenotices import Addressee
from servanda.desk.editions import letters
from servanda.desk.requests import Desk, outbox, smtp
from tests.desk.editions.edition_world import NOW
from tests.desk.requests.mail_world import desk_of
from tests.faults.inbox_driver import Killer

ABOUT = "edition:2"
PEOPLE = ("ann@acme.test", "ben@acme.test", "cid@best.test")
TOLD = NOW + timedelta(days=1)


def tell(desk: Desk, minutes: int = 0) -> bool:
    """One turn of the worker."""
    at = TOLD + timedelta(minutes=minutes)
    letter = letters.letter(desk.book, ABOUT)
    changenotices.queue(desk.book, ABOUT, map(Addressee, PEOPLE), letter, now=at)
    outbox.deliver(desk.book, now=at)
    return changenotices.settle(ABOUT, "UTC", now=at)


def main(folder: Path, url: str, port: int, at: int, answer: Connection) -> None:
    """Sends the names of all boundaries, unless it dies at one."""
    state.setup(url)
    desk = desk_of(folder, port)
    killer = Killer(at)
    killer.around(smtp, "send")
    killer.around(BaseDatabaseWrapper, "_commit")
    from django.db import connection

    with connection.execute_wrapper(killer.statement):
        tell(desk)
    answer.send(killer.named)
