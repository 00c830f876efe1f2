"""People and roles: who there is, how they get in, what they may do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from servanda.desk import invitations
from servanda.desk.roles import GRANTS, May, Role, may
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import hub
from servanda.web.accounts import mail
from servanda.web.accounts import people as members
from servanda.web.accounts.again import shown_again
from servanda.web.kit.access import member_of, page
from servanda.web.models import Member

_WRONG = "that is not the number that was asked for"


@page(May.PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    after = request.GET.get("after", "")
    rows = members.listed(after=int(after) if after.isdecimal() and len(after) < 10 else 0)
    changes = may(member_of(request).role, May.INVITE)
    told = {
        "rows": rows,
        "more": rows[-1].member.pk if len(rows) == members.AT_ONCE else None,
        "changes": changes,
        "waiting": invitations.waiting() if changes else (),
        "roles": _roles(),
        "tenants": hub.workspace().tenants,
    }
    return render(request, "console/people.html", told)


@page(May.INVITE, methods=("POST",))
@shown_again
def invite(request: HttpRequest) -> HttpResponse:
    role, tenant = request.POST.get("role", ""), request.POST.get("tenant", "").strip()
    email = request.POST.get("email", "").strip()
    tenant = _tenant(role, tenant)
    name = request.POST.get("name", "").strip()
    secret = members.invite(email, name, role, by=member_of(request).by, tenant=tenant)
    workspace = hub.workspace()
    link = f"{workspace.settings.web.address}{reverse('join', kwargs={'secret': secret})}"
    mailed = bool(workspace.settings.mail.host) and _mailed(email, _letter(name, link))
    told = {"link": link, "name": name, "role": Role(role).label, "mailed": mailed}
    return render(request, "console/invited.html", told)


@page(May.INVITE, methods=("POST",))
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    for each in invitations.waiting():
        if each.pk == pk:
            invitations.withdraw(each.email)
            messages.success(request, f"The invitation of {each.name} is over.")
    return redirect("people")


@page(May.PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Member, pk=pk)
    (row,) = members.listed(only=member.pk)
    changes = may(member_of(request).role, May.INVITE)
    told = {
        "row": row,
        "changes": changes and member.pk != member_of(request).pk and member.is_active,
        "shows": changes,
        "roles": _roles(),
        "tenants": hub.workspace().tenants,
        "sessions": members.open_sessions(member) if changes else (),
        "rights": sorted(GRANTS[Role(member.role)]),
        "reasons": members.REASONS,
    }
    return render(request, "console/person.html", told)


@page(May.INVITE, methods=("POST",))
@shown_again
def change(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Member, pk=pk, is_active=True)
    role = request.POST.get("role", "")
    tenant = _tenant(role, request.POST.get("tenant", "").strip())
    members.change(member, role, by=member_of(request).by, tenant=tenant)
    messages.success(request, f"{member.name} is now {Role(role).label}.")
    return redirect("person", pk=pk)


@page(May.INVITE, methods=("POST",))
@shown_again
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Member, pk=pk, is_active=True)
    members.reset_factor(member, request.POST.get("why", ""), by=member_of(request).by)
    messages.success(request, f"{member.name} has to set up a new second factor.")
    return redirect("person", pk=pk)


@page(May.INVITE, methods=("POST",))
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Member, pk=pk)
    ended = members.sign_out(member, by=member_of(request).by)
    messages.success(request, f"{ended} session{'' if ended == 1 else 's'} ended.")
    return redirect("person", pk=pk)


@page(May.INVITE, methods=("POST",))
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Member, pk=pk, is_active=True)
    if request.POST.get("confirm", "").strip() != str(member.pk):
        raise UsageError(_WRONG, f"type {member.pk} to remove {member.by}")
    members.remove(member, by=member_of(request).by)
    messages.success(request, f"{member.name} is removed, and signed out everywhere.")
    return redirect("people")


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in Role]


def _tenant(role: str, tenant: str) -> str:
    """Of a customer's member only, and only a customer there is."""
    if role != Role.CUSTOMER:
        return ""
    if tenant:
        hub.workspace().check_tenant(tenant)
    return tenant


def _mailed(email: str, text: str) -> bool:
    """Whether it is on its way. If not, the link is on the page all the same."""
    try:
        mail.carry(email, "Your account of the privacy console", text)
    except ServandaError:
        return False
    return True


def _letter(name: str, link: str) -> str:
    organisation = hub.workspace().policy.organisation
    return (
        f"Hello {name},\n\nyou are invited to the privacy console of {organisation}. This link "
        f"lets you choose a password; it works once, within a week:\n\n{link}\n\n"
        "A second factor comes next: an authenticator app or a passkey.\n"
    )


urls = [
    path("people/", people, name="people"),
    path("people/invite/", invite, name="people-invite"),
    path("people/invitations/<int:pk>/withdraw/", withdraw, name="people-withdraw"),
    path("people/<int:pk>/", person, name="person"),
    path("people/<int:pk>/role/", change, name="person-role"),
    path("people/<int:pk>/second-factor/", reset, name="person-factor"),
    path("people/<int:pk>/sessions/", sign_out, name="person-sessions"),
    path("people/<int:pk>/remove/", remove, name="person-remove"),
]
