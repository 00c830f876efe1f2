"""Purposes: nobody reads people's data without having said why, and every read is recorded.

The danger: data read for a purpose the policy never named, or read without a trace. What guards
it: `begin` refuses and records what is not declared; a page that shows people's data calls `read`
before it shows anything, and where the record cannot be written nothing is shown. Entries name
members by number and the scope, never the person; and as the ledger forgets nothing, no words that
somebody typed get into it: a scope is a kind and a number, a purpose one of the vocabulary's, a
ticket a number. Tests: tests/desk/test_access.py.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from servanda import ledger, state
from servanda.kernel.errors import ServandaError, UsageError
from servanda.policy import vocabulary
from servanda.policy.rules import Policy
from servanda.state.connection import guard
from servanda.state.models import Read, Task, Tree

HOLDS = "holds"
RIGHTS = "rights"
"""Answering what people ask for: the law's own purpose, which no policy needs to declare."""

CLAIMS = "legal_claims"
"""Establishing, exercising or defending legal claims: the law's own purpose of a hold."""

SCOPE = re.compile(r"[a-z]{2,20}(:[0-9]{1,18})?")
"""What may be read: `request:12`, `holds`. Numbers alone: it stands in the ledger for ever, so
nobody's name or address may be in it."""
_TICKET = re.compile(r"[A-Za-z0-9#._/:-]{0,40}")


class Refused(ServandaError):
    """This may not be read; the refusal is on record."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a member by number, and the role under which."""

    by: str
    role: str


def declared(policy: Policy, scope: str = "") -> tuple[str, ...]:
    """The purposes a policy names, and answering requests; of holds, legal claims first."""
    found = {purpose for activity in policy.activities for purpose in activity.purposes}
    first = (CLAIMS, RIGHTS) if scope == HOLDS else (RIGHTS,)
    return (*first, *sorted(found - {*first}))


def permitted(policy: Policy, purpose: str, activity: str | None) -> bool:
    """Whether data of an activity may be read for a purpose: one that it was collected for."""
    if purpose == RIGHTS:
        return True
    return any(e.id == activity and purpose in e.purposes for e in policy.activities)


def begin(
    reader: Reader,
    purpose: str,
    scope: str,
    *,
    policy: Policy,
    lasts: timedelta,
    ticket: str = "",
    now: datetime | None = None,
) -> Task:
    """State a purpose for a scope. Refused, and recorded, where the policy does not name it."""
    if purpose not in declared(policy, scope):
        why = "the policy declares no such purpose"
        refuse(reader, scope, "purpose", why, purpose=purpose, now=now)
        raise Refused(why, f"one of {', '.join(declared(policy, scope))}")
    if not SCOPE.fullmatch(scope):
        raise UsageError("that is nothing that can be read", "open it from its own page")
    if not _TICKET.fullmatch(ticket):
        raise UsageError("that is no ticket's number", "its number is enough, as in HELP-1234")
    moment = now or datetime.now(UTC)
    with state.transaction():
        task = Task.objects.create(
            id=secrets.token_hex(16),
            by=reader.by,
            role=reader.role,
            purpose=purpose,
            ticket=ticket,
            scope=scope,
            opened_at=moment,
            until=moment + lasts,
        )
        entry = {
            "kind": "access.task",
            "task": task.id,
            "by": reader.by,
            "role": reader.role,
            "purpose": purpose,
            "scope": scope,
        }
        ledger.append([entry], now=now)
    return task


def end_all(by: str, now: datetime | None = None) -> int:
    """What a member stated holds no longer, for they have another role, or left; how many."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        return Task.objects.filter(by=by, until__gt=moment).update(until=moment)


def current(by: str, scope: str, now: datetime | None = None) -> Task | None:
    """The purpose that holds for this member and scope, if any."""
    moment = now or datetime.now(UTC)
    with guard():
        found = Task.objects.filter(by=by, scope=scope, until__gt=moment)
        return found.order_by("-opened_at").first()


def read(task: Task, what: str, now: datetime | None = None) -> None:
    """Record one look, before it is given."""
    _record(Reader(task.by, task.role), task.scope, what, task.purpose, "", task, now)


def refuse(
    reader: Reader,
    scope: str,
    what: str,
    why: str,
    *,
    purpose: str = "",
    now: datetime | None = None,
) -> None:
    """Record that something was not shown, and why. Of what was asked for, only known words."""
    known = purpose if purpose in vocabulary.terms("purpose") else ""
    found = scope if SCOPE.fullmatch(scope) else "unknown"
    _record(reader, found, what, known, why, None, now)


def log(
    *,
    scope: str = "",
    by: str = "",
    refused: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Read]:
    """Reads, the newest first: of a scope, by a member, or only refused ones."""
    found = Read.objects.order_by("-id")
    if scope:
        found = found.filter(scope=scope)
    if by:
        found = found.filter(by=by)
    if refused:
        found = found.exclude(refused="")
    if before is not None:
        found = found.filter(id__lt=before)
    with guard():
        return list(found[:limit])


def census(members: Iterable[tuple[str, bool]], *, now: datetime | None = None) -> None:
    """Leave in the ledger how staff may get in: (role, whether a second factor is set up) of each
    member with an account, and what was read since the last count."""
    roles: dict[str, int] = {}
    without = 0
    for role, factor in members:
        roles[role] = roles.get(role, 0) + 1
        without += not factor
    with state.transaction():
        Tree.objects.select_for_update().get(id=1)  # no read gets in between counting and telling
        found = since(ledger.history.last("access.census"))
        entry = {
            "kind": "access.census",
            "roles": roles,
            "without_second_factor": without,
            "reads": found.filter(refused="").count(),
            "refused": found.exclude(refused="").count(),
            "without_purpose": found.filter(refused="", task=None).count(),
        }
        ledger.append([entry], now=now)


def since(census: ledger.Entry | None) -> QuerySet[Read]:
    """The looks after a census: by their places in the ledger, which no clock moves. One without
    a place, which nothing of ours writes, is told by its moment."""
    if census is None:
        return Read.objects.all()
    return Read.objects.filter(Q(entry__gt=census.index) | Q(entry=None, at__gt=census.at))


def _record(
    reader: Reader,
    scope: str,
    what: str,
    purpose: str,
    why: str,
    task: Task | None,
    now: datetime | None,
) -> None:
    moment = now or datetime.now(UTC)
    entry = {
        "kind": "access.refused" if why else "access.read",
        "by": reader.by,
        "role": reader.role,
        "purpose": purpose or None,
        "scope": scope,
        "what": what,
    }
    entry |= {"why": why} if why else {"task": task.id if task else None}
    with state.transaction():
        row = Read.objects.create(
            task=task,
            by=reader.by,
            role=reader.role,
            purpose=purpose,
            scope=scope,
            what=what,
            refused=why,
            at=moment,
        )
        row.entry = ledger.append([entry], now=now).start
        row.save(update_fields=["entry"])
