"""Where the master key comes from: a file, an environment variable, or a program of yours.

The danger: a key in a log, in an error, or given by a program somebody else put there. What guards
it: nothing here repeats what it read; a program is named by its whole path, run without a shell,
and its output read for the key alone; one that others may change is refused, as is a file that
others may read. Tests: tests/runtime/keys/test_sources.py.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from servanda.kernel.errors import UsageError
from servanda.kernel.seal import KEY_BYTES, KeyFileRefused, key_file, read_key
from servanda.runtime.keysettings import KeySettings
from servanda.state.keyring import KeySource

MASTER = "master.key"
PREVIOUS = "master.previous.key"  # while a rotation is under way
NEXT = "master.next.key"  # made, and not in force yet


def of_settings(settings: KeySettings, folder: Path) -> KeySource:
    """The source that servanda.toml names."""
    if settings.source == "env":
        return Environment(settings.env)
    if settings.source == "command":
        return Command(settings.command, settings.command_seconds)
    return Files(folder)


@dataclass(frozen=True, slots=True)
class Files:
    """Files only their owner can read; the first is made when it is first needed."""

    folder: Path

    def read(self) -> tuple[bytes, ...]:
        keys = [key_file(self.folder / MASTER)]
        if (self.folder / PREVIOUS).exists():
            with suppress(KeyFileRefused):  # it is being shredded, so nothing needs it
                keys.append(read_key(self.folder / PREVIOUS))
        return tuple(dict.fromkeys(keys))

    def stamp(self) -> object:
        return tuple(_stamp(self.folder / name) for name in (MASTER, PREVIOUS))


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


@dataclass(frozen=True, slots=True)
class Environment:
    """A variable of this process; two keys with a space between them during a rotation."""

    name: str

    def read(self) -> tuple[bytes, ...]:
        text = os.environ.get(self.name, "")
        if not text.strip():
            raise UsageError(
                f"the master key is to come from the variable {self.name}, which is not set",
                f"set {self.name} to the key in hexadecimal, {2 * KEY_BYTES} digits",
            )
        return parsed(text, f"the variable {self.name}")

    def stamp(self) -> object:
        return os.environ.get(self.name, "")


@dataclass(frozen=True, slots=True)
class Command:
    """A program that prints the key, such as one that asks a key management service."""

    command: Sequence[str]
    seconds: int

    def read(self) -> tuple[bytes, ...]:
        program = self.command[0]
        _refuse_open(program)
        try:
            done = subprocess.run(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(
                f"the key program {program} gave no key within {self.seconds} s",
                "see whether your key service answers; keys.command_seconds allows it longer",
            ) from None
        except OSError as error:
            raise UsageError(
                f"the key program {program} cannot be run ({error.strerror})",
                "check keys.command in servanda.toml",
            ) from None
        if done.returncode:
            raise UsageError(
                f"the key program {program} failed (exit code {done.returncode})",
                "run it yourself and see what it says; its output is never shown here",
            )
        return parsed(done.stdout.decode("ascii", "replace"), f"the key program {program}")

    def stamp(self) -> object:
        return None


def _refuse_open(program: str) -> None:
    try:
        mode = os.stat(program).st_mode  # noqa: PTH116 - a link is as good as what it leads to
    except OSError:
        return  # running it says so
    if mode & stat.S_IWOTH:
        raise UsageError(
            f"the key program {program} may be changed by anybody",
            f"take that right away: chmod o-w {program}",
        )


def parsed(text: str, source: str) -> tuple[bytes, ...]:
    """One key or two in hexadecimal; UsageError for anything else, which is not repeated."""
    keys = []
    for word in text.split():
        try:
            keys.append(bytes.fromhex(word))
        except ValueError:
            keys.append(b"")
    if not 1 <= len(keys) <= 2 or any(len(key) != KEY_BYTES for key in keys):
        raise UsageError(
            f"{source} does not give a key of {2 * KEY_BYTES} hexadecimal digits",
            "one key, or two with a space between them while a rotation is under way",
        )
    return tuple(dict.fromkeys(keys))
