"""The API's address and its parts. Its description in OpenAPI: /v1/openapi.json."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer

from servanda.kernel.errors import CheckFailed, ServandaError, StoreUnreachable, UsageError
from servanda.web.api import reading
from servanda.web.api.describing import Described
from servanda.web.api.limits import TooOften
from servanda.web.api.schemas import InTheWay
from servanda.web.kit.access import public

PARTS = (
    "board",
    "queue",
    "requests",
    "verifying",
    "people",
    "deciding",
    "answers",
    "recordings",
    "find",
    "letters",
    "holds",
    "plans",
    "runs",
    "forecast",
    "incidents",
    "enquiries",
    "intake",
    "callers",
    "caller_checks",
    "contacts",
    "consents",
    "stores",
    "map",
    "evidence",
    "replays",
    "access_log",
    "members",
    "tokens",
    "webhooks",
    "settings",
    "editions",
    "jobs",
)


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


api = Described(
    title="Servanda",
    version="1",
    urls_namespace="v1",
    openapi_url=None,  # see `description`
    docs_url=None,  # its pages come from somebody else's server; docs/reference/api.md is ours
    renderer=Json(),
    parser=reading.Reader(),
    description=(
        "What the console does, for programs. Send a token in `Authorization: Bearer`; calls that "
        "show people's data also need `X-Purpose`. POST calls take an `Idempotency-Key`."
    ),
)
for part in PARTS:
    api.add_router("", import_module(f"servanda.web.api.{part}").router)


def _said(request: HttpRequest, status: int, error: str, next_: str = "") -> HttpResponse:
    told = {"error": error, **({"next": next_} if next_ else {})}
    return api.create_response(request, told, status=status)


@api.exception_handler(ServandaError)
def _ours(request: HttpRequest, error: ServandaError) -> HttpResponse:
    status = 409
    if isinstance(error, UsageError | CheckFailed):
        status = 400
    elif isinstance(error, StoreUnreachable):
        status = 503
    return _said(request, status, error.what, error.remedy)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    remedy = error.remedy if isinstance(error, InTheWay) else ""
    told = _said(request, error.status_code, error.message, remedy)
    if isinstance(error, TooOften):
        told.headers["Retry-After"] = str(error.wait)
    return told


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    told = _said(request, 401, "This call needs a token that still counts.")
    told.headers["WWW-Authenticate"] = "Bearer"
    return told


@api.exception_handler(PermissionDenied)
def _refused(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return _said(request, 403, str(error) or "This token may not do that.")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _said(request, 404, str(error) or "There is nothing at this address.")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where, and what; never what was sent, which may be somebody's data."""
    wrong = [f"{_where(each['loc'])}: {each['msg']}" for each in error.errors]
    return _said(request, 422, "; ".join(wrong)[:1000])


def _where(loc: Sequence[object]) -> str:
    """`email`, `identities.0`: the field as whoever calls knows it, without our own names for the
    parts of a call."""
    part, *inner = (str(each) for each in loc)
    return ".".join(inner[1:] or inner) if part in ("body", "form") else ".".join(inner) or part


@public
def description(request: HttpRequest) -> HttpResponse:
    """What the API is: no data, so everybody may have it."""
    return HttpResponse(_description(), "application/json")


@cache
def _description() -> bytes:
    return orjson.dumps(api.get_openapi_schema(path_prefix="v1/"), option=orjson.OPT_NON_STR_KEYS)


urlpatterns = [path("openapi.json", description, name="api-description"), *api.urls[0]]
