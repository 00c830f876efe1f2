"""Webhooks: evidence told to other programs as it is written. Who adds one may see evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import webhooks
from servanda.runtime import hub
from servanda.state.models import Webhook
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, DoneOut, In, Line, Number

router = Router(tags=["webhooks"])


class WebhookOut(Schema):
    """`error`: of the last failure, as a code. `stopped_at`: given up; start it again."""

    id: int
    url: str
    kinds: list[str]
    by: str
    made_at: datetime
    next_index: int
    tries: int
    failing_since: datetime | None
    error: str
    told_at: datetime | None
    stopped_at: datetime | None


class WebhookIn(In):
    """`url`: https. `kinds`: of the ledger's entries."""

    url: Line
    kinds: list[Line] = Field(max_length=200)


class WebhookMadeOut(WebhookOut):
    """`secret`: with which messages are signed; shown in this answer alone."""

    secret: str


@router.get("/webhooks", auth=scope("tokens"), response={200: list[WebhookOut], **WRONG})
def listed(request: HttpRequest) -> Any:
    """All of them."""
    return webhooks.listed()


@router.post(
    "/webhooks",
    auth=scope("tokens", also=("evidence",)),
    response={201: WebhookMadeOut, **WRONG},
)
@once
def add(request: HttpRequest, told: WebhookIn) -> Any:
    """Tell entries of these kinds from now on. Needs the scope `evidence` as well."""
    workspace = hub.workspace()
    row, secret = webhooks.add(
        told.url,
        told.kinds,
        by=by(request),
        master=workspace.master,
        inside=workspace.settings.web.webhooks_inside,
    )
    made = {name: getattr(row, name) for name in WebhookOut.model_fields}
    return Status(201, WebhookMadeOut(**made, secret=secret))


@router.post("/webhooks/{int:id}/remove", auth=scope("tokens"), response={200: DoneOut, **WRONG})
@once
def remove(request: HttpRequest, id: Number) -> Any:
    """Nothing is told there any more."""
    _there(id)
    webhooks.remove(id, by=by(request))
    return DoneOut(done="Removed.")


@router.post(
    "/webhooks/{int:id}/start-again",
    auth=scope("tokens", also=("evidence",)),
    response={200: WebhookOut, **WRONG},
)
@once
def start_again(request: HttpRequest, id: Number) -> Any:
    """Go on with one that was given up, from where it was."""
    _there(id)
    webhooks.start_again(id)
    return WebhookOut.from_orm(_there(id))


def _there(id_: int) -> Webhook:
    found = Webhook.objects.filter(pk=id_).first()
    if found is None:
        raise Http404("There is no such webhook.")
    return found
