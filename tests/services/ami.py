"""A small client of Asterisk's manager interface (AMI)."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.services.ports import HOST

Message = list[tuple[str, str]]


class ManagerError(RuntimeError):
    """Asterisk refused an action."""


class Manager:
    """One logged-in connection, without events; safe to use from several threads."""

    def __init__(self, port: int, secret: str) -> None:
        self._lock = threading.Lock()
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\r\n")
        self._lines.readline()  # the greeting
        self.action("Login", Username="tests", Secret=secret, Events="off")

    def action(self, name: str, **fields: str) -> Message:
        """Perform an action and return the fields of the answer."""
        wanted = {"Action": name, **fields}
        for value in wanted.values():
            if "\n" in value or "\r" in value:
                raise ValueError("a field of a manager action holds a line break")
        text = "".join(f"{key}: {value}\r\n" for key, value in wanted.items())
        with self._lock:
            self._socket.sendall(f"{text}\r\n".encode())
            answer = self._read()
        if dict(answer).get("Response") == "Error":
            said = [value for key, value in answer if key in {"Message", "Output"}]
            raise ManagerError(f"{name}: {' '.join(said)}")
        return answer

    def command(self, line: str) -> str:
        """Run a line of the command interface and return what it prints."""
        answer = self.action("Command", Command=line)
        return "\n".join(value for key, value in answer if key == "Output")

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> Message:
        answer: Message = []
        while line := self._lines.readline():
            if line == "\r\n":
                return answer
            key, _, value = line.rstrip("\r\n").partition(": ")
            answer.append((key, value))
        raise ConnectionError("Asterisk closed the manager connection")
