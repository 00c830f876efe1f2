"""Who a worker is, so that a later one can tell whether it still lives.

A worker's name is `NAME@MACHINE:PID:START:PIECE/THREAD`. MACHINE covers the boot and the process
namespace, START the moment the process began, PIECE one piece of work of that process: neither a
reboot, a container with the same host name, a reused process id, nor a process that gave up and
begins again makes a dead worker look alive or a living one dead.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_FORM = re.compile(r".*@(?P<machine>[0-9a-f]{12}):(?P<pid>\d+):(?P<start>\d+):(?P<piece>\w+)/\d+")
_pieces: set[str] = set()  # that this process works on now


@contextmanager
def working(name: str) -> Iterator[str]:
    """A piece of work of this process: what the names of its workers begin with."""
    pid, piece = os.getpid(), secrets.token_hex(3)
    _pieces.add(piece)
    try:
        yield f"{name[:40]}@{_machine()}:{pid}:{_started(pid) or 0}:{piece}/"
    finally:
        _pieces.discard(piece)


def surely_dead(worker: str) -> bool:
    """True only when the worker's process ran on this machine and is gone, or is this one and has
    left that piece of work."""
    found = _FORM.fullmatch(worker)
    if found is None or found["machine"] != _machine() or found["start"] == "0":
        return False
    if _started(int(found["pid"])) != int(found["start"]):
        return True
    return int(found["pid"]) == os.getpid() and found["piece"] not in _pieces


@cache
def _machine() -> str:
    parts = [socket.gethostname()]
    for source in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id"):
        try:
            parts.append(Path(source).read_text().strip())
        except OSError:
            parts.append("")
    try:
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        parts.append("")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _started(pid: int) -> int | None:
    """Clock ticks from boot to the start of the process; None when there is none (or a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
