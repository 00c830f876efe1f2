"""Published versions of the policy: which there are, what changed, and publish the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from servanda.desk import editions as kept
from servanda.kernel.errors import UsageError
from servanda.runtime import editions, hub
from servanda.state.models import Edition
from servanda.web.api.auth import by, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, In, Line, standing_in_the_way

router = Router(tags=["editions"])


class EditionOut(Schema):
    """`binds_at`: the day that was said; `bound`: it is in force, or was. `outstanding`: ways by
    which it has to be told and is not. `reasons`: why it is material. `asks`: its new terms count
    only for who accepts them; `terms`: purposes among those."""

    number: int
    digest: str
    sha256: str
    language: str
    published_at: datetime
    binds_at: datetime
    bound: bool
    outstanding: list[str]
    material: bool
    reasons: list[str]
    overruled: str
    asks: bool
    terms: list[str]
    entry: int | None


class EditionFileOut(EditionOut):
    """`forms`: in which it was published; `text`: what people read."""

    forms: list[str]
    text: str


class ChangeOut(Schema):
    about: str
    says: str
    material: bool
    reasons: list[str]


class ChangesOut(Schema):
    material: bool
    changes: list[ChangeOut]


class PublishIn(In):
    """`confirm`: what you say of the change; `reason`: a reason where that is not what was
    computed. `binds`: a day, as 2026-03-31; blank: as early as was promised."""

    confirm: Literal["material", "minor"]
    binds: Line = ""
    reason: Line = ""
    note: Line = ""
    rewritten: bool = False


def _shown(each: kept.Standing) -> dict[str, Any]:
    now = datetime.now(UTC)
    names = ("number", "digest", "sha256", "language", "published_at", "binds_at", "material")
    more = ("reasons", "overruled", "asks", "terms", "entry")
    found = {name: getattr(each.row, name) for name in (*names, *more)}
    return {**found, "bound": each.bound(now), "outstanding": list(each.outstanding)}


@router.get("/editions", auth=scope("settings"), response={200: list[EditionOut], **WRONG})
def listed(request: HttpRequest) -> Any:
    """Every edition, the newest first."""
    return [_shown(each) for each in kept.standings()[::-1]]


@router.get(
    "/editions/{int:number}", auth=scope("settings"), response={200: EditionFileOut, **WRONG}
)
def one(request: HttpRequest, number: int) -> Any:
    """One edition, with its text as it was published."""
    row = _there(number)
    standing = next(each for each in kept.standings() if each.row.number == number)
    text = kept.file(number, "text", row.language).decode()
    return {**_shown(standing), "forms": kept.kinds(number, row.language), "text": text}


@router.get(
    "/editions/{int:number}/diff/{int:other}",
    auth=scope("settings"),
    response={200: ChangesOut, **WRONG},
)
def diff(request: HttpRequest, number: int, other: int) -> Any:
    """What changed from one edition to another, in plain words."""
    _there(number), _there(other)
    found = kept.between(number, other)
    return {
        "material": any(each.material for each in found),
        "changes": [
            {
                "about": each.about,
                "says": each.says,
                "material": each.material,
                "reasons": list(each.reasons),
            }
            for each in found
        ],
    }


@router.post("/editions", auth=scope("publish"), response={201: EditionOut, **WRONG})
@once
def publish(request: HttpRequest, told: PublishIn) -> Any:
    """Publish policy.yaml as it is now. 409 where the computation says otherwise than you, or the
    day lies before the notice is over."""
    workspace = hub.workspace()
    binds_at = editions.day(workspace, told.binds) if told.binds else None
    with standing_in_the_way():
        row = editions.publish(
            workspace,
            by=by(request),
            material=told.confirm == "material",
            binds_at=binds_at,
            overruled=told.reason,
            note=told.note,
            rewritten=told.rewritten,
        )
    found = next(each for each in kept.standings() if each.row.number == row.number)
    return Status(201, _shown(found))


def _there(number: int) -> Edition:
    try:
        return kept.get(number)
    except UsageError:
        raise Http404("There is no such edition.") from None
