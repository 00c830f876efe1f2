"""`servanda editions`: published versions of the policy, what differs, and reviews."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import AsJson, By, Folder, say, show_json, write_file
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from servanda.policy.differing import Difference
    from servanda.state.models import Edition

app = typer.Typer(
    help="Published versions of the policy: list, show, compare.", no_args_is_help=True
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The edition's number.")]


@app.command("list")
def list_(workspace: Folder = Path(), as_json: AsJson = False) -> None:
    """List every edition, the newest first."""
    from servanda.desk import editions
    from servanda.runtime.workspace import Workspace

    now = datetime.now(UTC)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        rows = editions.standings()[::-1]
    current = next((each.row.number for each in rows if each.bound(now)), None)
    if as_json:
        show_json([_data(each.row, each.bound(now), each.outstanding) for each in rows])
        return
    for each in rows:
        row = each.row
        state = "in force" if row.number == current else "earlier"
        if not each.bound(now):
            state = f"binds on {row.binds_at:%Y-%m-%d}"
        if each.outstanding and not each.bound(now):
            state += f", not told yet by {', '.join(each.outstanding)}"
        kind = "material" if row.material else "minor"
        say(f"{row.number:4}  published {row.published_at:%Y-%m-%d}  {kind:8}  {state}")
        say(f"      {row.sha256}")
    if not rows:
        say("nothing is published yet; see servanda publish --record")


@app.command()
def show(
    number: Number,
    kind: Annotated[str, typer.Option(help="text, html, markdown, jsonld or pdf.")] = "text",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write it to a file.")] = None,
    workspace: Folder = Path(),
) -> None:
    """Show one edition as it was published."""
    from servanda.desk import editions
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        content = editions.file(number, kind)
    if out is not None:
        write_file(out, content)
        say(f"written to {out}")
    elif kind == "pdf":
        raise UsageError("a PDF is not shown here", "write it to a file: --out FILE")
    else:
        say(content.decode().rstrip("\n"))


@app.command()
def diff(
    old: Annotated[int | None, typer.Argument(help="Its number; without: the newest.")] = None,
    new: Annotated[int | None, typer.Argument(help="Without: policy.yaml as it is.")] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Say in plain words what changed, and whether it is material."""
    from servanda.desk import editions
    from servanda.policy.differing import differences, reasons
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        if new is not None and old is not None:
            found = editions.between(old, new)
        elif old is not None:
            found = differences(editions.compiled(editions.get(old)), opened.policy)
        else:
            found = editions.since(opened.policy)
    why = reasons(found)
    if as_json:
        show_json({"material": bool(why), "reasons": list(why), "changes": list(_lines(found))})
        return
    for each in found:
        say(f"{'!' if each.material else ' '} {each.says}")
    if not found:
        say("nothing differs")
    elif why:
        say(f"This is a material change: {', '.join(why)}")
    else:
        say("Nothing here is material.")


