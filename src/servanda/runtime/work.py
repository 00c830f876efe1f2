"""The worker: sweeps on schedule, jobs that were asked for, and small duties every so often.

A duty that fails is said, and comes again at its next turn; the others go on. Sweeps and jobs may
take hours and have threads of their own, so that codes and invitations are mailed meanwhile.
Tests: tests/runtime/test_jobs.py, test_worker.py.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path

from servanda import state
from servanda.kernel.errors import ServandaError
from servanda.runtime import hub, jobs

log = logging.getLogger("servanda.work")

DUTIES: tuple[tuple[float, str], ...] = (
    (10.0, "servanda.runtime.duties.deliver_mail"),
    (60.0, "servanda.runtime.duties.tend_mail"),
    (3600.0, "servanda.web.kit.tidy.tidy"),
    (300.0, "servanda.web.accounts.census.take"),  # by name: faces stand above this package
    (5.0, "servanda.runtime.duties.tell_webhooks"),
    (60.0, "servanda.runtime.duties.tell_enquiries"),
    (60.0, "servanda.runtime.portal.tidy"),
    (60.0, "servanda.runtime.portal.census"),
    (60.0, "servanda.runtime.intake.census"),
    (900.0, "servanda.runtime.consentduties.tidy"),
    (60.0, "servanda.runtime.consentduties.census"),
    (900.0, "servanda.runtime.duties.count_incidents"),
    (3600.0, "servanda.runtime.duties.renew_forecast"),
    (300.0, "servanda.runtime.sites.tend"),
    (30.0, "servanda.runtime.policynotices.tell"),
    (3600.0, "servanda.runtime.policynotices.remind"),
    (900.0, "servanda.runtime.policynotices.count"),
)
"""(seconds between two turns, what is called with the workspace)."""
_TICK_S = 0.5


def work(folder: Path, ended: threading.Event) -> None:
    """Until `ended`. The hub serves this folder's workspace already."""
    turns = {name: 0.0 for _, name in DUTIES}
    long = [threading.Thread(target=each, args=(ended,)) for each in (_jobs, _sweeps)]
    for thread in long:
        thread.start()
    try:
        while not ended.wait(_TICK_S):
            for every, name in DUTIES:
                if time.monotonic() >= turns[name]:
                    turns[name] = time.monotonic() + every
                    _tried(name, partial(_duty, name))
    finally:
        ended.set()
        for thread in long:
            thread.join()
        state.close_thread()


def _jobs(ended: threading.Event) -> None:
    try:
        while not ended.is_set():
            if not _tried("job", partial(_job, ended)):
                ended.wait(_TICK_S)
    finally:
        ended.set()  # should it ever fail, the worker ends, and is started again as a whole
        state.close_thread()


def _sweeps(ended: threading.Event) -> None:
    occasion = _missed() or _next_sweep()
    try:
        while not ended.wait(_TICK_S):
            if datetime.now(UTC) >= occasion:
                _tried("sweep", partial(_sweep, occasion, ended))
                occasion = _next_sweep()
    finally:
        ended.set()  # should it ever fail, the worker ends, and is started again as a whole
        state.close_thread()


def _job(ended: threading.Event) -> bool:
    return jobs.work(hub.workspace(), ended)


def _missed() -> datetime | None:
    """An occasion that came since the last sweep ended, while nothing ran. None where there was no
    sweep yet: the first one waits for its hour, and for whoever set this up."""
    from servanda.ledger import history

    workspace = hub.workspace()
    last = history.last("census")
    if last is None:
        return None
    due = workspace.settings.occasions(last.at, workspace.zone)[0]
    return due if due <= datetime.now(UTC) else None


def _next_sweep() -> datetime:
    workspace = hub.workspace()
    return workspace.settings.occasions(datetime.now(UTC), workspace.zone)[0]


def _sweep(occasion: datetime, ended: threading.Event) -> None:
    from servanda.runtime.sweep import sweep

    workspace = hub.workspace()
    for problem in sweep(workspace, occasion, stop=ended).problems:
        log.warning("%s", problem)


def _duty(name: str) -> None:
    module, _, function = name.rpartition(".")
    getattr(import_module(module), function)(hub.workspace())


def _tried(what: str, do: Callable[[], object]) -> bool:
    try:
        return bool(do())
    except ServandaError as error:
        log.warning("%s: %s", what, error)
        _reconnect()
    except Exception as error:  # where it failed, and not its message: that may name people
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s failed: %s\n%s", what, type(error).__name__, where)  # noqa: TRY400
        _reconnect()
    return False


def _reconnect() -> None:
    """The database may have been what failed: a dead connection would fail for ever."""
    with suppress(Exception):
        state.close_thread()
