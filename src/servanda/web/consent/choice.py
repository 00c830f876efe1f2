"""What a visitor chose in the banner: POST /consent/choice, from the company's own sites.

No cookie is read or set. The browser names itself with a random number it made; of that a keyed
hash is kept. The danger: records made up by strangers, or by thousands. What guards it: only sites
the policy names may send from a browser, and of each address of the network so many a minute are
taken (tests/web/consent/test_choice.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from servanda.desk.consents import Act, browser, record
from servanda.desk.consents.acts import BANNER, COOKIES
from servanda.kernel.errors import UsageError
from servanda.policy.published import COOKIE_CATEGORIES
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.kit.access import public
from servanda.web.kit.windows import Window, address

LARGEST = 4096
_KEPT_S = "600"
taken = Window(60.0)


@public
@csrf_exempt  # it comes from other sites, and no cookie of ours says anything here
def choice(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    origin = request.headers.get("Origin", "")
    if origin and not known(workspace, origin):
        return _said(403, "This site is not one of the policy's.")
    if request.method == "OPTIONS":
        return _shared(origin, HttpResponse(status=204))
    if request.method != "POST":
        answer = _said(405, "Choices are sent with POST.")
        answer.headers["Allow"] = "POST, OPTIONS"
        return answer
    wait = taken.wait(address(request), workspace.settings.consent.choices_per_minute)
    if wait:
        answer = _said(429, "Too many choices came from here.")
        answer.headers["Retry-After"] = str(wait)
        return _shared(origin, answer)
    taken.add(address(request), object())
    return _shared(origin, _taken(workspace, request))


def known(workspace: Workspace, origin: str) -> bool:
    """Whether a page of that origin may send choices: a site of the policy's, or we ourselves."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return False
    sites = workspace.policy.banner.sites if workspace.policy.banner else ()
    return parts.scheme in ("https", "http") and (
        host in sites or origin == workspace.settings.web.address
    )


def _taken(workspace: Workspace, request: HttpRequest) -> HttpResponse:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return _said(413, "A choice is smaller than that.")
    try:
        told = orjson.loads(request.body)
        act = _act(told)
        made = record(workspace.desk.book, act)
    except (orjson.JSONDecodeError, RawPostDataException, TypeError, KeyError):
        return _said(400, "That is not a choice.")
    except UsageError as error:
        return _said(422, f"{error.what[:1].upper()}{error.what[1:]}.")
    receipt = f"{workspace.settings.web.address}/consent/receipt/{made.id}"
    return HttpResponse(
        orjson.dumps({"record": made.id, "receipt": receipt}), "application/json", 201
    )


def _act(told: Any) -> Act:
    """TypeError and KeyError for what is no choice, UsageError for one the policy does not know."""
    if not isinstance(told, Mapping) or not isinstance(told["choices"], Mapping):
        raise TypeError
    texts = {name: told.get(name) or "" for name in ("how", "notice", "language", "place")}
    edition, gpc = told.get("edition"), told.get("gpc", False)
    if not all(isinstance(each, str) for each in (told["id"], *texts.values())):
        raise TypeError
    if not isinstance(gpc, bool) or not (edition is None or type(edition) is int):
        raise TypeError
    if texts["how"] not in BANNER:
        raise UsageError("that is no way in which a banner is answered")
    choices = {}
    for category, yes in told["choices"].items():
        if category not in COOKIE_CATEGORIES or not isinstance(yes, bool):
            raise UsageError("the banner asks about its own categories, with yes or no")
        if category != "necessary":
            choices[COOKIES + category] = {"": yes}
    return Act(
        browser(told["id"]),
        choices,
        texts["how"],
        notice=texts["notice"],
        edition=edition,
        language=texts["language"],
        place=texts["place"],
        gpc=gpc,
    )


def _said(status: int, error: str) -> HttpResponse:
    return HttpResponse(orjson.dumps({"error": error}), "application/json", status)


def _shared(origin: str, answer: HttpResponse) -> HttpResponse:
    """The site may read the answer."""
    patch_vary_headers(answer, ["Origin"])
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Methods"] = "POST"
        answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
        answer.headers["Access-Control-Max-Age"] = _KEPT_S
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


urls = [path("choice", choice, name="consent-choice")]
