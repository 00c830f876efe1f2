"""`servanda mail`: try the mail server, and the words of mails."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, say, show_json
from servanda.kernel.errors import Exit, UsageError

app = typer.Typer(help="Try the mail server; change the words of mails.", no_args_is_help=True)


@app.command("test")
def test(
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Who gets the test.")],
    workspace: Folder = Path(),
) -> int:
    """Send a test mail through the configured server, and tell each step."""
    from servanda.desk.requests import compose, smtp
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        book = opened.desk.book
        if not book.settings.mail.host:
            raise UsageError(
                "no mail server is set; letters are written to files",
                "set mail.host in servanda.toml",
            )
        message = compose.ours(
            book,
            to,
            f"A test from {book.policy.organisation}",
            "This is a test. If you can read it, mail goes out.\n",
            now=datetime.now(UTC),
        )
        smtp.send(book.settings.mail, message, say)
    say("sent: look whether it arrives, and not among the spam")
    return Exit.OK


@app.command("templates")
def templates(
    write: Annotated[
        list[str] | None,
        typer.Option("--write", metavar="KIND", help="Write our words of it, for editing."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """List the kinds of mails and what may stand in each; check those that were changed.

    Required placeholders (marked *) are what a person must be told: no template may leave one out.
    """
    from servanda.desk import mailwords
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        folder = opened.folder / opened.settings.mail.templates
    for kind in write or ():
        _write(folder, kind)
    found = mailwords.check(str(folder))
    if as_json:
        show_json([_data(each) for each in found])
        return Exit.OK
    for each in found:
        kind_ = mailwords.KINDS[each.kind]
        say(f"{each.kind}: {kind_.says}  ({each.source or 'our words'})")
        for name, meaning in kind_.placeholders.items():
            say(f"  {'*' if name in kind_.required else ' '} {{{name}}}  {meaning}")
    return Exit.OK


def _write(folder: Path, kind: str) -> None:
    from servanda.desk import mailwords

    content = mailwords.builtin(kind)
    path = folder / f"{kind}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{path} is there already", "edit it, or remove it first") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror})", "check its owner"
        ) from None


def _data(each: object) -> dict[str, object]:
    from servanda.desk.mailwords import KINDS, Words

    assert isinstance(each, Words)
    kind = KINDS[each.kind]
    return {
        "kind": each.kind,
        "says": kind.says,
        "file": each.source or None,
        "placeholders": dict(kind.placeholders),
        "required": sorted(kind.required),
    }
