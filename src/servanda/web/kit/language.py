"""Pages for everybody speak the reader's language; those for staff are in English alone."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

_TRANSLATED = ("/privacy/", "/enquiry/", "/consent/")


def english_for_staff(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_TRANSLATED):
            translation.activate("en")
        return get_response(request)

    return middleware
