"""`servanda apply`: do what a plan says. Safe to interrupt; start it again and it goes on."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import (
    AsJson,
    Folder,
    at_the_command_line,
    counted,
    say,
    show_json,
)
from servanda.kernel.errors import Exit, UsageError

if TYPE_CHECKING:
    from types import FrameType

    from servanda.apply.outcome import Outcome, Progress
    from servanda.plan.steps import Plan


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `plan` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Apply a plan: delete and anonymise exactly what it says, with evidence.

    Ctrl-C stops after the window in hand; the same command goes on from there. Refuses a plan
    that no longer fits, and one above the limits that nobody approved.
    """
    from servanda.runtime import plans
    from servanda.runtime.sweep import run_plan
    from servanda.runtime.workspace import Workspace

    found = plans.read(plan)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        if not yes:
            _confirm(found)
        with stopping() as stop, bar(found, quiet=as_json) as progress:
            by = at_the_command_line()
            outcome = run_plan(opened, found, by=by, progress=progress, stop=stop)
        if as_json:
            show_json(asdict(outcome))
        else:
            tell(outcome, plan)
    if outcome.unreachable:
        return Exit.UNREACHABLE
    return Exit.OK if outcome.result == "done" else Exit.BROKEN


def _confirm(plan: Plan) -> None:
    from servanda.apply.job import writes

    steps = writes(plan)
    if not steps:
        return
    if not sys.stdin.isatty():
        raise UsageError("applying a plan asks first, and nobody is here to answer", "add --yes")
    count = sum(step.tally.count for step in steps)
    places = counted(len({step.collection for step in steps}), "collection")
    typer.confirm(
        f"This deletes or changes {counted(count, 'record')} in {places} for good. Go on?",
        abort=True,
    )


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets; the windows in hand are then finished or undone."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        typer.echo("stopping after the window in hand …", err=True)
        stop.set()

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def bar(plan: Plan, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A progress bar on standard error, one line for each step under way."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def progress(told: Progress) -> None:
            if told.step not in tasks:
                tasks[told.step] = bars.add_task(told.collection, total=told.planned)
            bars.update(tasks[told.step], completed=told.count, total=max(told.planned, told.count))

        yield progress


def tell(outcome: Outcome, plan: Path | None = None) -> None:
    """What a run came to, for people."""
    done = {"delete": "deleted", "archive": "archived", "return": "returned"}
    for step in outcome.steps:
        mark = "✓" if step.state == "done" and not step.left else "✗"
        verb = done.get(step.action, "changed")
        line = f"{mark} {step.collection}: {verb} {step.count:,} of {step.planned:,}"
        if step.left:
            line += f", {step.left:,} could not go"
        if step.state not in ("done", "running"):
            line += f" ({step.state})"
        say(line)
        if step.reason:
            say(f"    {step.reason}")
    for recount in outcome.recounts:
        line = f"  recounted {recount.collection}: {recount.overdue:,} of {recount.total:,} overdue"
        say(line + (f", {recount.suspended:,} suspended" if recount.suspended else ""))
    for residue in outcome.residues:
        for where, until in residue.statements:
            say(f"  {residue.collection}: still in {where} until {until}")
    for finding in outcome.findings:
        say(f"  ! {finding}")
    for store in outcome.unreachable:
        say(f"  ! store {store} could not be reached")
    say(f"run {outcome.run}: {outcome.result}, {counted(outcome.count, 'record')}")
    if outcome.result in ("incomplete", "interrupted") and plan is not None:
        say(f"go on with the same command:  servanda apply {plan}")
