"""Reads the inbox and sends what waits, in a process that kills itself at its Nth boundary.

Boundaries lie before and after each command to the mail server, each mail handed over, each commit,
and after each statement to the database.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from servanda import state
from servanda.connectors.imap.session import Session
from servanda.desk.requests import inbox, outbox, smtp
from tests.desk.requests.desk_world import NOW
from tests.desk.requests.mail_world import desk_of


class Killer:
    """Dies at the `at`th boundary; `named`: what each was, in order."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.named: list[str] = []

    def reached(self, name: str) -> None:
        self.named.append(name)
        if len(self.named) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def outer(*args: Any, **more: Any) -> Any:
            self.reached(f"before {name}")
            found = inner(*args, **more)
            self.reached(f"after {name}")
            return found

        setattr(owner, name, outer)

    def statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        found = execute(sql, params, many, context)
        self.reached("statement")
        return found


def main(
    folder: Path, url: str, port: int, address: str, password: str, at: int, answer: Connection
) -> None:
    """Sends the names of all boundaries, unless it dies at one."""
    state.setup(url)
    desk = desk_of(folder, port, inbox=address, password=password)
    killer = Killer(at)
    for name in ("fetch", "flag", "create", "move"):
        killer.around(Session, name)
    killer.around(smtp, "send")
    killer.around(BaseDatabaseWrapper, "_commit")
    from django.db import connection

    with connection.execute_wrapper(killer.statement):
        inbox.poll(desk.book, now=NOW)
        outbox.deliver(desk.book, now=NOW)
    answer.send(killer.named)
