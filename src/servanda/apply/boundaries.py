"""Named places where a crash is interesting: a seam for tests, and nothing else.

With SERVANDA_KILL_AT unset, `reach` does nothing. Set to `after-store-work:3`, the third time
this process reaches that place it kills itself as `kill -9` would: no `finally`, no rollback, no
flush. It can only end the process, and whoever sets the environment of a process can do that
anyway. tests/faults kills at every name of `Boundary`.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Literal, TypeAlias

Boundary: TypeAlias = Literal[
    "after-start",  # the run is recorded, nothing has been touched
    "after-split",  # the windows of a step are recorded
    "after-claim",  # a window is ours
    "after-store-work",  # done in the store, in an open transaction; no evidence yet
    "after-copy",  # archive: the copy is stored and read back; no evidence yet
    "inside-record",  # evidence written, state transaction still open
    "after-record",  # evidence committed, store not yet
    "after-commit",  # store committed, `done` not yet written
    "after-reopen",  # resuming: the window was opened again
    "after-supersede",  # resuming: corrected evidence committed, store not yet
    "before-recount",
    "before-end",  # recounted; the run's end is not yet recorded
]

_lock = threading.Lock()
_wanted = ""
_left = 0


def arm(text: str) -> None:
    """Kill this process at a boundary: `NAME`, or `NAME:N` for the Nth time it is reached."""
    global _wanted, _left
    _wanted, _, count = text.partition(":")
    _left = int(count or 1)


def reach(name: Boundary) -> None:
    """One comparison, unless this is the place."""
    if name == _wanted:
        _count_down()


def _count_down() -> None:
    global _left
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("SERVANDA_KILL_AT", ""))
