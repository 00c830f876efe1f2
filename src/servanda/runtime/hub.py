"""The workspace this process serves. Its files may change while it runs: then it is opened anew.

    workspace = hub.workspace()

Threads share it; one that was replaced stays usable for whoever still works with it. Its stores are
closed when nobody does: the last one who lets go leaves them to be closed by whoever asks next, for
letting go happens anywhere, also in the midst of other work. Tests: tests/runtime/test_hub.py.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from servanda.kernel.errors import ServandaError
from servanda.runtime.config import NAME
from servanda.runtime.openstores import OpenStores
from servanda.runtime.workspace import POLICY, STORES, Workspace

log = logging.getLogger("servanda.hub")

_lock = threading.Lock()
_current: Workspace | None = None
_seen: tuple[tuple[int, int], ...] = ()
_fault: ServandaError | None = None
_left: deque[OpenStores] = deque()  # stores of workspaces that nobody works with any more


def begin(workspace: Workspace) -> None:
    """Serve this one from now on."""
    global _current, _seen, _fault
    with _lock:
        _current, _seen, _fault = workspace, _stamp(workspace.folder), None


def workspace() -> Workspace:
    """As its files say now. Where somebody broke them, as they were, and `fault` tells."""
    global _current, _seen, _fault
    changed = False
    with _lock:
        if _current is None:
            raise ServandaError("no workspace is served", "start it with `servanda serve`")
        stamp = _stamp(_current.folder)
        if stamp != _seen:
            _seen = stamp
            try:
                opened = Workspace.open(_current.folder)
                _current.when_unused(_left.append)
                _current, _fault = opened, None
                changed = True
            except ServandaError as error:
                _fault = error
        found = _current
    _close_left()
    if changed:
        _keep_version(found)
    return found


def _close_left() -> None:
    with suppress(IndexError):  # another thread took the last one
        while _left:
            _left.popleft().close()


def _keep_version(workspace: Workspace) -> None:
    """What was changed on the machine is a version as well. Serving goes on where the state
    refuses: the next start records it."""
    from servanda.runtime import editing

    try:
        editing.noticed(workspace)
    except ServandaError as error:
        log.warning("the change of the workspace's files is not kept as a version yet: %s", error)


def fault() -> ServandaError | None:
    """What is wrong with the files on disk, while an older state of them is served."""
    return _fault


def _stamp(folder: Path) -> tuple[tuple[int, int], ...]:
    """Looked at with every page, so without making paths anew."""
    found = []
    for path in _paths(folder):
        try:
            stat = os.stat(path)  # noqa: PTH116
            found.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


@lru_cache(maxsize=4)
def _paths(folder: Path) -> tuple[str, ...]:
    return tuple(str(folder / name) for name in (POLICY, STORES, NAME))
