"""The shortest way to the use gate: a question about one person meets none of what pages need.

No session, no language, no form's token, no policy for browsers: the call has a token of its own
and is answered with JSON. What the long way leads to is the very same view.

The danger: something that others check is checked by nobody. What guards it: the view itself asks
who calls, and tests/web/api/test_may.py takes both ways with every kind of caller.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from servanda.kernel.errors import ServandaError
from servanda.web.api import may

PATH = "/v1/may"


def to_the_gate(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH or request.method != "GET":
            return get_response(request)
        try:
            answer: HttpResponse = may.one(request)
        except ServandaError as error:
            answer = JsonResponse({"error": str(error)}, status=502)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer

    return middleware
