"""The data map: where data lies, what it is for, who else gets it, in which country."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from servanda.inventory.datamap import DataMap, datamap
from servanda.runtime import hub
from servanda.web.api.auth import scope
from servanda.web.api.schemas import WRONG

router = Router(tags=["map"])


class ActivityOut(Schema):
    id: str
    role: str
    purposes: list[str]
    basis: str
    subjects: list[str]
    data: list[str]
    recipients: list[str]
    collections: list[str]


class MapStoreOut(Schema):
    """`personal`: categories of personal data, by collection."""

    name: str
    personal: dict[str, list[str]]


class RecipientOut(Schema):
    """`transfer`: why data may go to that country, blank where it stays at home."""

    id: str
    name: str
    kind: str
    country: str
    transfer: str
    activities: list[str]
    review: date | None
    late: bool


class MapOut(Schema):
    organisation: str
    activities: list[ActivityOut]
    stores: list[MapStoreOut]
    recipients: list[RecipientOut]


@router.get("/map", auth=scope("map"), response={200: MapOut, **WRONG})
def data_map(request: HttpRequest) -> Any:
    """From the policy and the mapping alone."""
    workspace = hub.workspace()
    today = datetime.now(workspace.zone).date()
    found = datamap(workspace.policy, workspace.configs, today)
    return {"organisation": workspace.policy.organisation, **_out(found)}


def _out(found: DataMap) -> dict[str, Any]:
    return {
        "activities": [
            {
                **{
                    n: getattr(each.activity, n)
                    for n in ActivityOut.model_fields
                    if n != "collections"
                },
                "collections": [c.id for c in each.collections],
            }
            for each in found.activities
        ],
        "stores": [
            {
                "name": store.name,
                "personal": {
                    c.id: sorted({cat for field in c.personal for cat in field.categories})
                    for c in store.collections
                },
            }
            for store in found.stores
        ],
        "recipients": [
            {
                "id": each.id,
                "name": each.recipient.name,
                "kind": each.recipient.kind,
                "country": each.country,
                "transfer": each.transfer,
                "activities": each.activities,
                "review": each.review,
                "late": each.late,
            }
            for each in found.recipients
        ],
    }
