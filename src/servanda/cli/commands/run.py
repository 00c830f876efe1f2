"""`servanda run`: the scheduler. Sweeps on their cron, and leaves a census entry each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.commands.apply import stopping, tell
from servanda.cli.output import AsJson, Folder, at_the_command_line, complain, say, show_json
from servanda.kernel.errors import Exit, ServandaError

if TYPE_CHECKING:
    from servanda.runtime.sweep import Sweep

_LONGEST_SLEEP_S = 30.0  # short, so that a clock that is set, or a laptop that slept, is noticed


def run(
    once: Annotated[bool, typer.Option("--once", help="One sweep now, then end.")] = False,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Sweep on schedule until stopped (Ctrl-C or SIGTERM), and send and read mail every minute
    where that is set up; policy and stores are read anew for each sweep. With --once: one sweep,
    now. Exit code as of the last sweep."""
    with stopping() as stop:
        if once:
            return _sweep(workspace, datetime.now(UTC), stop, as_json, at_the_command_line())
        code = int(Exit.OK)
        upcoming = _schedule(workspace)
        tended = 0.0
        while not stop.is_set():
            occasion = upcoming()
            if not as_json:
                say(f"next sweep at {occasion:%Y-%m-%d %H:%M} UTC")
            while not stop.is_set():
                left = (occasion - datetime.now(UTC)).total_seconds()
                if left <= 0:
                    code = _patient(workspace, occasion, stop, as_json)
                    break
                tended = _mail(workspace, tended, stop)
                stop.wait(min(left, _LONGEST_SLEEP_S))
            with suppress(ServandaError):  # as before, then; the sweep said what is wrong
                upcoming = _schedule(workspace)
        return code


def _schedule(folder: Path) -> Callable[[], datetime]:
    """When the next sweep is, by the settings as they are now."""
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        settings, zone = workspace.settings, workspace.zone
    return lambda: settings.occasions(datetime.now(UTC), zone)[0]


def _mail(folder: Path, tended: float, stop: threading.Event) -> float:
    """Between sweeps: read the inbox and send what waits, once a minute. When that was last."""
    from servanda.runtime import config, inbox
    from servanda.runtime.workspace import Workspace

    if time.monotonic() - tended < inbox.EVERY_S and tended:
        return tended
    try:
        if not inbox.wanted(config.load(folder).mail):
            return time.monotonic()
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            for problem in inbox.tend(workspace, stop.is_set):
                complain(problem)
    except ServandaError as error:
        complain(error)
    return time.monotonic()


def _patient(folder: Path, occasion: datetime, stop: threading.Event, as_json: bool) -> int:
    """A sweep that fails is said and left; the scheduler lives on for the next one."""
    try:
        return _sweep(folder, occasion, stop, as_json)
    except ServandaError as error:
        complain(error)
        return error.exit


def _sweep(
    folder: Path, occasion: datetime, stop: threading.Event, as_json: bool, by: str = ""
) -> int:
    from servanda.desk.settings import SCHEDULE
    from servanda.runtime.sweep import sweep
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        done = sweep(workspace, occasion, by=by or SCHEDULE, stop=stop)
    if as_json:
        show_json(_data(done))
    else:
        tell(done.outcome)
        for store in sorted({*done.plan.unreachable} - {*done.outcome.unreachable}):
            say(f"  ! store {store} could not be reached")
        for problem in done.problems:
            say(f"  ! {problem}")
        if done.waiting:
            say(f'  ! waits for approval:  servanda approve {done.waiting} --reason "…"')
    if done.plan.unreachable or done.outcome.unreachable:
        return Exit.UNREACHABLE
    return Exit.OK if done.outcome.result == "done" and not done.waiting else Exit.BROKEN


def _data(done: Sweep) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "plan": done.plan.digest,
        "waiting": str(done.waiting) if done.waiting else None,
        "problems": list(done.problems),
        "unreachable": list(done.plan.unreachable),
        **asdict(done.outcome),
    }
