"""What django-allauth asks us: nobody signs up by themselves, secrets of factors are sealed."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from servanda.kernel import seal
from servanda.runtime import hub

_PLACE = b"second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts begin with an invitation


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed at rest, under a key derived from the workspace's."""

    def encrypt(self, text: str) -> str:
        sealed = seal.seal(_key(), text.encode(), _PLACE)
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.unseal(_key(), base64.b64decode(encrypted_text), _PLACE).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one: an account without a second factor may see nothing anyway, but a
        stolen session must not be able to take it away."""
        kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        if authenticator.type not in kinds:
            return True
        left = Authenticator.objects.filter(user=authenticator.user, type__in=kinds)
        return bool(left.exclude(pk=authenticator.pk).exists())


def _key() -> bytes:
    return hub.workspace().master.root("second factors")
