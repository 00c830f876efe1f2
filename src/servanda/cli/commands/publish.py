"""`servanda publish`: the policy as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import AsJson, Folder, counted, say, show_json

if TYPE_CHECKING:
    from servanda.publish.policy.reading import Reading
    from servanda.runtime.publishing import Draft


class Form(StrEnum):
    html = "html"
    pdf = "pdf"
    text = "text"
    markdown = "markdown"
    jsonld = "jsonld"
    all = "all"


class Report(StrEnum):
    standards = "standards"


def publish(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where to write; else published/ in the workspace."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Which form to write.")] = Form.all,
    records: Annotated[
        bool,
        typer.Option(
            "--records", help="Write records of processing as well: a page, a spreadsheet, CSV."
        ),
    ] = False,
    report: Annotated[
        Report | None,
        typer.Option(help="Instead: which promises carry each standard of a law, and their state."),
    ] = None,
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the policy as people read it: page, PDF, text, Markdown and JSON-LD.

    Says how hard it is to read, and what the law of each place wants said and the policy lacks.
    Records nothing. published.yaml, where there is one, gives the order and the words.
    """
    from servanda.publish.policy import FILES, digest
    from servanda.runtime import publishing

    made = publishing.draft(workspace)
    if report is not None:
        _standards(workspace, made, as_json)
        return
    kinds = tuple(FILES) if form is Form.all else (form.value,)
    files = publishing.files(made, kinds)
    if records:
        files |= publishing.records(made)
    written = publishing.write(out or workspace / "published", files)
    told = {
        "files": [str(each) for each in written],
        "sha256": digest(made.document),
        "reading": _reading_data(made.reading),
        "places": made.places,
        "unverified": [{"place": place, "source": source} for place, source in made.unverified],
        "missing": [
            {
                "place": e.place,
                "id": e.id,
                "article": e.article,
                "says": e.says,
                "verified": e.verified,
            }
            for e in made.missing
        ],
    }
    if as_json:
        show_json(told)
    else:
        _tell(made, written, str(told["sha256"]))


def _tell(made: Draft, written: list[Path], sha256: str) -> None:
    for path in written:
        say(f"wrote {path}")
    say(f"the text has the SHA-256 {sha256}")
    reading = made.reading
    say(
        f"reading: grade {reading.grade:g} (years of school), ease {reading.ease:g} of 100; "
        f"{counted(reading.sentences, 'sentence')}. Hardest:"
    )
    for hard in reading.hardest:
        say(f"  grade {hard.grade:g}: {hard.sentence}")
    missing = made.missing
    for place in made.places:
        lacks = [each for each in missing if each.place == place]
        say(f"{place}: " + ("lacks nothing" if not lacks else f"lacks {len(lacks)}"))
        for each in lacks:
            doubt = "" if each.verified else "; not read in the law itself"
            say(f"  {each.id}: {each.says} ({each.article}{doubt})")
    if made.unverified:
        say("facts of the law that it shows, not read in the law itself; have them checked:")
        for where, source in made.unverified:
            say(f"  {where}: {source}")
    say("nothing is recorded: this is a draft")


def _reading_data(found: Reading) -> dict[str, Any]:
    return {
        "grade": found.grade,
        "ease": found.ease,
        "words": found.words,
        "sentences": found.sentences,
        "hardest": [{"grade": e.grade, "sentence": e.sentence} for e in found.hardest],
    }


def _standards(folder: Path, made: Draft, as_json: bool) -> None:
    from servanda.runtime.publishing import standards_of

    found = standards_of(folder, made, datetime.now(UTC))
    if as_json:
        show_json(
            [
                {
                    "place": each.standard.place,
                    "standard": each.standard.id,
                    "name": each.standard.name,
                    "source": each.standard.source,
                    "verified": each.standard.mark == "V",
                    "promises": [
                        {"id": id_, "verdict": str(verdict) if verdict else None}
                        for id_, _, verdict in each.promises
                    ],
                }
                for each in found
            ]
        )
        return
    if not found:
        say("no law of this policy sets standards that are known here")
    for each in found:
        one = each.standard
        say(f"{one.place} standard {one.id}, {one.name} ({one.source})")
        for id_, says, verdict in each.promises:
            say(f"  {id_} {verdict or 'not judged yet'}: {says}")
        if not each.promises:
            say("  no promise carries it")
