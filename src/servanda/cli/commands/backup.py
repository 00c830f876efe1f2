"""`servanda backup` and `servanda restore`: our own state into one sealed file, and back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json
from servanda.kernel.errors import Exit, UsageError

if TYPE_CHECKING:
    from servanda.runtime.restored import Settled

VARIABLE = "SERVANDA_BACKUP_PASSPHRASE"
PassphraseFile = Annotated[
    Path | None,
    typer.Option(help=f"The file whose first line is the passphrase. Else ${VARIABLE}, or asked."),
]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; never over another.")],
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="The key files, too. Then the passphrase opens it all."),
    ] = False,
    passphrase_file: PassphraseFile = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Copy Servanda's own state into one file, sealed under a passphrase, while it works.

    In it: the state database with every table, enquiries, policy, stores, packs, settings and
    published checkpoints. Not in it: people's packages and letters, plan files, and your stores.
    """
    from servanda.runtime.backup import make
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        phrase = _passphrase(passphrase_file, new=True)
        with _progress("Copying", as_json) as told:
            made = make.backup(opened, file, phrase, with_keys=with_keys, told=told)
    if as_json:
        show_json(
            {
                "file": str(file),
                "at": made.at.isoformat(),
                "bytes": made.size,
                "members": made.members,
                "entries": made.entries,
                "with_keys": made.with_keys,
                "left_out": list(made.left_out),
            }
        )
        return
    say(f"wrote {file}: {made.size:,} bytes, with {counted(made.entries, 'entry')} of evidence")
    for each in made.left_out:
        say(f"  ! not in it: {each}")
    if not made.with_keys:
        say("the keys are not in it: keep a copy of them elsewhere, or it opens nothing")
    say("not in it: people's packages and letters, and your stores")


def restore(
    file: Annotated[Path | None, typer.Argument(help="A file of `servanda backup`.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before replacing.")] = False,
    keep_settings: Annotated[
        bool, typer.Option("--keep-settings", help="Keep the servanda.toml that is here.")
    ] = False,
    accept_broken: Annotated[
        bool,
        typer.Option("--accept-broken-evidence", help="Even if its ledger is not whole."),
    ] = False,
    settle: Annotated[
        bool,
        typer.Option("--settle", help="Only what must follow a restore: erase again, forget."),
    ] = False,
    passphrase_file: PassphraseFile = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Put a backup in the place of Servanda's own state: all of it, or nothing.

    Stop `servanda serve` and `servanda run` first. Afterwards nothing is served before what had
    been erased was searched for and erased again: `servanda restore --settle`, or the next start.
    """
    if settle:
        return _settle(workspace, as_json)
    from servanda.runtime.backup import restore as back
    from servanda.runtime.restored import UNKNOWN

    if file is None:
        raise UsageError("which backup?", "servanda restore FILE")
    if not file.is_file():
        raise UsageError(f"{file} is not there", "name a file of `servanda backup`")
    _confirm(workspace, yes)
    phrase = _passphrase(passphrase_file, new=False)
    with _progress("Restoring", as_json) as told:
        done = back.restore(
            workspace,
            file,
            phrase,
            keep_settings=keep_settings,
            accept_broken=accept_broken,
            told=told,
        )
    if as_json:
        show_json(
            {
                "at": done.at.isoformat(),
                "entries": done.entries,
                "keys": done.keys,
                "lost_after": done.entries if done.lost else None,
                "published_until": done.lost or None,
                "kept": [str(path) for path in done.kept],
                "findings": done.findings,
                "unknown": list(UNKNOWN),
            }
        )
        return Exit.BROKEN if done.findings else Exit.OK
    say(f"restored as of {done.at:%Y-%m-%d %H:%M} UTC, with {counted(done.entries, 'entry')}")
    for finding in done.findings:
        say(f"✗ {finding}")
    if done.lost:
        say(
            f"! a checkpoint over {done.lost:,} entries was published, and the restored evidence "
            f"has {done.entries:,}: what came after them is lost"
        )
    for path in done.kept:
        say(f"put aside: {path}")
    if not done.keys:
        say("the keys were not in it; those here are used: check them with  servanda keys status")
    say("what cannot be known:")
    for line in UNKNOWN:
        say(f"  - {line}")
    where = "" if workspace == Path() else f" -C {workspace}"
    say(f"next:  servanda restore --settle{where}   (nothing is served before)")
    return Exit.BROKEN if done.findings else Exit.OK


def _settle(folder: Path, as_json: bool) -> int:
    from servanda.runtime import restored
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as opened, _progress("Searching", as_json):
        opened.use_state()
        done = restored.settle(opened)
    if done is None:
        show_json({"pending": False}) if as_json else say("nothing was restored, or it is settled")
        return Exit.OK
    if as_json:
        show_json(
            {
                "pending": not done.done,
                "since": done.since.isoformat(),
                "found": dict(done.replayed.found),
                "left": dict(done.replayed.left),
                "doubtful": dict(done.replayed.doubtful),
                "unreachable": dict(done.replayed.silent),
                "forgotten": list(done.forgotten),
                "problems": list(done.problems),
            }
        )
    else:
        _tell(done)
    return Exit.OK if done.done else Exit.UNREACHABLE


def _tell(done: Settled) -> None:
    for id_, count in sorted(done.replayed.found.items()):
        say(f"{id_}: {counted(count, 'record')} had come back")
    for id_, count in sorted(done.replayed.left.items()):
        say(f"{id_}: {counted(count, 'record')} could not be taken out again")
    for each in done.forgotten:
        say(f"{each}: its time is over, its key is destroyed again")
    for problem in done.problems:
        say(f"! {problem}")
    for name, why in sorted(done.replayed.silent.items()):
        say(f"store {name}: {why}")
    if done.done:
        say("settled: it may be served")
    else:
        say("not settled: run this again when every store answers")


def _confirm(folder: Path, yes: bool) -> None:
    there = (folder / "policy.yaml").exists() or (folder / ".servanda" / "state.sqlite3").exists()
    if yes or not there:
        return
    name = folder.resolve().name
    typed = typer.prompt(f"This replaces the state of {name}. Type its name to go on", err=True)
    if typed.strip() != name:
        raise UsageError("that is not its name; nothing was changed")


def _passphrase(file: Path | None, *, new: bool) -> str:
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{file} cannot be read", "check --passphrase-file") from None
        return text.split("\n")[0].strip("\r")
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError("a passphrase is needed", f"give --passphrase-file, or set {VARIABLE}")
    found: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    return found


@contextmanager
def _progress(doing: str, quiet: bool) -> Iterator[Callable[[str], None]]:
    if quiet or not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} …") as status:
        yield lambda text: status.update(f"{doing} {text} …")
