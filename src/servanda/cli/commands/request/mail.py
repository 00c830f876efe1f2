"""`servanda request mail`: what is on its way, and what needs a look."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, Folder, say, show_json
from servanda.kernel.errors import UsageError


def mail(
    send: Annotated[bool, typer.Option("--send", help="Send what is due now.")] = False,
    again: Annotated[
        int | None, typer.Option("--again", metavar="MAIL", help="Send this one (again).")
    ] = None,
    was_sent: Annotated[
        int | None,
        typer.Option("--was-sent", metavar="MAIL", help="You looked: this one was sent."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """List the mails that are not sent yet, or came back. The scheduled run sends what is due.

    One that is `unsure` may have been sent: look at the mail server, then say --was-sent or
    --again. It is never sent again by itself.
    """
    from servanda.desk.requests import outbox

    if again is not None and was_sent is not None:
        raise UsageError("a mail was sent or it was not", "give --again or --was-sent")
    with parts.desk(workspace) as desk:
        if again is not None:
            outbox.settle(again, sent=False)
        if was_sent is not None:
            outbox.settle(was_sent, sent=True)
        shown = []
        if send or again is not None:
            shown = outbox.deliver(desk.book, only=again)
        seen = {each.id for each in shown}
        shown += [each for each in outbox.listed() if each.id not in seen]
    if as_json:
        show_json([{**asdict(m), "file": str(m.file) if m.file else None} for m in shown])
        return
    for line in parts.mail_lines(shown):
        say(line)
    if not shown:
        say("no mail is waiting")
