"""Who a worker is, so that a later one can tell whether it still lives.

A worker's name is `NAME@MACHINE:PID:START/THREAD`. MACHINE covers the boot and the process
namespace, START the moment the process began: neither a reboot, a container with the same host
name, nor a reused process id makes a dead worker look alive or a living one dead.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from functools import cache
from pathlib import Path

_FORM = re.compile(r".*@(?P<machine>[0-9a-f]{12}):(?P<pid>\d+):(?P<start>\d+)/\d+")


def worker_name(name: str, thread: int) -> str:
    """The full name of one thread of this process."""
    pid = os.getpid()
    return f"{name[:40]}@{_machine()}:{pid}:{_started(pid) or 0}/{thread}"


def process_prefix(worker: str) -> str:
    """What all threads of a worker's process have in common."""
    return worker.rpartition("/")[0] + "/"


def surely_dead(worker: str) -> bool:
    """True only when the worker's process ran on this machine and is gone."""
    found = _FORM.fullmatch(worker)
    if found is None or found["machine"] != _machine() or found["start"] == "0":
        return False
    return _started(int(found["pid"])) != int(found["start"])


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
