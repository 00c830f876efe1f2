"""`servanda banner`: the tag for the company's sites, and whether they carry it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json
from servanda.kernel.errors import Exit, UsageError

app = typer.Typer(
    help="The banner for the company's sites: its tag, and whether they carry it.",
    no_args_is_help=True,
)


@app.command()
def tag(workspace: Folder = Path(), as_json: AsJson = False) -> int:
    """Print what to put into each page of the company's sites, first in its head."""
    from servanda.runtime.sites.tag import snippet
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        found = snippet(opened.settings.web.address)
    if as_json:
        show_json({"tag": found})
    else:
        say(found)
    return Exit.OK


@app.command()
def check(workspace: Folder = Path(), as_json: AsJson = False) -> int:
    """Fetch each site of `banner.sites` and say whether the banner is there, and what loads without
    a choice though the policy says that it waits. What is found is kept for evidence.

    Exit code 1 when a site lacks the banner or does not wait, 3 when one could not be reached.
    """
    from servanda.runtime import sites
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        if opened.policy.banner is None or not opened.policy.banner.sites:
            raise UsageError(
                "the policy names no site", "name them in policy.yaml under banner.sites"
            )
        opened.use_state()
        found = sites.look(opened)
    if as_json:
        show_json({"sites": found})
    else:
        for name, each in found.items():
            say(_line(name, each))
            if each.get("unknown"):
                say(f"  ? not in the policy: {', '.join(each['unknown'])}")
        say(f"looked at {counted(len(found), 'site')}")
    return _code(found)


def _line(name: str, each: dict[str, Any]) -> str:
    if not each["reached"]:
        return f"? {name}: not reached ({each['why']})"
    if not each["tag"]:
        return f"✗ {name}: the banner is not there; put the tag of  servanda banner tag  into it"
    if each["ungated"]:
        return f"✗ {name}: loads without asking: {', '.join(each['ungated'])}"
    late = "" if each["first"] else "; it should be the first script, without async or defer"
    return f"✓ {name}: asks first{late}"


def _code(found: dict[str, dict[str, Any]]) -> int:
    if any(each["reached"] and (not each["tag"] or each["ungated"]) for each in found.values()):
        return Exit.BROKEN
    return Exit.OK if all(each["reached"] for each in found.values()) else Exit.UNREACHABLE
