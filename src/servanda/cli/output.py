"""What every command says and how: tables for people, JSON for programs, errors on stderr."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from servanda.kernel.errors import CheckFailed, ServandaError, UsageError

Folder = Annotated[
    Path,
    typer.Option(
        "-C", "--workspace", help="The workspace: the folder that holds policy.yaml.", metavar="DIR"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def _account(given: str) -> str:
    """Who is at work: as said, or the account of this machine, also where no shell names it."""
    if given.strip():
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return ""


def at_the_command_line() -> str:
    """Who is at work here, in a form that no member of the console can have."""
    return f"account {_account('')}".strip()


By = Annotated[
    str,
    typer.Option(
        "--by",
        help="Who decides this; goes into the evidence. Else your account's name.",
        callback=_account,
    ),
]


def say(text: str = "") -> None:
    """One line for people, to standard output."""
    typer.echo(text)


def tell_restricted(origins: Iterable[str]) -> None:
    """What may still be done with data whose use is restricted (GDPR art. 18(2))."""
    for origin in origins:
        say(
            f"restricted by {origin}: keep it, and use it only with the person's consent, for "
            "legal claims, or to protect somebody's rights"
        )


def show_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, sort_keys=False))


def complain(problem: ServandaError | str) -> None:
    """One problem, to standard error: what, and what next."""
    if isinstance(problem, CheckFailed):
        for diagnostic in problem.diagnostics:
            typer.echo(str(diagnostic), err=True)
    typer.echo(f"servanda: {problem}", err=True)


def counted(number: int, noun: str) -> str:
    """`1 activity`, `2 activities`, `2 days`, `1,000 records`."""
    if number != 1:
        many = noun.endswith("y") and not noun.endswith("ay")
        noun = f"{noun[:-1]}ies" if many else f"{noun}s"
    return f"{number:,} {noun}"


def moment(text: str | None) -> datetime:
    """`2026-03-01` (its end, UTC) or a full RFC 3339 time; nothing means now."""
    if text is None:
        return datetime.now(UTC)
    try:
        parsed = _utc(datetime.fromisoformat(text), whole_day=len(text) <= 10)
    except (ValueError, OverflowError):
        raise UsageError(
            f'"{text[:40]}" is not a date', "write 2026-03-01 or 2026-03-01T12:00:00+00:00"
        ) from None
    return parsed


def _utc(parsed: datetime, whole_day: bool) -> datetime:
    if whole_day:
        parsed = parsed.replace(hour=23, minute=59, second=59)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file the user asked for; UsageError when that cannot be."""
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})") from None


@contextmanager
def working(text: str, quiet: bool) -> Iterator[None]:
    """A spinner on standard error while something takes a moment; nothing when not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
