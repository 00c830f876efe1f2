"""`servanda inventory`: what the stores hold, against what the policy declares; who owns what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, Folder, say, show_json, working, write_file
from servanda.kernel.errors import CheckFailed, Exit, UsageError


def inventory(
    workspace: Folder = Path(),
    graph: Annotated[
        bool,
        typer.Option("--graph", help="Show instead who owns what, and how a person is led to it."),
    ] = False,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Draw that graph into this file."),
    ] = None,
    cards: Annotated[
        bool,
        typer.Option(
            "--cards", help="Also search the declared fields for card numbers; counts are said."
        ),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show what is mapped, undeclared, missing, or drifted. Reads shapes, never values.

    Exit code 3 when a store could not be reached, 1 when something is undeclared or missing. With
    --graph no store is opened; exit code 1 when no person can be led to some personal field. With
    --cards values are read, and none is kept or said; exit code 1 when a card number was found.
    """
    if cards and (graph or svg is not None):
        raise UsageError("--cards looks into stores, and the graph opens none", "choose one")
    if graph or svg is not None:
        return _graph(workspace, svg, as_json)
    return _survey(workspace, as_json, cards)


def _survey(workspace: Path, as_json: bool, cards: bool) -> int:
    from servanda import inventory as survey
    from servanda import ledger
    from servanda.desk.requests import own
    from servanda.inventory.cards import Searched, entry, search, summary
    from servanda.runtime import record
    from servanda.runtime.workspace import Workspace

    now = datetime.now(UTC)
    with Workspace.open(workspace) as opened:
        with working("Looking at the stores …", quiet=as_json):
            taken = survey.take(opened.policy, opened.configs, opened.stores, now)
        searched: list[Searched] = []
        if cards:
            with working("Searching for card numbers …", quiet=as_json):
                searched = search(opened.configs, opened.stores)
        opened.use_state()
        record.policy(opened, now)
        found = {"cards": entry(searched)} if cards else {}
        ledger.append([{"kind": "inventory", **taken.entry(), **found}])
    if as_json:
        show_json({**taken.data(), "own": own.data(), **found})
    else:
        say(survey.summary(taken).rstrip())
        if cards:
            say(f"\n{summary(searched).rstrip()}")
        say()
        say("What Servanda itself keeps of people, in its state database")
        for line in own.lines():
            say(f"  {line}")
    if any(store.unreachable for store in taken.stores) or any(each.why for each in searched):
        return Exit.UNREACHABLE
    return Exit.OK if taken.complete and not any(e.found for e in searched) else Exit.BROKEN


def _graph(workspace: Path, svg: Path | None, as_json: bool) -> int:
    from servanda.inventory import drawing, graph_text
    from servanda.inventory.graph import graph
    from servanda.runtime.workspace import check

    found = check(workspace)
    if found.stores is None and found.sound:
        raise UsageError(f"{workspace}: there is no stores.yaml", "say in it where the data lies")
    if found.stores is None or not found.stores.mapped:
        raise CheckFailed([d for d in found.diagnostics if d.severity == "error"])
    drawn = graph(c for config in found.stores.mapped for c in config.collections)
    if svg is not None:
        title = f"Who owns what: {found.policy.organisation}" if found.policy else "Who owns what"
        write_file(svg, drawing.svg(drawn, title))
    if as_json:
        show_json(drawn.data())
    else:
        say(graph_text.explained(drawn).rstrip())
        if svg is not None:
            say(f"\ndrawn: {svg}")
    return Exit.BROKEN if drawn.unreached else Exit.OK
