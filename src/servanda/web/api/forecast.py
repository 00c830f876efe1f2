"""What will be due in the next ninety days, by collection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from servanda.plan.forecast import DAYS
from servanda.runtime import forecast, hub, jobs
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, JobOut

router = Router(tags=["map"])


class OutlookOut(Schema):
    """`leaving`, `changing`: how many become due in each span that ends with one of `days`."""

    collection: str
    leaving: list[int]
    changing: list[int]
    trouble: str


class ForecastOut(Schema):
    """`current`: made from the policy and mapping in force. `measured`: never written by us."""

    at: datetime
    days: list[int]
    current: bool
    outlooks: list[OutlookOut]
    unreachable: list[str]
    measured: list[str]


@router.get("/forecast", auth=scope("map"), response={200: ForecastOut, **WRONG})
def show(request: HttpRequest) -> Any:
    """The one that was counted last; 404 where none was."""
    found = forecast.latest(hub.workspace())
    if found is None:
        raise Http404("Nothing was counted yet: POST /v1/forecast.")
    return {
        "at": found.at,
        "days": DAYS,
        "current": found.current,
        "outlooks": found.outlooks,
        "unreachable": found.unreachable,
        "measured": found.measured,
    }


@router.post("/forecast", auth=scope("make_plan"), response={202: JobOut, **WRONG})
@once
def renew(request: HttpRequest) -> Any:
    """Count anew. It reads from every store as a plan does."""
    job = jobs.ask("forecast", {}, about="forecast", by=by(request))
    return Status(202, JobOut.from_orm(job))
