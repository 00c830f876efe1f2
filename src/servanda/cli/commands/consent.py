"""`servanda consent`: who agreed to what; and whether somebody may be written to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from servanda.cli.output import AsJson, By, Folder, counted, say, show_json
from servanda.kernel.errors import Exit, UsageError

app = typer.Typer(help="Consents: show, record, import, ask.", no_args_is_help=True)
Email = Annotated[str, typer.Option(help="The person's address.")]
Phone = Annotated[str, typer.Option(help="Or their number.")]


def _who(email: str, phone: str) -> tuple[str, str]:
    if bool(email) == bool(phone):
        raise UsageError("whom is it about?", "give --email or --phone")
    return ("email", email) if email else ("phone", phone)


@app.command()
def show(
    email: Email = "", phone: Phone = "", workspace: Folder = Path(), as_json: AsJson = False
) -> None:
    """What somebody agreed to, and everything they said."""
    from servanda.runtime import consentdeeds
    from servanda.runtime.workspace import Workspace

    with Workspace.open(workspace) as opened:
        opened.use_state()
        found = consentdeeds.shown(opened, *_who(email, phone))
    if as_json:
        show_json(found or {"standing": [], "history": []})
        return
    if found is None:
        say("nothing is kept of this person")
        return
    for each in found["standing"]:
        until = f" until {each['until']}" if each["until"] else ""
        say(f"{each['purpose']} {each['channel'] or 'all channels'}: {each['state']}{until}")
    for each in found["history"]:
        states = ", ".join(f"{name} {state}" for name, state in each["states"].items())
        say(f"  {each['at'][:16]}  {states} ({each['how']})")


@app.command()
def record(
    choice: Annotated[list[str], typer.Option(help="PURPOSE/CHANNEL=yes or =no; repeat for more.")],
    how: Annotated[str, typer.Option(help="phone, paper, in_person, form, parent, requested.")],
    email: Email = "",
    phone: Phone = "",
    note: Annotated[str, typer.Option(help="How it was given, in a few words. Kept sealed.")] = "",
    age: Annotated[int | None, typer.Option(help="Their age in years, where they said it.")] = None,
    prescribed: Annotated[
        bool, typer.Option("--prescribed-form", help="On the form that the law prescribes.")
    ] = False,
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Record a choice that somebody made by telephone, on paper, or in person."""
    from servanda.runtime import consentdeeds
    from servanda.runtime.workspace import Workspace

    if how not in consentdeeds.BY_STAFF:
        raise UsageError(f'"{how[:20]}" is not how staff is told', ", ".join(consentdeeds.BY_STAFF))
    with Workspace.open(workspace) as opened:
        opened.use_state()
        done = consentdeeds.put(
            opened,
            *_who(email, phone),
            consentdeeds.chosen(choice),
            how,
            by=by,
            note=note,
            age=age,
            form=prescribed,
        )
    if as_json:
        show_json({"record": done.id, "states": dict(done.states), "entry": done.index})
        return
    for name, state in done.states.items():
        say(f"{name}: {state}")
    say(f"record {done.id}, entry {done.index} of the ledger")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: email, purpose, channel, choice, at, …")],
    source: Annotated[str, typer.Option(help="Where the list comes from, in one word.")] = "",
    by: By = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Take over consents from another list: all rows, or none and the line that is wrong."""
    from servanda.desk.consents import importing
    from servanda.runtime.workspace import Workspace

    try:
        if file.stat().st_size > importing.LARGEST:
            raise UsageError(f"{file} is too large", "split it")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} cannot be read", "a CSV in UTF-8") from None
    with Workspace.open(workspace) as opened:
        opened.use_state()
        book = opened.desk.book
        done = importing.load(book, importing.read(book, text, source=source, by=by))
    if as_json:
        show_json({"rows": done.rows, "yes": done.yes, "no": done.no})
        return
    say(f"{counted(done.rows, 'row')}: {done.yes:,} yes, {done.no:,} no")


@app.command()
def may(
    purpose: Annotated[str, typer.Option(help="A purpose of the policy.")] = "",
    channel: Annotated[str, typer.Option(help="email, phone, post, sms, mms.")] = "",
    message: Annotated[str, typer.Option(help="Or a kind of message.")] = "",
    asking: Annotated[bool, typer.Option("--ask", help="May they be asked for consent?")] = False,
    email: Email = "",
    phone: Phone = "",
    workspace: Folder = Path(),
    as_json: AsJson = False,
) -> int:
    """Whether somebody's data may be used: exit code 0 for yes, 1 for no."""
    from servanda.desk.consents.gate import Question
    from servanda.runtime import consents
    from servanda.runtime.workspace import Workspace

    if not purpose and not message:
        raise UsageError("what for?", "give --purpose or --message")
    kind, value = _who(email, phone)
    with Workspace.open(workspace) as opened:
        opened.use_state()
        question = Question(purpose, channel, message, asking)
        found = consents.gate(opened).ask(f"{kind}:{value}", question)
    if as_json:
        show_json(
            {"may": found.may, "reason": found.reason, "detail": found.detail, "says": found.says}
        )
    else:
        say(f"{'yes' if found.may else 'no'}: {found.says}")
    return Exit.OK if found.may else Exit.BROKEN
