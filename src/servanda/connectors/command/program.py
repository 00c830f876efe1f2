"""Calling a program. The danger is that a value of a record, or an address, becomes a command.

What stands against it (tests/connectors/command/test_program.py):
- never a shell: the program and each argument are passed as they are, and nothing joins them;
- only the program the address names, which `runtime.registry` lets through from a list;
- a value takes the place of one whole argument, behind a `--`, and never part of one;
- of our environment it sees only what the mapping names, besides a plain PATH and language;
- it runs in a group of its own, and the whole group ends with its time, its output's limit, or us;
- what it says on its error output may hold personal data, and is thrown away.

Exit codes: 0 done; 75 try again later; 69 not available; anything else is a refusal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from servanda.kernel.errors import ServandaError, StoreBusy, StoreRefused, StoreUnreachable

LONGEST_LINE = 16 << 20
MOST_OUTPUT = 4 << 30
_TEMPORARY, _UNAVAILABLE = 75, 69  # as sysexits.h has them
_PLAIN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Program:
    """`path`: absolute. `seconds`: for one call."""

    store: str
    path: str
    seconds: float

    def lines(self, arguments: Sequence[str], env: Sequence[str]) -> Iterator[bytes]:
        """What it prints, line by line, as it prints it."""
        with self._running(arguments, env, stdin=subprocess.DEVNULL) as (process, late):
            assert process.stdout is not None
            read = 0
            while line := process.stdout.readline(LONGEST_LINE + 1):
                read += len(line)
                if len(line) > LONGEST_LINE or read > MOST_OUTPUT:
                    raise self._refused("it prints more than we take")
                if line.strip():
                    yield line
            self._ended(process, late)

    def told(self, arguments: Sequence[str], env: Sequence[str], given: Iterable[bytes]) -> None:
        """Give it lines to read, and wait for its end. What it prints is not looked at."""
        with self._running(arguments, env, stdin=subprocess.PIPE) as (process, late):
            assert process.stdin is not None and process.stdout is not None
            reading = threading.Thread(target=_drain, args=(process.stdout,), daemon=True)
            reading.start()
            with suppress(BrokenPipeError):  # it had enough: its exit code says whether all is well
                for line in given:
                    process.stdin.write(line + b"\n")
                process.stdin.close()
            self._ended(process, late)
            reading.join()

    @contextmanager
    def _running(
        self, arguments: Sequence[str], env: Sequence[str], *, stdin: int
    ) -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
        if any("\0" in word for word in arguments):
            raise self._refused("an argument holds a zero byte")
        try:
            process = subprocess.Popen(
                [self.path, *arguments],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_PLAIN | {name: os.environ[name] for name in env if name in os.environ},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise StoreUnreachable(self.store, (error.strerror or "cannot run").lower()) from None
        late = threading.Event()
        timer = threading.Timer(self.seconds, _stop, (process, late))
        timer.daemon = True
        timer.start()
        try:
            yield process, late
        finally:
            timer.cancel()
            _stop(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            process.wait()

    def _ended(self, process: subprocess.Popen[bytes], late: threading.Event) -> None:
        code = process.wait()
        if late.is_set():
            raise StoreBusy(
                f'store "{self.store}": its program did not end in {self.seconds:g} seconds',
                "it is tried again; raise limit.statement_timeout if it is slow",
            )
        if code == _TEMPORARY:
            raise StoreBusy(f'store "{self.store}": its program asks to try again later')
        if code == _UNAVAILABLE:
            raise StoreUnreachable(self.store, "its program says so")
        if code != 0:
            raise self._refused(f"exit code {code}" if code > 0 else f"ended by signal {-code}")

    def _refused(self, why: str) -> ServandaError:
        return StoreRefused(
            f'store "{self.store}": its program failed ({why})', "run it by hand to see why"
        )


def _stop(process: subprocess.Popen[bytes], late: threading.Event | None = None) -> None:
    """End the program and whatever it started, unless its end is known. It is not asked for here:
    until then its number stays its own, and so what it left behind can be ended with it."""
    if process.returncode is None:
        if late is not None:
            late.set()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _drain(stream: IO[bytes]) -> None:
    with suppress(ValueError, OSError):  # closed meanwhile
        while stream.read(1 << 16):
            pass
