"""`servanda intake check`: an import goes through the gate before it goes anywhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json
from servanda.kernel.errors import Exit, UsageError

if TYPE_CHECKING:
    from servanda.runtime.intakefile import Seen
    from servanda.runtime.workspace import Workspace

app = typer.Typer(help="The intake gate: what data may come in.", no_args_is_help=True)
_MOST_SAID = 50


@app.callback()
def group() -> None:
    """The intake gate: what data may come in."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv file, or JSON lines.")],
    form: Annotated[str, typer.Option("--form", metavar="ID", help="The form in policy.yaml.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the rows that are taken into this new file, each with its receipt, and "
            "count what was taken and refused.",
        ),
    ] = None,
    source: Annotated[
        str, typer.Option(help="Where the data comes from, of rows without `_source`.")
    ] = "",
    basis: Annotated[
        str, typer.Option(help="On what basis it was given on, of rows without `_basis`.")
    ] = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Say which rows of a file the gate refuses, by number and field, and why.

    Columns are the form's fields. What else the gate asks for: _age, _born, _parent_consents,
    _source, _basis, _consent_purpose, _consent_notice, _consent_language. Nothing is counted
    without --out. Exit code 1 where a row is refused.
    """
    from servanda.runtime.workspace import Workspace

    if out is not None and out.exists():
        raise UsageError(f"{out} is there already", "name a new file")
    refused: list[Seen] = []
    total = 0
    with Workspace.open(workspace) as opened:
        for seen in _seen(opened, file, form, source, basis, out):
            total += 1
            if seen.refusals:
                refused.append(seen)
    taken = total - len(refused)
    if as_json:
        show_json({"rows": total, "taken": taken, "refused": [_data(each) for each in refused]})
    else:
        _tell(refused, total, taken, out)
    return Exit.BROKEN if refused else Exit.OK


def _seen(
    opened: Workspace, file: Path, form: str, source: str, basis: str, out: Path | None
) -> Iterator[Seen]:
    from servanda.desk.intake import form_of
    from servanda.runtime import intake, intakefile

    form_of(opened.policy, form)
    rows = intakefile.rows(file, form, source=source, basis=basis)
    if out is None:
        today = datetime.now(UTC).astimezone(opened.zone).date()
        yield from intakefile.checked(opened.policy, rows, today)
        return
    opened.use_state()
    try:
        target = out.open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{out} cannot be written ({error.strerror})") from None
    with target:
        writer = intakefile.Writer(target, as_csv=file.suffix.lower() == ".csv")
        for seen in intakefile.passed(intake.gate(opened), rows):
            if not seen.refusals:
                writer.write(seen)
            yield seen


def _data(seen: Seen) -> dict[str, Any]:
    why = [
        {"kind": each.kind, "field": each.field, "why": each.why, "next": each.next}
        for each in seen.refusals
    ]
    return {"row": seen.row.number, "refused": why}


def _tell(refused: list[Seen], total: int, taken: int, out: Path | None) -> None:
    for seen in refused[:_MOST_SAID]:
        for each in seen.refusals:
            say(f"row {seen.row.number}: {each}")
    if len(refused) > _MOST_SAID:
        say(f"and {counted(len(refused) - _MOST_SAID, 'row')} more: see --json")
    kinds = Counter(kind for seen in refused for kind in {each.kind for each in seen.refusals})
    many = ", ".join(f"{kind} {number:,}" for kind, number in sorted(kinds.items()))
    word = "taken" if out is not None else "would be taken"
    say(f"{taken:,} of {counted(total, 'row')} {word}{f'; refused: {many}' if many else ''}")
    if out is not None:
        say(f"written: {out}")
