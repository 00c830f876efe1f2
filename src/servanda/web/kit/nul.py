"""No text has a NUL, and PostgreSQL refuses one: who sends one is told so, and no query is asked.

The danger: a sign in a search field that a database answers with an error nobody meant to show.
What guards it: address and cookies are looked at before anything else reads them, forms before a
page does, and what programs send where it is read (`api.reading`). Tests: tests/web/test_nul.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse

_API = "/v1/"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NUL = "\x00"
_SAID = "What was sent holds a sign that no text has."


def in_address(request: HttpRequest) -> HttpResponse | None:
    """The answer to a path, a query or a cookie with one; else None."""
    asked = (each for name, values in request.GET.lists() for each in (name, *values))
    found = _any((request.path_info, *request.COOKIES.values())) or _any(asked)
    return _refusal(request) if found else None


def in_form(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form with one; else None. Programs send no forms."""
    if request.path.startswith(_API) or request.content_type not in _FORMS:
        return None
    sent = (each for name, values in request.POST.lists() for each in (name, *values))
    return _refusal(request) if _any(sent) else None


def _any(texts: Iterable[object]) -> bool:
    return any(_NUL in str(each) for each in texts)


def _refusal(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_API):
        return JsonResponse({"error": _SAID}, status=400)
    return HttpResponse(_SAID, "text/plain; charset=utf-8", status=400)
