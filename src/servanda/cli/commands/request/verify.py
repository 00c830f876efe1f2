"""`servanda request verify`: make sure who asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, By, Folder, say
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests import Desk


def verify(
    n: parts.Number,
    sent: Annotated[
        bool, typer.Option("--sent", help="Send a one-time code to the e-mail address on file.")
    ] = False,
    to: Annotated[
        str | None, typer.Option("--to", help="With --sent: which address, if there are several.")
    ] = None,
    phone: Annotated[
        bool,
        typer.Option(
            "--phone", help="Show a one-time code, to be read out when you call the number on file."
        ),
    ] = False,
    code: Annotated[
        str | None, typer.Option("--code", help="The code that the person gave back.")
    ] = None,
    seen: Annotated[
        str | None,
        typer.Option(
            "--seen",
            metavar="DOCUMENT",
            help="You looked at one: passport, identity_card, driving_licence, proof_of_address, "
            "authority_to_act, known_in_person.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="With --seen: the document's file. It is destroyed."),
    ] = None,
    doubt: Annotated[
        bool, typer.Option("--doubt", help="Ask for more; --note says what and why.")
    ] = False,
    note: parts.Note = "",
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Make sure who asks: by a code sent to the address on file, by telephone, or by a document.

    Codes go only to an address or number that the request names. Documents are never kept: what
    was checked is, in --note.
    """
    ways = [sent, phone, code is not None, seen is not None, doubt]
    if sum(ways) != 1:
        raise UsageError(
            "verify in one way at a time", "give --sent, --phone, --code, --seen or --doubt"
        )
    with parts.desk(workspace) as desk:
        told = _done(desk, n, sent, to, phone, code, seen, file, note, by)
        if not as_json:
            for line in told:
                say(line)
        parts.done(desk.get(n), as_json)


def _done(
    desk: Desk,
    n: str,
    sent: bool,
    to: str | None,
    phone: bool,
    code: str | None,
    seen: str | None,
    file: Path | None,
    note: str,
    by: str,
) -> list[str]:
    from servanda.desk.requests import asking, identity, outbox

    if sent:
        mail = asking.mail_code(desk.book, n, by=by, to=to)
        return parts.mail_lines(outbox.deliver(desk.book, only=mail))
    if phone:
        shown = identity.send_code(desk.book, n, "phone", by=by)
        return [f"call the number on file and read out  {shown}", "it is not shown again"]
    if code is not None:
        identity.check_code(desk.book, n, code, by=by)
    elif seen is not None:
        identity.seen(desk.book, n, seen, by=by, note=note, file=file)
        return [] if file is None else ["the document's file is overwritten and gone"]
    else:
        identity.doubt(desk.book, n, by=by, note=note)
    return []
