"""Connections kept open, by user. Each is lent to one call at a time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from servanda.connectors.imap.address import Address
from servanda.connectors.imap.session import Session


class Pool:
    def __init__(self, store: str, address: Address, *, timeout: float, most: int) -> None:
        self._store = store
        self._address = address
        self._timeout = timeout
        self._most = most  # idle ones kept of each user
        self._idle: defaultdict[str, list[Session]] = defaultdict(list)
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, user: str) -> Iterator[Session]:
        """A connection signed in as the user; one in which something went wrong is not kept."""
        session = self._taken(user)
        try:
            yield session
        except GeneratorExit:  # a reader had enough: between two commands all is well
            self._back(user, session)
            raise
        except BaseException:
            session.drop()
            raise
        self._back(user, session)

    def _back(self, user: str, session: Session) -> None:
        with self._lock:
            kept = len(self._idle[user]) < self._most
            if kept:
                self._idle[user].append(session)
        if not kept:
            session.close()

    def _taken(self, user: str) -> Session:
        while True:
            with self._lock:
                session = self._idle[user].pop() if self._idle[user] else None
            if session is None:
                return Session(self._store, self._address, user, self._timeout)
            if session.alive():
                return session
            session.drop()

    def close(self) -> None:
        with self._lock:
            sessions = [each for idle in self._idle.values() for each in idle]
            self._idle.clear()
        for session in sessions:
            session.close()