@app.command()
def record(
    confirm: Annotated[str, typer.Option(help="What you say of the change: material or minor.")],
    binds: Annotated[str, typer.Option(help="The day from which it binds, as 2026-03-31.")] = "",
    reason: Annotated[str, typer.Option(help="Why you say otherwise than was computed.")] = "",
    note: Annotated[str, typer.Option(help="For yourselves; not published.")] = "",
    rewritten: Annotated[
        bool, typer.Option("--rewritten", help="Only the words of the text changed.")
    ] = False,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Publish policy.yaml as it is now, as the next edition."""
    from servanda.runtime import editions
    from servanda.runtime.workspace import Workspace

    if confirm not in ("material", "minor"):
        raise UsageError("say what the change is", "--confirm material, or --confirm minor")
    with Workspace.open(workspace) as opened:
        opened.use_state()
        row = editions.publish(
            opened,
            by=by,
            material=confirm == "material",
            binds_at=editions.day(opened, binds) if binds else None,
            overruled=reason,
            note=note,
            rewritten=rewritten,
        )
        opened.checkpoint()
    if as_json:
        show_json(_data(row, row.binds_at <= datetime.now(UTC), tuple(row.ways)))
        return
    say(f"edition {row.number} is published; it binds on {row.binds_at:%Y-%m-%d}")
    if row.ways:
        say(f"people are told by {', '.join(row.ways)}")


@app.command()
def review(
    changes: Annotated[
        bool, typer.Option("--changes/--no-changes", help="Whether it needs changes.")
    ],
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Note that the policy was looked through."""
    from servanda.runtime import editions
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        editions.review(opened, by=by, changes=changes)
        due = editions.review_due(opened)
    say("noted" + (f"; the next review is due on {due:%Y-%m-%d}" if due else ""))


@app.command()
def verify(workspace: Folder = Path(), as_json: AsJson = False) -> None:
    """Compare every edition with the evidence. Exit code 1 where one was changed."""
    from servanda.desk import editions
    from servanda.kernel.errors import Exit
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = editions.verify()
        count = len(editions.listed())
    if as_json:
        show_json({"editions": count, "damaged": [[each.number, each.what] for each in found]})
    else:
        for each in found:
            say(f"edition {each.number} was changed: {each.what}")
        if not found:
            say(f"{count} as published")
    if found:
        raise typer.Exit(Exit.BROKEN)


# ── recipients ────────────────────────────────────────────────────────────────────────────────

recipients_app = typer.Typer(
    help="Who gets data: those proposed, objections, activation.", no_args_is_help=True
)
app.add_typer(recipients_app, name="recipients")


@recipients_app.command("list")
def recipients_list(workspace: Folder = Path(), as_json: AsJson = False) -> None:
    """List recipients and where they stand."""
    from servanda.desk import recipients
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = recipients.listed(datetime.now(UTC))
    data = [
        {
            "number": each.row.id,
            "recipient": each.row.recipient,
            "name": each.row.name,
            "state": each.state,
            "until": each.until.isoformat() if each.until else None,
            "objections": [[one.id, one.customer.name] for one in each.objections],
        }
        for each in found
    ]
    if as_json:
        show_json(data)
        return
    for line in data:
        until = f" until {str(line['until'])[:10]}" if line["until"] else ""
        say(f"{line['number']:4}  {line['name']}: {line['state']}{until}")
        for each in found:
            if each.row.id == line["number"]:
                for one in each.objections:
                    say(f"      objection {one.id} of {one.customer.name}")


@recipients_app.command("object")
def recipients_object(
    number: Annotated[int, typer.Argument(metavar="RECIPIENT", help="Its number in the list.")],
    customer: Annotated[int, typer.Option(help="The customer's number.")],
    words: Annotated[str, typer.Option(help="Why; kept sealed.")] = "",
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Record a customer's objection that came by mail, post or telephone."""
    from servanda.desk import recipients
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        made = recipients.object_(opened.master, number, customer, words, by=by)
    say(f"objection {made} stands")


@recipients_app.command("settle")
def recipients_settle(
    objection: Annotated[int, typer.Argument(metavar="OBJECTION")],
    outcome: Annotated[str, typer.Option(help="withdrawn or accommodated.")],
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Say how an objection was settled."""
    from servanda.desk import recipients
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        recipients.settle(objection, outcome, by=by)
    say("settled")


@recipients_app.command("activate")
def recipients_activate(
    number: Annotated[int, typer.Argument(metavar="RECIPIENT", help="Its number in the list.")],
    by: By = "",
    workspace: Folder = Path(),
) -> None:
    """Let a recipient get data. Refused while customers may object, or one does."""
    from servanda.desk import recipients
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        recipients.activate(number, by=by)
    say("it may be given data from now on")


def _data(row: Edition, bound: bool, outstanding: tuple[str, ...]) -> dict[str, Any]:
    return {
        "number": row.number,
        "published_at": row.published_at.isoformat(),
        "binds_at": row.binds_at.isoformat(),
        "bound": bound,
        "outstanding": list(outstanding),
        "material": row.material,
        "reasons": row.reasons,
        "overruled": row.overruled,
        "sha256": row.sha256,
        "entry": row.entry,
    }


def _lines(found: Iterable[Difference]) -> Iterable[dict[str, Any]]:
    for each in found:
        yield {"about": each.about, "says": each.says, "reasons": list(each.reasons)}
