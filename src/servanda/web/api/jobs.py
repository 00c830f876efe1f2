"""Work the server does: look at it, and stop it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from servanda.runtime import jobs
from servanda.state.models import Job
from servanda.web.api.auth import scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, JobOut, Number

router = Router(tags=["jobs"])


def _job(id_: int) -> Job:
    found = Job.objects.filter(id=id_).first()
    if found is None:
        raise Http404("There is no such job.")
    return found


@router.get("/jobs/{int:id}", auth=scope("plans"), response={200: JobOut, **WRONG})
def job(request: HttpRequest, id: Number) -> Any:
    """How far it is."""
    return _job(id)


@router.post("/jobs/{int:id}/stop", auth=scope("run"), response={200: JobOut, **WRONG})
@once
def stop(request: HttpRequest, id: Number) -> Any:
    """Ask it to end after what it has in hand."""
    _job(id)
    jobs.stop(id)
    return JobOut.from_orm(_job(id))
