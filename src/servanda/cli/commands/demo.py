"""`servanda demo`: the whole main job on a sample company, in a folder of its own."""

from __future__ import annotations

import runpy
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.apply import bar, stopping, tell
from servanda.cli.output import at_the_command_line, say, write_file
from servanda.kernel.errors import Exit, UsageError

EXAMPLE = Path(__file__).parents[4] / "examples" / "jtec-northern-ireland"
FILES = ("policy.yaml", "stores.yaml")


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to build it; must not exist yet.")
    ] = Path("servanda-demo"),
    once: Annotated[
        bool, typer.Option("--once", help="End after one round, without serving the console.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Remove an earlier demo in that folder first.")
    ] = False,
) -> int:
    """Build a sample company, keep its policy, and open its console for your browser.

    The company is made up: a PBX with 3,000 calls, its recordings, voicemail and logs, a website
    with enquiries, and accounts, in SQLite and folders. Nothing outside the folder is touched. It
    prints the console's address and a sign-in, and serves until Ctrl-C.
    """
    if not EXAMPLE.is_dir():
        raise UsageError("the examples are not here", "run the demo from a clone of the project")
    _build(folder, fresh)
    code = _play(folder)
    if once or code != Exit.OK:
        return code
    from servanda.cli.commands.demo_console import console

    return console(folder)


def _build(folder: Path, fresh: bool) -> None:
    if fresh and (folder / ".servanda-demo").is_file():
        shutil.rmtree(folder)
    if folder.exists():
        raise UsageError(
            f"{folder} exists already", "add --fresh to build it anew, or --dir for another place"
        )
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made ({error.strerror})") from None
    (folder / ".servanda-demo").touch()
    for name in FILES:
        shutil.copy(EXAMPLE / name, folder / name)
    say(f"Building JTec, a made-up IT service provider, in {folder} …")
    runpy.run_path(str(EXAMPLE / "sample.py"))["build"](folder, datetime.now(UTC))


def _play(folder: Path) -> int:
    from servanda import inventory as survey
    from servanda.cli.commands.check import check
    from servanda.cli.commands.status import tell as tell_board
    from servanda.ledger import live
    from servanda.plan.explain import explain
    from servanda.runtime import plans
    from servanda.runtime.judge import judge
    from servanda.runtime.sweep import run_plan, tend_requests
    from servanda.runtime.workspace import Workspace
    from servanda.status.html import render

    _head("check", "is the policy sound?")
    check(folder)
    with Workspace.open(folder, env={}) as workspace:
        _head("inventory", "what is really there?")
        say(survey.summary(survey.take(workspace.policy, workspace.configs, workspace.stores)))
        _head("plan", "what would happen?")
        plan = plans.make(workspace, datetime.now(UTC))
        by = at_the_command_line()
        file = plans.write(workspace, plan, by=by)
        say(explain(plan, workspace.policy, workspace.configs))
        tend_requests(workspace)
        _head("apply", "do it")
        with stopping() as stop, bar(plan, quiet=False) as progress:
            outcome = run_plan(workspace, plan, by=by, progress=progress, stop=stop)
        tell(outcome, file)
        _head("verify", "is the evidence whole?")
        report = live.verify(workspace.signer.vkey)
        say(
            f"{'✓ whole' if report.ok else '✗ NOT WHOLE'}: {report.entries} entries,"
            f" {report.manifests} sealed manifests, root {report.root[:16]}…"
        )
        _head("status", "is each promise kept?")
        found = judge(datetime.now(UTC))
        tell_board(found)
        page = folder / "board.html"
        write_file(page, render(found))
    say(f"\nboard: {page.absolute()}")
    say(f"look around:  ./servanda status -C {folder} --all")
    return Exit.OK if outcome.result == "done" and report.ok else Exit.BROKEN


def _head(name: str, question: str) -> None:
    say(f"\n── {name}: {question}")
