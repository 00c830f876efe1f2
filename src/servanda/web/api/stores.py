"""Stores: whether they answer, whether they are still what the mapping says, what they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from servanda.runtime import hub, jobs, look, storehealth
from servanda.runtime.storehealth import CollectionState, StoreState
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, JobOut

router = Router(tags=["stores"])


class CollectionOut(Schema):
    """`wrong`: why it is only read, or blank. `counts`: of the last recount, at `counted_at`."""

    id: str
    activity: str | None
    exempt: str | None
    wrong: str
    counts: dict[str, Any]
    counted_at: datetime | None


class StoreOut(Schema):
    """`answers`: null where nobody looked yet. `changed`: its shape is another one than before.
    `undeclared`: names the mapping does not know."""

    name: str
    address: str
    mode: str
    answers: bool | None
    changed: bool
    unreachable_at: datetime | None
    recounted: datetime | None
    undeclared: list[str]
    collections: list[CollectionOut]


@router.get("/stores", auth=scope("stores"), response={200: list[StoreOut], **WRONG})
def listed(request: HttpRequest) -> Any:
    """Every store, in the order of stores.yaml; from evidence, nothing is opened."""
    return [_out(each) for each in storehealth.states(hub.workspace())]


@router.post("/stores/look", auth=scope("make_plan"), response={202: JobOut, **WRONG})
@once
def look_now(request: HttpRequest) -> Any:
    """Look at every store now. It reads from every store as a plan does."""
    job = jobs.ask("look", {}, about=look.ABOUT, by=by(request))
    return Status(202, JobOut.from_orm(job))


@router.get("/stores/of/{str:name}", auth=scope("stores"), response={200: StoreOut, **WRONG})
def one(request: HttpRequest, name: str) -> Any:
    """One of them."""
    found = next((e for e in storehealth.states(hub.workspace()) if e.name == name), None)
    if found is None:
        raise Http404("There is no such store.")
    return _out(found)


def _out(state: StoreState) -> dict[str, Any]:
    return {
        "name": state.name,
        "address": state.address,
        "mode": state.config.mode,
        "answers": state.answers,
        "changed": state.changed,
        "unreachable_at": state.unreachable_at,
        "recounted": state.recounted,
        "undeclared": [name for name, _ in state.undeclared],
        "collections": [_collection(each) for each in state.collections],
    }


def _collection(state: CollectionState) -> dict[str, Any]:
    return {
        "id": state.id,
        "activity": state.activity,
        "exempt": state.exempt,
        "wrong": state.wrong,
        "counts": state.counts,
        "counted_at": state.recount.at if state.recount else None,
    }
