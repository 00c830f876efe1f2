"""How much was taken and refused: a number for each form, day and outcome. Nothing of a person.

The danger: a refusal that leaves no trace, so that nobody knows whether the gate works; or one that
leaves what it refused. What guards it: only these names and numbers are written. A refusal within
somebody's transaction, which is undone with it, is counted with the next one outside.
Tests: tests/desk/test_intake.py.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum

from servanda import state
from servanda.kernel.errors import ServandaError
from servanda.state.connection import guard
from servanda.state.models import IntakeCount

TAKEN, UNSOURCED, CHILDREN, UNKNOWN = "taken", "unsourced", "children", "unknown"
ENQUIRY, PORTAL, MAIL, STAFF, CALLS = "enquiry", "portal", "mail", "console", "api"
PLACES = (ENQUIRY, PORTAL, MAIL, STAFF, CALLS)
"""Where text comes in without a form of the policy."""

_lock = threading.Lock()
_later: Counter[tuple[str, str]] = Counter()


def taken(form: str, breaches: Iterable[str] = (), *, many: int = 1) -> None:
    """It was taken. Joins the caller's transaction. `breaches`: what must never be true of it, and
    is counted where it is."""
    day = datetime.now(UTC).date()
    with state.transaction():
        for outcome in (TAKEN, *breaches):
            _write(form, outcome, day, many)


def refused(form: str, kinds: Iterable[str]) -> None:
    """It was refused: once for each kind of reason, however many fields there are."""
    _add({(form, each): 1 for each in set(kinds)})


def totals() -> dict[str, dict[str, int]]:
    """Ever since, by form and outcome."""
    return _summed(None)


def since(days: int, now: datetime | None = None) -> dict[str, dict[str, int]]:
    """The same of the last days, today among them."""
    return _summed(((now or datetime.now(UTC)) - timedelta(days=days - 1)).date())


def _summed(first: date | None) -> dict[str, dict[str, int]]:
    if not connection.in_atomic_block:
        _flush()
    rows = IntakeCount.objects.all()
    if first is not None:
        rows = rows.filter(day__gte=first)
    found: dict[str, dict[str, int]] = {}
    with guard():
        for form, outcome, many in rows.values_list("form", "outcome").annotate(m=Sum("many")):
            found.setdefault(form, {})[outcome] = many
    return found


def _add(found: Mapping[tuple[str, str], int]) -> None:
    with _lock:
        for key, many in found.items():
            _later[key] += many
    if connection.in_atomic_block:
        transaction.on_commit(_flush)  # where it is undone instead: with the next one
    else:
        _flush()


def _flush() -> None:
    """Write what is not written yet; where the database is away it waits for the next time."""
    with _lock:
        waiting = dict(_later)
        _later.clear()
    if not waiting:
        return
    day = datetime.now(UTC).date()
    try:
        with state.transaction():
            for (form, outcome), many in sorted(waiting.items()):
                _write(form, outcome, day, many)
    except (ServandaError, IntegrityError):
        with _lock:
            _later.update(waiting)


def _write(form: str, outcome: str, day: date, many: int) -> None:
    row, _ = IntakeCount.objects.get_or_create(
        form=form, outcome=outcome, day=day, defaults={"many": 0}
    )
    IntakeCount.objects.filter(pk=row.pk).update(many=F("many") + many)
