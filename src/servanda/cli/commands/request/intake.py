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
    """
    from servanda.desk.requests import intake as post

    if file is not None:
        mailbox = None  # the environment may name one
    elif mailbox is None:
        raise UsageError("there is no mail to read", "name a FILE, or --mailbox")
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


def _tell(taken: Taken) -> None:
    mail = f"mail {taken.mail}: " if taken.mail else ""
    match taken.outcome:
        case "opened":
            say(f"{mail}request {taken.request} ({taken.right}) opened  {taken.why}".rstrip())
        case "known":
            say(f"{mail}it is request {taken.request} already")
        case "ignored":
            say(f"{mail}left alone: {taken.why}")
        case "unclear":
            say(f"{mail}not opened: {taken.why}; read it, then use --right or `request new`")


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})", "check its name") from None
