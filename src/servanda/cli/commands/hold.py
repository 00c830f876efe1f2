"""`servanda hold`: legal holds. What they cover is neither deleted nor changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import AsJson, By, Folder, say, show_json

if TYPE_CHECKING:
    from servanda.desk.holds import HoldView
    from servanda.runtime.workspace import Workspace

app = typer.Typer(help="Legal holds: add, list, release.", no_args_is_help=True)


@app.command()
def add(
    reason: Annotated[
        str,
        typer.Option(
            help="Why: the case or dispute, such as a legal claim to be established, exercised or "
            "defended. Kept sealed."
        ),
    ],
    email: Annotated[
        list[str] | None,
        typer.Option(help="Everything of this person, where records know people by e-mail."),
    ] = None,
    phone: Annotated[
        list[str] | None,
        typer.Option(help="The same by telephone number. Give both where you know both."),
    ] = None,
    collection: Annotated[str, typer.Option(help="With --key or --where: STORE.COLLECTION.")] = "",
    key: Annotated[
        list[str] | None, typer.Option(help="One record; repeat for each part of its key.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help='All records with "field = value" (also != < <= > >= contains).'),
    ] = None,
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Hold a person's data, one record, or all records for which a condition is true."""
    from servanda.runtime import holding
    from servanda.runtime.workspace import Workspace

    people = [("email", each) for each in email or []] + [("phone", each) for each in phone or []]
    wanted = holding.Wanted(tuple(people), collection, tuple(key or ()), tuple(where or ()))
    with Workspace.open(workspace) as opened:
        opened.use_state()
        id_ = holding.add(opened, wanted, reason=reason, by=by)
        say(f"hold {id_} is in force")
        _tell_covered(opened, id_)
        _tell_gaps(opened, people, "  ")


def _tell_covered(workspace: Workspace, id_: str) -> None:
    from servanda.runtime import holding

    found = holding.covered(workspace, id_)
    if found.problem:
        say(f"what it covers could not be counted: {found.problem}")
        return
    for collection, count in found.counts.items():
        say(f"  covers {count:,} in {collection}")
    if not found.counts:
        say("  it covers no record now; check the spelling, or release it")


def _tell_gaps(workspace: Workspace, identities: Sequence[tuple[str, str]], indent: str) -> None:
    from servanda.runtime import holdgaps

    for gap in holdgaps.gaps(workspace, [kind for kind, _ in identities]):
        say(f"{indent}{gap.what}")
        say(f"{indent}{gap.remedy}")


@app.command("list")
def list_(
    released: Annotated[bool, typer.Option("--released", help="Those released, too.")] = False,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """List the holds in force, oldest first."""
    from servanda.desk import holds
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        views = holds.listed(opened.master, released=released)
        _show(opened, views, as_json)


def _show(opened: Workspace, views: Sequence[HoldView], as_json: bool) -> None:
    from servanda.runtime import holdgaps

    if as_json:
        show_json(
            [
                {
                    "id": view.spec.id,
                    "kind": view.spec.kind,
                    "collection": view.spec.collection,
                    "identities": [list(pair) for pair in view.spec.identities],
                    "key": list(view.spec.key),
                    "reason": view.reason,
                    "by": view.by,
                    "added_at": view.added_at.isoformat(),
                    "released_at": view.released_at.isoformat() if view.released_at else None,
                    "released_by": view.released_by or None,
                    "not_searched": [
                        {**asdict(gap), "what": gap.what, "remedy": gap.remedy}
                        for gap in holdgaps.gaps(opened, dict(view.spec.identities))
                        if not view.released_at
                    ],
                }
                for view in views
            ]
        )
        return
    for view in views:
        spec = view.spec
        subject = ", ".join(value for _, value in spec.identities) or spec.collection or ""
        if spec.key:
            subject += " " + " ".join(str(part) for part in spec.key)
        state = (
            f"released {view.released_at:%Y-%m-%d} by {view.released_by}"
            if (view.released_at)
            else "in force"
        )
        say(f"{spec.id}  {spec.kind:9}  {subject}  since {view.added_at:%Y-%m-%d}, {state}")
        say(f"    {view.reason} ({view.by})")
        if not view.released_at:
            _tell_gaps(opened, spec.identities, "    ")
    if not views:
        say("no holds")


@app.command()
def release(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why it ends.")],
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Release a hold: what it covered falls under the policy again at the next sweep."""
    from servanda.desk import holds
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        holds.release(id_, by=by, reason=reason)
    say(f"hold {id_} is released")
