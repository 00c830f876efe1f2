"""The process that keeps a server alive, and does nothing else: it imports next to nothing, so
it costs little memory and has little that can fail. `servanda serve` becomes it (`cli.keep`).

It forks the server, which loads everything, forks the worker and answers pages itself. When either
of the two dies, a new server is begun while what lives of the old one still answers; all listen on
one socket, which this process holds, so nobody is turned away meanwhile. When this process is
killed, the server ends, and the worker after it. Tests: tests/runtime/test_serving.py.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_AGAIN_S = (0.2, 1.0, 5.0, 15.0)
_LONG_S = 60.0
_TICK_S = 0.2
_WATCH_S = 0.5
GRACE_S = 20.0


class Place:
    """Where a server that is begun finds itself: `keeper`, the process it ends with; `listening`,
    the socket where there is one already; `worker_lives`, what its worker holds open."""

    def __init__(
        self, keeper: int, listening: socket.socket | None, worker_lives: int, told: socket.socket
    ) -> None:
        self.keeper, self.listening, self.worker_lives = keeper, listening, worker_lives
        self._told = told

    def answering(self, listening: socket.socket, worker: int) -> None:
        """Tell the keeper that pages are answered from now on."""
        socket.send_fds(self._told, [str(worker).encode()], [listening.fileno()])
        self._told.close()


def end_with(parent: int) -> None:
    """From now on this process ends when its parent does, whether it heeds the signal or not."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Server:
    """A server process and its worker, seen from here."""

    def __init__(self, pid: int, told: socket.socket, worker_lives: int) -> None:
        self.pid, self._told, self._worker_lives = pid, told, worker_lives
        self.worker = 0
        self.answers = self.closed = False
        self.code: int | None = None
        self.until: float | None = None
        self.began = time.monotonic()

    def look(self) -> socket.socket | None:
        """What happened since; the socket it listens on, when it has just said that it answers."""
        heard = None
        if not self.answers and select.select([self._told], [], [], 0)[0]:
            word, found, *_ = socket.recv_fds(self._told, 32, 1)
            if word:
                self.worker = int(word)
                self.answers = True
                heard = socket.socket(fileno=found[0])
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        # Nothing is ever written there: it can only have been closed, by the last that held it.
        self.closed = self.closed or bool(select.select([self._worker_lives], [], [], 0)[0])
        return heard

    @property
    def whole(self) -> bool:
        return self.code is None and not self.closed

    @property
    def gone(self) -> bool:
        return self.code is not None and self.closed

    def end(self) -> None:
        """Ask it to end; after a while, end it."""
        if self.until is None:
            self.until = time.monotonic() + GRACE_S
            self._signal(signal.SIGTERM)
        elif time.monotonic() > self.until:
            self._signal(signal.SIGKILL)

    def close(self) -> None:
        self._told.close()
        os.close(self._worker_lives)

    def _signal(self, which: signal.Signals) -> None:
        if self.code is None:
            os.kill(self.pid, which)
        if self.worker and not self.closed:
            with suppress(ProcessLookupError):
                os.kill(self.worker, which)


class Keeper:
    """`begin` is run in each server's process until that ends; its result is the process's code."""

    def __init__(self, begin: Callable[[Place], int]) -> None:
        self._begin = begin
        self._listening: socket.socket | None = None
        self._now: _Server | None = None
        self._next: _Server | None = None
        self._leaving: list[_Server] = []
        self._failed, self._again_at = 0, 0.0
        self._refused: int | None = None

    def keep(self) -> int:
        """Until SIGTERM or SIGINT, or until the first server could not begin."""
        stopping = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopping.set())
        self._start()
        while not stopping.is_set():
            self._tick()
            if self._refused is not None:
                return self._refused
            stopping.wait(_TICK_S)
        for server in (self._now, self._next):
            if server is not None:
                self._leaving.append(server)
        while self._leaving:
            self._see_off()
            time.sleep(_TICK_S / 4)
        return 0

    def _tick(self) -> None:
        now, following = self._now, self._next
        if now is not None:
            was = now.whole
            now.look()
            if was and not now.whole:
                part = "worker" if now.code is None else "pages"
                print(f"servanda: the {part} ended; the server is started again", file=sys.stderr)
                self._wait_a_little(now)
        if following is not None:
            heard = following.look()
            self._listening = heard or self._listening
            if following.answers:
                self._now, self._next = following, None
                self._leaving += [now] if now is not None else []
            elif following.code is not None:
                self._next = None
                if self._listening is None:
                    self._refused = following.code or 1
                    return
                self._leaving.append(following)
                self._wait_a_little(following)
        whole = self._now is not None and self._now.whole
        if not whole and self._next is None and time.monotonic() >= self._again_at:
            self._start()
        self._see_off()

    def _wait_a_little(self, failed: _Server) -> None:
        if time.monotonic() - failed.began > _LONG_S:
            self._failed = 0
        self._again_at = time.monotonic() + _AGAIN_S[min(self._failed, len(_AGAIN_S) - 1)]
        self._failed += 1

    def _see_off(self) -> None:
        for each in self._leaving:
            each.look()
            each.end()
        for each in [each for each in self._leaving if each.gone]:
            self._leaving.remove(each)
            each.close()

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        read, write = os.pipe()
        keeper = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            os.close(read)
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_DFL)
            os._exit(self._begin(Place(keeper, self._listening, write, theirs)))
        theirs.close()
        os.close(write)
        self._next = _Server(pid, ours, read)
