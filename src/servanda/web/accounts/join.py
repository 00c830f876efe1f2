"""An invitation is taken up: a password, and then a second factor before anything else."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from servanda import ledger, state
from servanda.desk import invitations
from servanda.state.models import Invitation
from servanda.web.kit.access import public
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
def join(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = invitations.find(secret)
    if invitation is None:
        return render(request, "servanda/join.html", status=404)
    there = Member.objects.filter(email=invitation.email).first()
    member = there or Member(email=invitation.email, name=invitation.name)
    form = JoinForm(member, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _joined(member, invitation, form.cleaned_data["password"])
        if Authenticator.objects.filter(user=member).exists():
            return redirect("account_login")  # an invitation stands for no second factor
        login(request, member, "allauth.account.auth_backends.AuthenticationBackend")
        return redirect("second_factor_setup")
    return render(request, "servanda/join.html", {"form": form, "invitation": invitation})


def _joined(member: Member, invitation: Invitation, password: str) -> None:
    member.role, member.tenant, member.is_active = invitation.role, invitation.tenant, True
    member.set_password(password)
    with state.transaction():
        invitations.use(invitation)
        member.save()
        EmailAddress.objects.update_or_create(
            user=member,
            email=member.email,
            defaults={"verified": True, "primary": True},
        )
        entry = {"kind": "member.joined", "member": member.by, "role": member.role}
        ledger.append([entry])
