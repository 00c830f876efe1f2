"""What django-allauth asks us: nobody signs up by themselves, secrets of factors are sealed.

The danger: guesses without end, a link in a mail that leads elsewhere, a factor changed by a
stolen session. What guards it: attempts are counted by account whatever host name they used, links
carry the configured address, and who has a second factor shows it before changing one.
Tests: tests/web/accounts.
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from servanda.kernel import seal
from servanda.runtime import hub

_PLACE = b"second factor"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # accounts begin with an invitation

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The configured address: the request's own host name is the caller's word."""
        uid, _, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret})
        return f"{settings.SERVANDA_ADDRESS}{path}"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count for an account, whichever of our host names is used."""
        return f"login:{credentials.get('email', '').lower()}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor shows it; a password alone is for who has none yet."""
        found = super().get_reauthentication_methods(user)
        factors = [each for each in found if each["id"].startswith("mfa_reauthenticate")]
        return factors or found

    def send_notification_mail(self, *args: Any, **named: Any) -> None:
        """That a password or a factor changed; where no mail is set, there is nobody to carry."""
        if hub.workspace().settings.mail.host:
            super().send_notification_mail(*args, **named)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: Any) -> tuple[Any, str] | None:
        """Who was removed is nobody here, and nothing of them is stored again."""
        found = super().authenticate_by_email(sociallogin)
        return found if found and found[0].is_active else None


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed at rest, under a key derived from the workspace's."""

    def encrypt(self, text: str) -> str:
        sealed = seal.seal(_key(), text.encode(), _PLACE)
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.unseal(_key(), base64.b64decode(encrypted_text), _PLACE).decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """A name to begin with, until its owner gives a better one."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Passkey {number}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one: an account without a second factor may see nothing anyway, but a
        stolen session must not be able to take it away."""
        if authenticator.type not in FACTORS:
            return True
        left = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        return bool(left.exclude(pk=authenticator.pk).exists())


def _key() -> bytes:
    return hub.workspace().master.root("second factors")
