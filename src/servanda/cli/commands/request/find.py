"""`servanda request find`: what is whose, for one request. Reads, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, say, show_json, tell_restricted, working
from servanda.kernel.errors import Exit


def find(
    ref: Annotated[str, typer.Argument(metavar="N", help="The request.")],
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Find all that is the person's, in every store, with the way that leads there.

    Where one address is several people's it says so; then choose whose records are meant. JSON
    holds the keys of the records, which may be personal data.
    """
    from servanda.plan.find.text import data, text
    from servanda.runtime import finding, requests
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        who = requests.subject(opened.desk.get(ref))
        with working("Searching …", as_json):
            (tree,) = finding.find(opened, [who])
        restricted = finding.restricted(opened, who)
    if as_json:
        show_json({**data(tree), "restricted": restricted})
    else:
        say(text(tree).rstrip())
        tell_restricted(restricted)
    return Exit.UNREACHABLE if tree.pending else Exit.OK
