"""What will be due in the next ninety days, by store: counted by a job, only shown here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.roles import May, may
from servanda.plan.forecast import DAYS
from servanda.runtime import forecast, hub, jobs
from servanda.web.console.drawing import charts
from servanda.web.kit.access import member_of, page

_SPANS = ((0, "due already"), (7, "7 days"), (28, "28 days"), (56, "56 days"), (90, "90 days"))


@page(May.MAP)
def show(request: HttpRequest) -> HttpResponse:
    found = forecast.latest(hub.workspace())
    job = jobs.latest("forecast", "forecast")
    context: dict[str, Any] = {
        "found": found,
        "job": job if job and job.state in ("waiting", "running", "failed") else None,
        "may_count": may(member_of(request).role, May.MAKE_PLAN),
    }
    if found is not None:
        rows = [
            (
                each,
                [_sum(each.leaving, days) for days, _ in _SPANS],
                [_sum(each.changing, days) for days, _ in _SPANS],
            )
            for each in found.outlooks
        ]
        counted = [row for row in rows if not row[0].trouble]
        context |= {
            "until": found.at + timedelta(days=DAYS[-1]),
            "charts": charts(found.outlooks, found.at),
            "rows": [row for row in counted if row[1][-1] or row[2][-1]],
            "quiet": [row[0].collection for row in counted if not (row[1][-1] or row[2][-1])],
            "troubles": [row[0] for row in rows if row[0].trouble],
            "spans": [label for _, label in _SPANS],
            "leaving": sum(row[1][-1] for row in rows),
            "changing": sum(row[2][-1] for row in rows),
        }
    return render(request, "console/forecast.html", context)


@page(May.MAKE_PLAN, methods=("POST",))
def renew(request: HttpRequest) -> HttpResponse:
    jobs.ask("forecast", {}, about="forecast", by=member_of(request).by)
    messages.success(request, "It is being counted anew. Load this page again in a moment.")
    return redirect("forecast")


@page(May.MAP)
def waiting(request: HttpRequest) -> HttpResponse:
    """Whether it is still being counted; asked for again and again."""
    job = jobs.latest("forecast", "forecast")
    answer = render(request, "console/forecast_job.html", {"job": job})
    if job is None or job.state not in ("waiting", "running"):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _sum(steps: tuple[int, ...], days: int) -> int:
    return sum(n for at, n in zip(DAYS, steps, strict=False) if at <= days)


urls = [
    path("forecast/", show, name="forecast"),
    path("forecast/waiting/", waiting, name="forecast-waiting"),
    path("forecast/renew/", renew, name="forecast-renew"),
]
