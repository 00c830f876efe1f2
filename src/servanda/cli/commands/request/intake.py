"""`servanda request intake`: open requests from mail."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say, show_json
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests.intake import Taken

_BECAME = {
    "arrived": "waiting for the sender, or for you: servanda request arrivals",
    "confirmed": "confirmed by the sender",
    "answered": "with the code that was asked for",
    "bounced": "came back: servanda request mail",
    "known": "known already, or a report of no consequence",
    "ignored": "put aside: not from a person",
    "unread": "put aside: no program can read it",
    "refused": "put aside: a card number in it; its sender is told",
}


def intake(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="One message (.eml); - reads it from input."),
    ] = None,
    mailbox: Annotated[
        str | None,
        typer.Option(
            "--mailbox",
            metavar="ADDRESS",
            help="A mailbox, as in stores.yaml: imaps://user:password@host.",
            envvar="SERVANDA_MAILBOX",
        ),
    ] = None,
    inbox: Annotated[
        bool,
        typer.Option("--inbox", help="The inbox of [mail]: its senders are asked to confirm."),
    ] = False,
    folder: Annotated[str, typer.Option(help="With --mailbox: the folder.")] = "INBOX",
    right: Annotated[
        str | None, typer.Option("--right", help="With FILE: what is asked for, if you know.")
    ] = None,
    received: Annotated[
        str | None, typer.Option(metavar="DATE", help="With FILE: the day it arrived.")
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(metavar="PLACE", help="With FILE: where the person lives.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="With FILE: the customer whose data it is about.")
    ] = None,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Open a request from each mail that asks for one. No mail is opened twice; none is changed.

    The right is guessed from plain words: confirm it, or change it with `edit`. What was sent by a
    machine is left alone; what names no right is said, for somebody to read.

    With --inbox, as the worker does every minute: a mail becomes a request when its sender
    confirms, mails that came back are noted, and what was dealt with is moved away. What waits is
    shown by `request arrivals`.
    """
    from servanda.desk.requests import intake as post

    if inbox:
        if file is not None:
            raise UsageError("one mail or the inbox", "give FILE or --inbox")
        _inbox(workspace, as_json)
        return
    if file is not None:
        mailbox = None  # the environment may name one
    elif mailbox is None:
        raise UsageError("there is no mail to read", "name a FILE, or --mailbox, or --inbox")
    with parts.desk(workspace) as desk:
        if file is not None:
            today = desk.book.today()
            day = None if received is None else parts.day(received, "--received", today)
            one = post.take(
                desk.book,
                _read(file),
                by=by,
                right=right,
                received=day,
                place=jurisdiction,
                tenant=tenant,
            )
            taken = [one]
        else:
            mails = post.read_mailbox(mailbox or "", folder)
            taken = list(post.take_all(desk.book, mails, by=by))
    if as_json:
        show_json([asdict(each) for each in taken])
        return
    for each in taken:
        if each.outcome != "known" or file is not None:
            _tell(each)
    if not any(each.outcome != "known" for each in taken):
        say("nothing new")


def _inbox(workspace: Path, as_json: bool) -> None:
    from servanda.runtime import inbox
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        if not opened.settings.mail.inbox:
            raise UsageError("there is no inbox", "set mail.inbox in servanda.toml")
        opened.use_state()
        done = inbox.poll(opened)
    if as_json:
        show_json({**done.counts, "opened": list(done.opened), "look": done.look})
        return
    for outcome, words in _BECAME.items():
        if done.counts[outcome]:
            say(f"{done.counts[outcome]} {words}")
    for ref in done.opened:
        say(f"request {ref} opened")
    if done.look:
        say("look at the flagged ones in the folder of what was dealt with")
    if not done.counts:
        say("nothing new")


def _tell(taken: Taken) -> None:
    mail = f"mail {taken.mail}: " if taken.mail else ""
    match taken.outcome:
        case "opened":
            say(f"{mail}request {taken.request} ({taken.right}) opened  {taken.why}".rstrip())
        case "known":
            say(f"{mail}it is request {taken.request} already")
        case "ignored":
            say(f"{mail}left alone: {taken.why}")
        case "refused":
            say(f"{mail}not taken in: {taken.why}")
        case "unclear":
            say(f"{mail}not opened: {taken.why}; read it, then use --right or `request new`")


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})", "check its name") from None
