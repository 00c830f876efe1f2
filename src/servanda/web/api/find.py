"""What lies where of one person, without a request: `servanda find`, for programs.

The danger, and what guards it: `runtime/anyone.py`. Tests: tests/web/api/test_find.py.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from servanda.runtime import anyone, hub
from servanda.web.api.auth import looked, purpose_of, scope
from servanda.web.api.people import BranchOut, PendingOut
from servanda.web.api.queue import Pair
from servanda.web.api.schemas import WRONG, In, Line

router = Router(tags=["find"])


class FindIn(In):
    """`identities`: all of one person. `tenant`: the customer on whose behalf it is asked."""

    identities: list[Pair] = Field(min_length=1, max_length=anyone.MOST_IDENTITIES)
    tenant: Line = ""


class WhereOut(Schema):
    """Counts and places, no value of a record. `complete`: every store answered, and it is clear
    who is meant. `withheld`: records that the purpose does not cover. `restricted`: requests by
    which the use of this data is restricted. `unclear`: where several people share what was given.
    `pending`: stores that did not answer. `left_out`: how many more branches there are."""

    complete: bool
    records: int
    withheld: int
    searched: list[str]
    restricted: list[str]
    unclear: list[str]
    pending: list[PendingOut]
    branches: list[BranchOut]
    left_out: int


@router.post("/find", auth=scope("find", anyone.SCOPE), response={200: WhereOut, **WRONG})
def find(request: HttpRequest, told: FindIn) -> Any:
    """Search every store for one person, now. Nothing is changed, and nothing of it is kept."""
    looked(request, anyone.LOOKED)
    identities = [(each.kind, each.value) for each in told.identities]
    tenant = told.tenant.strip() or None
    found = anyone.look(hub.workspace(), identities, purpose_of(request), tenant)
    tree = found.whole.tree
    return {
        "complete": tree.complete,
        "records": tree.records,
        "withheld": found.whole.withheld,
        "searched": tree.searched,
        "restricted": found.whole.restricted,
        "unclear": found.unclear,
        "pending": tree.pending,
        "branches": found.branches,
        "left_out": found.left_out,
    }
