"""`servanda request show`: everything about one request, its seal opened."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servanda.cli.commands.request import parts
from servanda.cli.output import AsJson, Folder, say, show_json

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView


def show(n: parts.Number, workspace: Folder = Path(), as_json: AsJson = False) -> None:
    """Show one request: who asks, what for, by when to act and why, and what happened."""
    from servanda.desk.requests import outbox

    with parts.desk(workspace) as desk:
        view = desk.get(n)
        others = desk.others(n)
        grounds = desk.grounds(n)
        mails = outbox.listed(int(view.ref))
    today = datetime.now(UTC).date()
    if as_json:
        data = asdict(view)
        show_json(
            {
                **parts.brief(view, today),
                **{name: data[name] for name in ("identities", "name", "contact", "text")},
                **{name: data[name] for name in ("corrections", "only", "spare", "purpose")},
                "child": view.child or None,
                "because": list(view.because),
                "bounced": [
                    {"mail": back.kind, "code": back.code, "at": back.at.isoformat()}
                    for back in view.bounced
                ],
                "events": [{**each, "on": each["on"].isoformat()} for each in data["events"]],
                "same_person_perhaps": others,
                "grounds_known": grounds,
            }
        )
        return
    say(f"Request {view.ref}: {view.right}, {parts.standing(view)}{parts.left(view, today)}")
    for label, text in _lines(view):
        if text:
            say(f"  {label:<12}{text}")
    say("How the dates are counted")
    for step in view.because:
        say(f"  {step}")
    if view.events:
        say("What happened")
    for each in view.events:
        say(f"  {each.on}  {each.kind.replace('_', ' ')}  ({each.by})  {each.note}".rstrip())
    for line in parts.mail_lines(mails):
        say(line)
    if others:
        say(f"The same identity is named in request {', '.join(others)}")


def _lines(view: RequestView) -> list[tuple[str, str]]:
    return [
        ("who", view.name),
        ("known by", ", ".join(f"{kind} {value}" for kind, value in view.identities)),
        ("answer to", view.contact),
        ("arrived", f"{view.received}, by {view.via}"),
        ("lives in", view.place),
        ("customer", view.tenant or ""),
        ("child", view.child),
        ("wants", ", ".join(f"{field} = {value}" for field, value in view.corrections)),
        ("purpose", view.purpose),
        ("verified", "yes" if view.verified else "no"),
        ("latest", "" if view.due is None else f"{view.due}"),
        ("decided", f"{view.decision}, by {view.decided_by}" if view.decision else ""),
        ("grounds", ", ".join(view.grounds)),
        ("outcome", view.outcome),
        ("text", view.text),
        ("", "" if view.readable else "its key is destroyed: who asked cannot be read any more"),
    ]
