"""Members: who there are, what each may do; invited, changed, removed.

The danger: a token that makes somebody, or its own maker, more than it is itself. What guards it:
a role is only given by a token that has every right of that role, and no token touches the
member who made it. Tests: tests/web/api/test_no_more_than_itself.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError

from servanda.desk import invitations
from servanda.desk.roles import Role
from servanda.runtime import hub
from servanda.web.accounts import people
from servanda.web.api.auth import by, only_own_role, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, DoneOut, In, Limit, Line, Number, standing_in_the_way
from servanda.web.models import Member

router = Router(tags=["members"])


class MemberOut(Schema):
    """`factor`: whether a second factor is set up. `sessions`: open ones."""

    id: int
    name: str
    email: str
    role: str
    tenant: str
    active: bool
    factor: bool
    sessions: int
    seen: datetime | None


class InviteIn(In):
    """`tenant`: of a customer's member, and nobody else."""

    email: Line
    name: Line
    role: Line
    tenant: Line = ""


class InvitedOut(Schema):
    """`link`: shown once. It works once, within a week. Hand it on; nothing is mailed."""

    link: str


class RoleIn(In):
    role: Line
    tenant: Line = ""


class ResetIn(In):
    """`why`: one of the reasons that the console lists, such as `lost`."""

    why: Line


class InvitationOut(Schema):
    id: int
    name: str
    email: str
    role: str
    expires_at: datetime


class MemberStateOut(Schema):
    id: int
    role: str
    active: bool


@router.get("/members", auth=scope("people"), response={200: list[MemberOut], **WRONG})
def listed(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Limit = 100,
) -> Any:
    """By number, from `after` on."""
    return [
        {
            "id": each.member.pk,
            "name": each.member.name,
            "email": each.member.email,
            "role": each.member.role,
            "tenant": each.member.tenant,
            "active": each.member.is_active,
            "factor": each.factor,
            "sessions": each.sessions,
            "seen": each.seen,
        }
        for each in people.listed(after=after, limit=limit)
    ]


@router.post("/members/invite", auth=scope("invite"), response={201: InvitedOut, **WRONG})
@once
def invite(request: HttpRequest, told: InviteIn) -> Any:
    """A link with which somebody opens an account."""
    only_own_role(request, told.role)
    tenant = _tenant(told.role, told.tenant)
    secret = people.invite(told.email, told.name, told.role, by=by(request), tenant=tenant)
    address = hub.workspace().settings.web.address
    link = f"{address}{reverse('join', kwargs={'secret': secret})}"
    return Status(201, InvitedOut(link=link))


@router.post(
    "/members/{int:id}/role", auth=scope("invite"), response={200: MemberStateOut, **WRONG}
)
@once
def change(request: HttpRequest, id: Number, told: RoleIn) -> Any:
    """Give a member another role."""
    member = _other(request, id)
    only_own_role(request, member.role)
    only_own_role(request, told.role)
    tenant = _tenant(told.role, told.tenant)
    with standing_in_the_way():
        people.change(member, told.role, by=by(request), tenant=tenant)
    return _state(id)


@router.post(
    "/members/{int:id}/deactivate", auth=scope("invite"), response={200: MemberStateOut, **WRONG}
)
@once
def deactivate(request: HttpRequest, id: Number) -> Any:
    """Somebody leaves: at once, in every browser, and with every token of theirs."""
    member = _other(request, id)
    only_own_role(request, member.role)
    with standing_in_the_way():
        people.remove(member, by=by(request))
    return _state(id)


@router.post("/members/{int:id}/sign-out", auth=scope("invite"), response={200: DoneOut, **WRONG})
@once
def sign_out(request: HttpRequest, id: Number) -> Any:
    """End every session of a member."""
    ended = people.sign_out(_other(request, id), by=by(request))
    return DoneOut(done=f"{ended} sessions ended.")


@router.post(
    "/members/{int:id}/reset-factor",
    auth=scope("invite"),
    response={200: MemberStateOut, **WRONG},
)
@once
def reset_factor(request: HttpRequest, id: Number, told: ResetIn) -> Any:
    """Take away a member's second factors: they set up a new one before they see anything."""
    member = _other(request, id)
    only_own_role(request, member.role)
    people.reset_factor(member, told.why, by=by(request))
    return _state(id)


@router.get("/invitations", auth=scope("people"), response={200: list[InvitationOut], **WRONG})
def waiting(request: HttpRequest) -> Any:
    """Those that nobody took up yet."""
    return [
        {
            "id": each.pk,
            "name": each.name,
            "email": each.email,
            "role": each.role,
            "expires_at": each.expires_at,
        }
        for each in invitations.waiting()
    ]


@router.post(
    "/invitations/{int:id}/withdraw", auth=scope("invite"), response={200: DoneOut, **WRONG}
)
@once
def withdraw(request: HttpRequest, id: Number) -> Any:
    """Its link works no more."""
    found = next((each for each in invitations.waiting() if each.pk == id), None)
    if found is None:
        raise Http404("There is no such invitation.")
    only_own_role(request, found.role)
    invitations.withdraw(found.email)
    return DoneOut(done="The invitation is over.")


def _other(request: HttpRequest, id_: int) -> Member:
    """A member, but not the one behind the token."""
    found = Member.objects.filter(pk=id_, is_active=True).first()
    if found is None:
        raise Http404("There is no such member.")
    if found.pk == request.member.pk:  # type: ignore[attr-defined]
        raise HttpError(409, "No token touches the member who made it.")
    return found


def _tenant(role: str, tenant: str) -> str:
    if role != Role.CUSTOMER:
        return tenant
    if tenant:
        hub.workspace().check_tenant(tenant)
    return tenant


def _state(id_: int) -> MemberStateOut:
    found = Member.objects.get(pk=id_)
    return MemberStateOut(id=found.pk, role=found.role, active=found.is_active)
