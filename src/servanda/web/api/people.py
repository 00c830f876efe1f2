"""The person of a request: what is theirs in every store, as far as the purpose covers it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.runtime import hub, person
from servanda.runtime import requests as work
from servanda.web.api.auth import by, looked, purpose_of, refused, scope
from servanda.web.api.once import once
from servanda.web.api.requests import ABOUT, now, there
from servanda.web.api.schemas import WRONG, Count, In, Line, Number, StateOut

router = Router(tags=["requests"])


class BranchOut(Schema):
    """Records that share a way and a fate. `shown`: whether the purpose covers them; else they are
    counted, and withheld."""

    id: str
    depth: int
    collection: str
    store: str
    activity: str
    count: int
    way: str
    role: str
    goes: bool
    fate: str
    redact: list[str]
    hide: list[str]
    tenant: str
    shown: bool


class PendingOut(Schema):
    store: str
    why: str


class CandidateOut(Schema):
    """One of several people behind one address. `mark` names it, and tells nothing. `fields`: by
    which they differ, where the purpose covers them."""

    mark: str
    collection: str
    fields: dict[str, str]


class PersonOut(Schema):
    """`withheld`: records the purpose does not cover. `pending`: stores that did not answer."""

    records: int
    withheld: int
    restricted: list[str]
    pending: list[PendingOut]
    branches: list[BranchOut]
    candidates: list[CandidateOut]


class RecordsOut(Schema):
    """`records`: values by field, as text; null for what tells of somebody else."""

    branch: BranchOut
    start: int
    records: list[dict[str, str | None]]


class ChooseIn(In):
    """`marks`: of the candidates that are meant; none takes an earlier choice back."""

    marks: list[Line] = Field(max_length=1000)


@router.get(
    "/requests/{int:ref}/person", auth=scope("request", ABOUT), response={200: PersonOut, **WRONG}
)
def tree(request: HttpRequest, ref: Number) -> Any:
    """Searched for now, in every store."""
    workspace, purpose = hub.workspace(), purpose_of(request)
    view = there(ref)
    looked(request, "person's tree shown")
    whole = person.look(workspace, work.subject(view), purpose)
    return {
        "records": whole.tree.records,
        "withheld": whole.withheld,
        "restricted": whole.restricted,
        "pending": whole.tree.pending,
        "branches": whole.branches,
        "candidates": [
            {
                "mark": each.mark,
                "collection": each.collection,
                "fields": {cell.name: cell.text for cell in each.cells},
            }
            for each in person.candidates(workspace, whole, purpose)
        ],
    }


@router.get(
    "/requests/{int:ref}/person/branches/{slug:branch}",
    auth=scope("request", ABOUT),
    response={200: RecordsOut, **WRONG},
)
def records(request: HttpRequest, ref: Number, branch: str, start: Count = 0) -> Any:
    """A page of the records of one branch."""
    workspace, view = hub.workspace(), there(ref)
    whole = person.look(workspace, work.subject(view), purpose_of(request))
    found = next((each for each in whole.branches if each.id == branch), None)
    if found is None:
        raise Http404("There is nothing like that any more.")
    if not found.shown:
        raise refused(request, "records", "the purpose does not cover these records")
    looked(request, "records shown")
    shown, rows = person.records(workspace, whole, branch, start)
    return {
        "branch": shown,
        "start": start,
        "records": [
            {cell.name: None if cell.hidden else cell.text for cell in row.cells} for row in rows
        ],
    }


@router.post(
    "/requests/{int:ref}/person/choose",
    auth=scope("request", ABOUT),
    response={200: StateOut, **WRONG},
)
@once
def choose(request: HttpRequest, ref: Number, told: ChooseIn) -> Any:
    """Say who is meant, where several people share an address."""
    workspace, view = hub.workspace(), there(ref)
    only = []
    if told.marks:
        whole = person.look(workspace, work.subject(view), purpose_of(request))
        only = person.chosen(workspace, whole, told.marks)
    workspace.desk.choose(view.ref, only, by=by(request))
    return now(ref)
