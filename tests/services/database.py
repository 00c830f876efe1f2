"""What the database servers have in common: a life cycle and fresh databases."""

import secrets
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.services.ports import free_port
from tests.services.process import Server, server_user, temporary_folder


class DatabaseServer(ABC):
    """A private server on a free loopback port, with its data in a temporary folder.

    It is running once constructed. `stop`, `kill` and `start` keep port, data and passwords, so a
    test can take the store away in the middle of something and bring it back.
    """

    kind: ClassVar[str]
    admin: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, system_user: str) -> None:
        began = time.monotonic()
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self.user = server_user(system_user)
        self.folder = temporary_folder(self.kind, user=self.user)
        self._server: Server | None = None
        self._prepare()
        self.start()
        self.start_seconds = time.monotonic() - began

    @abstractmethod
    def _prepare(self) -> None:
        """Make the data directory."""

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """Return the command which runs the server in the foreground."""

    @abstractmethod
    def _ready(self) -> bool:
        """Say whether the server answers a query."""

    @abstractmethod
    def url(self, database: str, *, role: str | None = None, password: str | None = None) -> str:
        """Return a database's SQLAlchemy address, the administrator's unless a role is given."""

    @abstractmethod
    def execute(self, statement: str, *, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as the administrator, committed; return the rows if there are any."""

    @abstractmethod
    def create_database(self, name: str) -> str:
        """Make an empty database and return its address."""

    @abstractmethod
    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""

    @abstractmethod
    def create_role(
        self, name: str, password: str, *, database: str, read_only: bool = True
    ) -> str:
        """Make a login for one database (or renew it) and return its address."""

    @property
    def alive(self) -> bool:
        return self._server is not None and self._server.alive

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers."""
        if not self.alive:
            self._server = Server(
                self._command(), log=self.log, user=self.user, death_signal=self.stop_signal
            )
            self._server.wait_until(self._ready)

    def stop(self) -> None:
        """Shut the server down in good order, closing open connections."""
        if self._server is not None:
            self._server.stop(self.stop_signal)

    def kill(self) -> None:
        """Kill -9 the server and all its processes."""
        if self._server is not None:
            self._server.kill()

    def close(self) -> None:
        """End the server and remove its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Give the address of an empty database that is dropped afterwards."""
        self.start()
        name = f"t{secrets.token_hex(6)}"
        address = self.create_database(name)
        try:
            yield address
        finally:
            self.start()
            self.drop_database(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
