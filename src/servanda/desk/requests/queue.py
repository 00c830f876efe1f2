"""The queue of requests, from plain columns alone: nothing is unsealed to list them.

The danger: a list that shows who asks, or that slows down with every request. What guards it: it
reads one page by its place in the order, whatever their number, and knows no name.
Tests: tests/web/requests/test_queue.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from servanda.desk.requests.states import ANSWERED, ENDED
from servanda.state.connection import guard
from servanda.state.models import Request

STATES = (
    *("received", "waiting", "verified", "decided", "acting", "acted", "refused"),
    *("routed", "replied", "closed", "cancelled"),
)
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One request without anything personal."""

    ref: str
    right: str
    state: str
    waiting_for: str
    place: str
    tenant: str | None
    via: str
    received: date
    statutory_due: date | None
    safe_due: date | None
    due: date | None
    verified: bool
    decision: str

    @property
    def over(self) -> bool:
        return self.state in ANSWERED

    @property
    def act_by(self) -> date | None:
        return self.safe_due or self.due

    def days_left(self, today: date) -> int | None:
        """Until the cautious date; None where nothing sets one, or nothing is ours to do."""
        if self.over or self.state == "routed" or self.act_by is None:
            return None
        return (self.act_by - today).days


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Blank: any; without a state, all that are not over."""

    state: str = ""
    right: str = ""
    tenant: str = ""
    overdue: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    open: int
    overdue: int
    soon: int
    states: dict[str, int]


def page(
    wanted: Wanted, today: date, *, after: str = "", limit: int = 50
) -> tuple[list[Line], str]:
    """The soonest cautious date first, from the place `after`; and the place of what follows,
    blank at the end."""
    rows = _wanted(wanted, today).annotate(soonest=Coalesce("safe_due", "received"))
    place = _place(after)
    if place is not None:
        day, number = place
        rows = rows.filter(Q(soonest__gt=day) | Q(soonest=day, id__gt=number))
    names = [name for name in Line.__slots__ if name != "ref"]
    with guard():
        found = list(rows.order_by("soonest", "id").values("id", "soonest", *names)[: limit + 1])
    more = len(found) > limit
    lines = [Line(str(row["id"]), **{name: row[name] for name in names}) for row in found[:limit]]
    last = found[limit - 1] if more else None
    return lines, f"{last['soonest'].isoformat()}.{last['id']}" if last else ""


def counts(today: date, tenant: str = "") -> Counts:
    """How many there are of what, in one question."""
    rows = Request.objects.filter(tenant=tenant) if tenant else Request.objects.all()
    late = ~Q(state__in=(*ANSWERED, "routed"))
    soon = date.fromordinal(today.toordinal() + SOON_DAYS)
    with guard():
        found = list(
            rows.order_by()
            .values("state")
            .annotate(
                number=Count("id"),
                late=Count("id", filter=late & Q(due__lt=today)),
                soon=Count("id", filter=late & Q(due__gte=today, safe_due__lte=soon)),
            )
        )
    states = {row["state"]: row["number"] for row in found}
    return Counts(
        sum(number for state, number in states.items() if state not in ANSWERED),
        sum(row["late"] for row in found),
        sum(row["soon"] for row in found),
        states,
    )


def tenants() -> list[str]:
    """Customers that any request is about."""
    with guard():
        found = Request.objects.exclude(tenant=None).order_by("tenant")
        return [str(each) for each in found.values_list("tenant", flat=True).distinct()]


def _wanted(wanted: Wanted, today: date) -> QuerySet[Request]:
    rows = Request.objects.all()
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    elif not wanted.everything:
        rows = rows.exclude(state__in=ENDED)
    if wanted.right:
        rows = rows.filter(right=wanted.right)
    if wanted.tenant:
        rows = rows.filter(tenant=wanted.tenant)
    if wanted.overdue:
        rows = rows.exclude(state__in=(*ANSWERED, "routed")).filter(due__lt=today)
    return rows


def _place(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None
