"""`servanda hold`: legal holds. What they cover is neither deleted nor changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servanda.cli.output import AsJson, By, Folder, say, show_json
from servanda.kernel.errors import ServandaError, StoreUnreachable, UsageError
from servanda.kernel.predicate import (
    Compare,
    Contains,
    Missing,
    Operator,
    Predicate,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

app = typer.Typer(help="Legal holds: add, list, release.", no_args_is_help=True)

_CONDITION = re.compile(r"\s*(.+?)\s*(<=|>=|!=|=|<|>|\bcontains\b)\s*(.*?)\s*", re.DOTALL)
_OPERATORS: dict[str, Operator] = {
    "=": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}


@app.command()
def add(
    reason: Annotated[str, typer.Option(help="Why: the case or dispute. Kept sealed.")],
    email: Annotated[list[str] | None, typer.Option(help="Everything of this person.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="Everything of this person.")] = None,
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
    from servanda.desk import holds
    from servanda.runtime.workspace import Workspace

    people = [("email", each) for each in email or []] + [("phone", each) for each in phone or []]
    ways = [name for name, given in (("person", people), ("key", key), ("where", where)) if given]
    if len(ways) != 1:
        raise UsageError(
            "a hold is by person, by record, or by condition",
            "give --email or --phone, or --collection with --key, or --collection with --where",
        )
    with Workspace.open(workspace) as opened:
        opened.use_state()
        if people:
            id_ = holds.add_person(
                opened.master, people, reason=reason, by=by, region=opened.region
            )
        else:
            found = opened.collection(collection)
            if key:
                if len(key) != len(found.key):
                    raise UsageError(
                        f"the key of {found.id} has {len(found.key)} parts",
                        f"give --key for each of {', '.join(found.key) or '(it has none)'}",
                    )
                id_ = holds.add_record(opened.master, found.id, key, reason=reason, by=by)
            else:
                known = {each.name for each in found.fields}
                condition = all_of(parse_condition(each, known) for each in where or [])
                id_ = holds.add_predicate(opened.master, found.id, condition, reason=reason, by=by)
        say(f"hold {id_} is in force")
        _tell_covered(opened, id_)


def _tell_covered(workspace: Workspace, id_: str) -> None:
    """How much the hold covers now: a misspelt name that covers nothing should show at once."""
    from servanda.desk import holds
    from servanda.plan.holds import hold_predicates

    _, in_force = holds.in_force(workspace.master)
    ours = [spec for spec in in_force if spec.id == id_]
    try:
        held = hold_predicates(ours, workspace.configs, workspace.stores)
        counts = {
            id_: store.tally(workspace.collection(id_), where).count
            for id_, where in held.items()
            if not isinstance(store := workspace.stores[id_.split(".")[0]], StoreUnreachable)
        }
    except ServandaError as error:
        say(f"what it covers could not be counted: {error}")
        return
    covered = {id_: count for id_, count in counts.items() if count}
    for id_, count in sorted(covered.items()):
        say(f"  covers {count:,} in {id_}")
    if not covered:
        say("  it covers no record now; check the spelling, or release it")


def parse_condition(text: str, known: set[str]) -> Predicate:
    """`field = value`; UsageError when it is not one, or the field is unknown."""
    from servanda.kernel.suggest import did_you_mean

    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError("that is not a condition", 'write for example "status = open"')
    name, operator, value = match.groups()
    if name not in known:
        raise UsageError(f'there is no field "{name[:40]}"', did_you_mean(name, known))
    if operator == "contains":
        return Contains(name, value)
    found = Compare(name, _OPERATORS[operator], value)
    return any_of([found, Missing(name)]) if operator == "!=" else found  # in doubt, hold


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
