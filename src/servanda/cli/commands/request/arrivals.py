"""`servanda request arrivals`: mails that may be requests, and wait."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say, show_json
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests.inbox import Pending


def arrivals(
    take_in: Annotated[
        int | None,
        typer.Option("--take-in", metavar="MAIL", help="Open a request from it, unconfirmed."),
    ] = None,
    dismiss: Annotated[
        int | None,
        typer.Option("--dismiss", metavar="MAIL", help="It asks for nothing: destroy it."),
    ] = None,
    right: Annotated[
        str | None, typer.Option("--right", help="With --take-in: what is asked for.")
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(metavar="PLACE", help="With --take-in: where the person lives.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(help="With --take-in: the customer whose data it is about.")
    ] = None,
    who: Annotated[bool, typer.Option("--who", help="Show senders and what they wrote.")] = False,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """List mails whose senders have not confirmed yet, the soonest date first.

    The law's clock runs from the day a mail arrived, confirmed or not: take in by hand what is
    surely a request. What nobody confirms is destroyed after `confirm_days`.
    """
    from servanda.desk.requests import inbox

    if take_in is not None and dismiss is not None:
        raise UsageError("a mail is a request or it is not", "give --take-in or --dismiss")
    with parts.desk(workspace) as desk:
        if take_in is not None:
            ref = inbox.take_in(
                desk.book, take_in, by=by, right=right, place=jurisdiction, tenant=tenant
            )
            parts.done(desk.get(ref), as_json)
            return
        if dismiss is not None:
            inbox.dismiss(desk.book, dismiss, by=by)
        found = inbox.pending(desk.book)
    if as_json:
        show_json([_data(each, who) for each in found])
        return
    for each in found:
        say(_line(each))
        if who:
            say(f"  {each.name} {each.sender}: {each.subject}".rstrip())
            for line in each.text.splitlines():
                say(f"  | {line}")
    if not found:
        say("no mail waits")


def _line(each: Pending) -> str:
    right = each.right or "right unknown"
    date = f"; if it is a request, act by {each.safe_due}" if each.safe_due else ""
    about = f"; it answers a mail about request {each.answers}" if each.answers else ""
    asked = "confirmed" if each.confirmed else f"question {each.asked or 'not asked'}"
    return f"mail {each.id}: {right}, arrived {each.received}, {asked}{date}{about}"


def _data(each: Pending, who: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mail": each.id,
        "right": each.right or None,
        "received": each.received.isoformat(),
        "safe_due": each.safe_due.isoformat() if each.safe_due else None,
        "expires": each.expires.isoformat(),
        "asked": each.asked or None,
        "confirmed": each.confirmed,
        "answers": each.answers or None,
    }
    if who:
        found |= {name: getattr(each, name) for name in ("sender", "name", "subject", "text")}
    return found
