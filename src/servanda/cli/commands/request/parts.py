"""What the commands about requests share: options, dates, and the way to the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import counted, say, show_json
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.desk.requests import Desk, RequestView
    from servanda.desk.requests.outbox import Posted

Number = Annotated[str, typer.Argument(metavar="N", help="The request's number.")]
Email = Annotated[
    list[str] | None, typer.Option("--email", help="The person's address. May be repeated.")
]
Phone = Annotated[
    list[str] | None, typer.Option("--phone", help="The person's number. May be repeated.")
]
Known = Annotated[
    list[str] | None,
    typer.Option(
        "--id", metavar="KIND=VALUE", help="Another identity, as in stores.yaml: customer=4711."
    ),
]
Correction = Annotated[
    list[str] | None,
    typer.Option(
        "--correct",
        metavar="FIELD=VALUE",
        help="For a correction: a category or collection.field, and the right value.",
    ),
]
Note = Annotated[str, typer.Option("--note", help="In your words. Kept sealed.")]


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    from servanda.runtime.workspace import Workspace

    with Workspace.open(folder) as workspace:
        workspace.use_state()
        yield workspace.desk


def day(text: str | None, option: str, today: date) -> date:
    """A date as `2026-03-01`; today where there is none."""
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'{option}: "{text[:40]}" is not a date', "write 2026-03-01") from None


def identities(
    email: Iterable[str] | None, phone: Iterable[str] | None, known: Iterable[str] | None
) -> list[tuple[str, str]]:
    found = [("email", each) for each in email or ()] + [("phone", each) for each in phone or ()]
    return found + pairs(known, "--id", "KIND=VALUE")


def pairs(texts: Iterable[str] | None, option: str, form: str) -> list[tuple[str, str]]:
    found = []
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{option} is not written as {form}", "see --help")
        found.append((name.strip(), value.strip()))
    return found


def brief(view: RequestView, today: date) -> dict[str, Any]:
    """Without anything personal."""
    return {
        "request": view.ref,
        "right": view.right,
        "state": view.state,
        "waiting_for": view.waiting_for or None,
        "place": view.place or None,
        "tenant": view.tenant,
        "via": view.via,
        "received": view.received.isoformat(),
        "statutory_due": _iso(view.statutory_due),
        "safe_due": _iso(view.safe_due),
        "due": _iso(view.due),
        "days_left": view.days_left(today),
        "verified": view.verified,
        "decision": view.decision or None,
        "grounds": list(view.grounds),
        "outcome": view.outcome or None,
    }


def done(view: RequestView, as_json: bool) -> None:
    """How a request stands after a command."""
    today = datetime.now(UTC).date()
    if as_json:
        show_json(brief(view, today))
        return
    say(f"request {view.ref} ({view.right}) is {standing(view)}{left(view, today)}")


def standing(view: RequestView) -> str:
    return f"waiting for {view.waiting_for}" if view.waiting_for else view.state


def left(view: RequestView, today: date) -> str:
    days = view.days_left(today)
    if days is None or view.state in ("replied", "closed", "cancelled"):
        return ""
    if days < 0:
        return f"; {counted(-days, 'day')} overdue (act by {view.safe_due})"
    return f"; act by {view.safe_due}, {counted(days, 'day')} left"


def mail_lines(mails: Iterable[Posted]) -> list[str]:
    """What became of mails, with what to do where they did not go out."""
    found = []
    for each in mails:
        where = f"written to {each.file}: send it yourself" if each.file else each.state
        trouble = f" ({each.error})" if each.error else ""
        back = f"; it came back ({each.bounce})" if each.bounce else ""
        found.append(f"mail {each.id} ({each.kind}): {where}{trouble}{back}")
    return found


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
