"""How far a job is, as a piece of a page that asks again by itself until it is over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from servanda.state.models import Job

OPEN = ("waiting", "running")


def fragment(request: HttpRequest, job: Job | None, address: str) -> HttpResponse:
    """The piece alone. Where the job has ended meanwhile, the browser loads the whole page again,
    for it shows what came of it."""
    response = render(request, "console/progress.html", {"job": job, "progress": address})
    if job is None or job.state not in OPEN:
        response["HX-Refresh"] = "true"
    return response
