"""An invitation is taken up: a password, and then a second factor before anything else.

The danger: a link that is guessed, or used twice. What guards it: wrong links are counted by
address and soon refused, and an invitation is used in the transaction that makes the account.
Tests: tests/web/accounts/test_joining.py.
"""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from servanda import ledger, state
from servanda.desk import invitations
from servanda.state.models import Invitation
from servanda.web.accounts import limits, people
from servanda.web.kit.access import public
from servanda.web.kit.pages import too_many
from servanda.web.models import Member


class JoinForm(forms.Form):
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Several words are easier to keep than signs.",
    )

    def __init__(self, member: Member, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.member = member

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.member)
        return password


@public
def join(request: HttpRequest, secret: str) -> HttpResponseBase:
    if limits.spent(request, "join"):
        return too_many(request)
    invitation = invitations.find(secret)
    if invitation is None:
        limits.missed(request, "join")
        return render(request, "servanda/join.html", status=404)
    there = Member.objects.filter(email=invitation.email).first()
    member = there or Member(email=invitation.email, name=invitation.name)
    form = JoinForm(member, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _joined(member, invitation, form.cleaned_data["password"])
        if Authenticator.objects.filter(user=member).exists():
            return redirect("account_login")  # an invitation stands for no second factor
        login(request, member, "allauth.account.auth_backends.AuthenticationBackend")
        record_authentication(request, member, "password", reauthenticated=True)
        return redirect("second_factor_setup")
    return render(request, "servanda/join.html", {"form": form, "invitation": invitation})


def _joined(member: Member, invitation: Invitation, password: str) -> None:
    with state.transaction():
        people.keep_an_owner(member, invitation.role)
        member.role, member.tenant, member.is_active = invitation.role, invitation.tenant, True
        member.left_at = None
        member.set_password(password)
        invitations.use(invitation)
        member.save()
        EmailAddress.objects.update_or_create(
            user=member,
            email=member.email,
            defaults={"verified": True, "primary": True},
        )
        entry = {"kind": "member.joined", "member": member.by, "role": member.role}
        ledger.append([entry])
