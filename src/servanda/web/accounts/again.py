"""Who gives others a way in shows their second factor first, unless they did so just now.

The danger: an open desk, or a stolen session, from which somebody invites themselves. What guards
it: the deed waits until the second factor is shown, and is then done. Test:
tests/web/accounts/test_people.py.
"""

from __future__ import annotations

import functools
import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from servanda.web.kit.access import View


def shown_again(view: View) -> View:
    """Under `@page`: what was sent is kept, and done once the second factor was shown."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if not _lately(request):
            raise ReauthenticationRequired
        return view(request, *args, **named)

    return inner


def _lately(request: HttpRequest) -> bool:
    """At sign-in, or since."""
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(each.get("method") == "mfa" and each.get("at", 0) > since for each in records)
