"""`servanda clock`: when an answer is due, explained step by step. Needs no workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servanda.cli.output import AsJson, say, show_json
from servanda.kernel.errors import UsageError

if TYPE_CHECKING:
    from servanda.law import Clock, Place


def clock(
    place: Annotated[
        str | None, typer.Argument(metavar="PLACE", help="`GB-NIR`, `EU-DE`, `KE`, `US-CA` …")
    ] = None,
    what: Annotated[
        str | None, typer.Argument(metavar="RIGHT", help="`access`, `breach_regulator` …")
    ] = None,
    received: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="When it arrived, or when we knew; today without it.",
            show_default=False,
        ),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(
            "--events",
            "--event",
            metavar="NAME=DATE",
            help="What happened since: identity_received, fee_paid, scope_asked, scope_answered, "
            "extended. May be given several times.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say when an answer is due under a place's law, and how that is counted.

    Without PLACE it lists the places; without RIGHT what that place has deadlines for. The law is
    the one in force on the day of arrival. Two dates come out: the latest the law allows, and the
    cautious one to act by. What was not read in the law itself is said to be unverified.
    """
    from servanda import law

    begun = _begun(received)
    day = begun.date() if isinstance(begun, datetime) else begun
    if place is None:
        _places(as_json)
        return
    found = law.find(place)
    if what is None:
        _deadlines(found, day, as_json)
        return
    known = dict(_event(each) for each in events or ())
    _show(found, law.clock(found, what, begun, known), as_json)


def _places(as_json: bool) -> None:
    from servanda import law

    places = [law.find(code) for code in law.codes()]
    if as_json:
        show_json([{"place": each.code, "name": each.name} for each in places])
        return
    for each in places:
        say(f"{each.code:<8} {each.name}")


def _deadlines(place: Place, on: date, as_json: bool) -> None:
    from servanda.law.facts import in_force

    rules = in_force(place.law.clocks, on)
    if as_json:
        show_json([rule.model_dump(mode="json", by_alias=True) for rule in rules])
        return
    say(f"{place.name}, law of {on}")
    for rule in rules:
        sure = "" if rule.verified else "  (unverified)"
        say(
            f"  {', '.join(rule.what)}: {rule.n} {rule.unit.replace('_', ' ')}, {rule.source}{sure}"
        )


def _show(place: Place, found: Clock, as_json: bool) -> None:
    if as_json:
        show_json(_data(found))
        return
    say(f"{place.name}: {found.what}")
    for number, step in enumerate(found.steps, 1):
        say(f"  {number}. {step}")
    say(f"Latest by law   {_plain(found.statutory_due)}")
    say(f"Act by          {_plain(found.safe_due)}")
    if found.waiting:
        say("The clock stands still until the person answers.")
    if not found.verified:
        say("Unverified: have a lawyer confirm this period before you rely on it.")


def _data(found: Clock) -> dict[str, Any]:
    return {
        "place": found.place,
        "what": found.what,
        "statutory_due": found.statutory_due.isoformat(),
        "safe_due": found.safe_due.isoformat(),
        "first_due": found.first_due.isoformat(),
        "waiting": found.waiting,
        "source": found.rule.source,
        "mark": found.rule.mark,
        "verified": found.verified,
        "steps": list(found.steps),
    }


def _plain(due: date | datetime) -> str:
    if isinstance(due, datetime):
        return f"{due:%a %Y-%m-%d %H:%M} UTC"
    return f"{due:%a %Y-%m-%d}"


def _begun(text: str | None) -> date | datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise _no_date(text) from None


def _event(text: str) -> tuple[str, date]:
    name, equals, day = text.partition("=")
    if not equals:
        raise UsageError(f'"{text[:40]}" is no event', "write NAME=DATE, as in fee_paid=2026-03-02")
    try:
        return name.strip(), date.fromisoformat(day.strip())
    except ValueError:
        raise _no_date(day) from None


def _no_date(text: str) -> UsageError:
    return UsageError(
        f'"{text[:40]}" is not a date', "write 2026-03-01 or 2026-03-01T12:00:00+00:00"
    )
