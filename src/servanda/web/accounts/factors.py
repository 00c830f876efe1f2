"""Removing a passkey: never the last second factor, as with an authenticator app."""

from __future__ import annotations

from typing import cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from servanda.web.kit.access import member_of, public


@public
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login")
    key = get_object_or_404(
        Authenticator, pk=pk, user=member_of(request), type=Authenticator.Type.WEBAUTHN
    )
    if not get_adapter().can_delete_authenticator(key):
        messages.error(request, _("This is your last second factor. Add another one first."))
        return redirect("mfa_index")
    return cast("HttpResponse", views.remove_webauthn(request, pk=pk))
