"""Consents for programs: record a choice, read one person's, follow all, make links for mails."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.runtime import consentdeeds, hub
from servanda.web.api.auth import by, looked, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, Count, In, Limit, Line

router = Router(tags=["consents"])
ABOUT = "consents"
_LONGEST = 1000


class ConsentStandingOut(Schema):
    purpose: str
    channel: str | None
    state: str
    until: str | None
    edition: int | None
    holds: bool


class ConsentRecordOut(Schema):
    """`states`: by `purpose/channel`. `index`: its place in the ledger."""

    record: str
    index: int
    at: str
    states: dict[str, str]
    how: str
    by: str | None
    edition: int | None
    notice: str | None
    language: str | None
    source: str | None
    note: str | None
    receipt: str


class ConsentChangeOut(ConsentRecordOut):
    identities: list[list[str]]


class ConsentPersonOut(Schema):
    identities: list[list[str]]
    standing: list[ConsentStandingOut]
    history: list[ConsentRecordOut]


class ConsentPersonIn(In):
    kind: Annotated[str, Field(pattern="^(email|phone)$")] = "email"
    value: Annotated[str, Field(min_length=1, max_length=320)]


class ConsentChoiceIn(ConsentPersonIn):
    """`choices`: purpose → channel → yes or no; the channel `""` is all. `how`: form, phone, paper,
    in_person, parent, api, requested. `notice`: SHA-256 of the text that was shown."""

    choices: Annotated[dict[str, dict[str, bool]], Field(min_length=1, max_length=50)]
    how: Annotated[str, Field(pattern="^(form|phone|paper|in_person|parent|api|requested)$")] = (
        "api"
    )
    note: Annotated[str, Field(max_length=2000)] = ""
    notice: Annotated[str, Field(max_length=64)] = ""
    source: Annotated[str, Field(max_length=64)] = ""
    age: Annotated[int | None, Field(ge=0, lt=130)] = None
    edition: Annotated[int | None, Field(ge=1, lt=1_000_000)] = None


class ConsentRecordedOut(Schema):
    record: str
    states: dict[str, str]
    index: int
    receipt: str


class ConsentLinksIn(In):
    subjects: Annotated[list[Line], Field(max_length=_LONGEST)]
    channel: Annotated[str, Field(pattern="^(email|phone|post|sms|mms)$")] = "email"


class ConsentLinksOut(Schema):
    """`headers`: the two of RFC 8058, for the mail to that person."""

    subject: str
    unsubscribe: str
    preferences: str
    headers: dict[str, str]


class ConsentCountsOut(Schema):
    """`people`: and browsers. `no`: how often the gate said no, by reason. `late`: withdrawals that
    did not count at once."""

    records: int
    people: int
    asked: int
    yes: int
    no: dict[str, int]
    late: int


@router.get("/consents", auth=scope("consents"), response={200: ConsentCountsOut, **WRONG})
def counts(request: HttpRequest) -> Any:
    """How many there are, and what the gate said so far. Nothing of a person."""
    return consentdeeds.counts()


@router.post(
    "/consents/person", auth=scope("consent", ABOUT), response={200: ConsentPersonOut, **WRONG}
)
def shown(request: HttpRequest, told: ConsentPersonIn) -> Any:
    """What one person agreed to, and all they said. A POST, so that no address of theirs stands in
    a log."""
    looked(request, "consents of a person")
    found = consentdeeds.shown(hub.workspace(), told.kind, told.value)
    return found or {"identities": [], "standing": [], "history": []}


@router.post("/consents", auth=scope("consent", ABOUT), response={201: ConsentRecordedOut, **WRONG})
@once
def put(request: HttpRequest, told: ConsentChoiceIn) -> Any:
    """Record what somebody chose: it counts in the next answer of the gate."""
    workspace = hub.workspace()
    more = told.dict(exclude={"kind", "value", "choices", "how"})
    done = consentdeeds.put(
        workspace, told.kind, told.value, told.choices, told.how, by=by(request), **more
    )
    receipt = f"{workspace.settings.web.address}/consent/receipt/{done.id}"
    return Status(
        201,
        ConsentRecordedOut(
            record=done.id, states=dict(done.states), index=done.index, receipt=receipt
        ),
    )


@router.get(
    "/consents/changes",
    auth=scope("consent", ABOUT),
    response={200: list[ConsentChangeOut], **WRONG},
)
def changes(
    request: HttpRequest,
    since: Count = 0,
    limit: Limit = 100,
) -> Any:
    """Everything people said since a place in the ledger, oldest first. `since`: one more than the
    last `index` you have. A webhook for `consent.recorded` tells when there is something new."""
    looked(request, "changes of consents")
    return consentdeeds.changes(hub.workspace(), since, limit)


@router.post("/consents/links", auth=scope("gate"), response={200: list[ConsentLinksOut], **WRONG})
def links(request: HttpRequest, told: ConsentLinksIn) -> Any:
    """Links for the mails of a mailing tool, a thousand people at once."""
    found = []
    for subject in told.subjects:
        made = consentdeeds.links_of(hub.workspace(), subject, told.channel)
        unsubscribe, preferences = made.pop("unsubscribe"), made.pop("preferences")
        found.append(
            ConsentLinksOut(
                subject=subject, unsubscribe=unsubscribe, preferences=preferences, headers=made
            )
        )
    return found
