"""What the worker does for the published policy: mails that tell of changes, reminders, a census.

The danger: a change is promised to be told, and the mail never goes; or goes twice. What guards it:
each turn puts down the mails that are missing and no other, and what is outstanding stands on the
board. Tests: tests/desk/editions/test_notices.py, tests/faults/test_notice_kill.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.desk.changenotices import Addressee
    from servanda.runtime.workspace import Workspace

SOURCES: list[str] = [
    "servanda.runtime.policynotices.contacts",
    "servanda.runtime.policynotices.consenting",
]
"""Who is told by mail: functions of the workspace that give addressees. Of recipients, customers'
contacts alone are told."""
MORE: list[str] = ["servanda.runtime.rendering.counted"]
"""What else stands in the census: functions of the workspace that give parts of it."""
_LOOKED_BACK = timedelta(days=31)
_REMINDED = "policy review reminded"


def tell(workspace: Workspace, now: datetime | None = None) -> None:
    """Put down the mails that are missing, and see which ways are done."""
    from servanda.desk import changenotices
    from servanda.desk.editions import letters

    book = workspace.desk.book
    for about in changenotices.waiting():
        apart = about.startswith("recipient:")
        people = contacts(workspace) if apart else addressees(workspace)
        letter = letters.letter(book, about)
        changenotices.queue(book, about, people, letter, apart=apart, now=now)
        changenotices.settle(about, book.policy.zone, now=now)


def addressees(workspace: Workspace) -> Iterator[Addressee]:
    """Everybody who is told of a change by mail."""
    for each in SOURCES:
        yield from _called(each, workspace)


def contacts(workspace: Workspace) -> Iterator[Addressee]:
    """Customers' contacts with an address, who may speak today."""
    from servanda.desk.changenotices import Addressee
    from servanda.desk.contacts import current
    from servanda.runtime import customers

    listed = customers.contacts(workspace)
    today = workspace.desk.book.today()
    for customer in listed.customers((each.id, each.name) for each in workspace.tenants):
        for each in current(listed.of(customer), today):
            if each.details.email:
                yield Addressee(each.details.email, customer.id)


def consenting(workspace: Workspace) -> Iterator[Addressee]:
    """Everybody whose consent we rest on now."""
    from servanda.desk.changenotices import Addressee
    from servanda.desk.consents import history

    yield from map(Addressee, history.mailboxes(workspace.desk.book))


def remind(workspace: Workspace, now: datetime | None = None) -> None:
    """Once, when the policy has to be looked through."""
    from servanda import state
    from servanda.desk import post
    from servanda.desk.requests.compose import writable
    from servanda.runtime import editions
    from servanda.state.models import Fact

    moment, due = now or datetime.now(UTC), editions.review_due(workspace)
    if due is None or moment < due:
        return
    book = workspace.desk.book
    officer = book.policy.officer
    to = officer.contact if officer and writable(officer.contact) else book.policy.contact
    if not writable(to):
        return
    with state.transaction():
        row, _ = Fact.objects.select_for_update().get_or_create(key=_REMINDED)
        if row.value == due.isoformat():
            return
        row.value = due.isoformat()
        row.save()
        text = (
            f"The privacy policy of {book.policy.organisation} was to be reviewed by "
            f"{due:%-d %B %Y}.\nWhen it is done, say so in the console, under Published policy.\n"
        )
        subject = "The privacy policy is due for review"
        post.send(book, "policy-review", to, subject, text, about="policy-review", now=now)


def count(workspace: Workspace) -> None:
    """As often as evidence wants it, how the published policy stands."""
    from servanda.ledger import history

    now = datetime.now(UTC)
    last = history.last("publish.census")
    if last is None or now - last.at >= workspace.settings.often(now, workspace.zone):
        census(workspace)


def census(workspace: Workspace, now: datetime | None = None) -> None:
    from servanda import ledger

    ledger.append([{"kind": "publish.census", **counted(workspace, now)}], now=now)


def counted(workspace: Workspace, now: datetime | None = None) -> dict[str, Any]:
    """How the published policy stands, as a census tells it."""
    from servanda.desk import editions

    moment = now or datetime.now(UTC)
    drafted = _draft(workspace, moment)
    promise = workspace.policy.changes
    rows = editions.listed()
    found: dict[str, Any] = {
        "edition": rows[0].number if rows else None,
        "digest": rows[0].digest if rows else None,
        "bound": drafted["bound"],
        "in_force": workspace.policy.digest,
        "editions": len(rows),
        "damaged": len({each.number for each in editions.verify()}),
        "untold": len(editions.untold(moment)),
        "unpromised": sum(row.material and row.number > 1 and not row.ways for row in rows),
        "review_due": drafted["review_due"],
        "reviewed": drafted["reviewed"],
        "officer": workspace.policy.officer is not None,
        "acceptance": _asked(rows) if promise and promise.consent else False,
        "bound_without": bound_without(moment),
        "served": bool(rows) and _readable(rows[0].number),
    }
    for each in MORE:
        found |= _called(each, workspace)
    return found


def _draft(workspace: Workspace, now: datetime) -> dict[str, Any]:
    from servanda.desk import editions as kept
    from servanda.runtime import editions

    due, last, bound = editions.review_due(workspace), editions.reviewed(), kept.current(now)
    return {
        "review_due": due.date().isoformat() if due else None,
        "reviewed": last.date().isoformat() if last else None,
        "bound": bound.number if bound else None,
    }


def _asked(rows: list[Any]) -> bool:
    """Every material edition but the first asks to be accepted."""
    return all(row.asks for row in rows if row.material and row.number > 1)


def _readable(number: int) -> bool:
    from servanda.desk import editions
    from servanda.kernel.errors import ServandaError

    try:
        return bool(editions.file(number, "text"))
    except ServandaError:
        return False


def bound_without(now: datetime) -> int:
    """Runs of late whose plan let new terms count for people who had not accepted them: its older
    limits were not those that held when it was made."""
    from servanda.desk import editions
    from servanda.kernel.errors import UsageError
    from servanda.plan.file import parse
    from servanda.plan.older import digest
    from servanda.state.connection import guard
    from servanda.state.models import Run

    if not editions.standings():
        return 0
    with guard():
        runs = Run.objects.filter(started_at__gt=now - _LOOKED_BACK, started_at__lte=now)
        plans = [bytes(each) for each in runs.values_list("plan", flat=True)]
    wrong = 0
    for raw in plans:
        try:
            plan = parse(raw)
        except UsageError:
            continue
        wrong += plan.terms != digest(editions.older(plan.made_at))
    return wrong


def _called(name: str, workspace: Workspace) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)(workspace)
