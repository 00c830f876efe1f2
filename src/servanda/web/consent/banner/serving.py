"""The banner as sites fetch it: script, style, texts; and what our own server says of GPC.

Nothing here reads or sets a cookie, and every answer may be kept for a few minutes by whoever
fetches it, so a policy that changes reaches visitors within those. Other sites read these
files; nothing personal is in them.
"""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_safe

from servanda.runtime import hub
from servanda.web.consent.banner import config
from servanda.web.consent.banner.edition import shown
from servanda.web.kit.access import public

_SERVED = Path(__file__).parent / "served"
_KEPT_S = 300
_LANGUAGE = re.compile(r"[a-z]{2}")


@public
@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    policy, now = hub.workspace().policy, config.now()
    rules = config.rules(policy, shown(policy, now), now)
    return _answer(request, source(rules), "text/javascript; charset=utf-8")


@public
@require_safe
def style(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, _file("banner.css"), "text/css; charset=utf-8")


@public
@require_safe
def texts(request: HttpRequest) -> HttpResponseBase:
    workspace, now = hub.workspace(), config.now()
    asked = request.GET.get("lang", "")
    language = asked if _LANGUAGE.fullmatch(asked) else "en"
    address = workspace.settings.web.address
    told = config.texts(workspace.policy, shown(workspace.policy, now), language, address)
    return _answer(request, json.dumps(told, ensure_ascii=False), "application/json")


@public
@require_GET
def gpc(request: HttpRequest) -> HttpResponse:
    """`/.well-known/gpc.json`: this server honours Global Privacy Control."""
    told: dict[str, Any] = {"gpc": True}
    published = shown(hub.workspace().policy, config.now()).published
    if published is not None:
        told["lastUpdate"] = published.date().isoformat()
    return HttpResponse(json.dumps(told), content_type="application/json")


def source(rules: dict[str, Any]) -> str:
    """The script with the policy's rules in front."""
    literal = json.dumps(rules, separators=(",", ":")).replace("<", "\\u003c")
    return _file("banner.js").replace("$RULES$", literal, 1)


def _answer(request: HttpRequest, text: str, kind: str) -> HttpResponseBase:
    content = text.encode()
    etag = f'"{sha256(content).hexdigest()[:20]}"'
    made = HttpResponse(content, content_type=kind)
    made.headers["ETag"] = etag
    made.headers["Cache-Control"] = f"public, max-age={_KEPT_S}"
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    found = get_conditional_response(request, etag, None, made)
    assert found is not None
    for name in ("Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy", "Cache-Control"):
        found.headers[name] = made.headers[name]
    return found


@cache
def _file(name: str) -> str:
    return (_SERVED / name).read_text("utf-8")


urls = [
    path("banner.js", script, name="consent-banner"),
    path("banner.css", style, name="consent-style"),
    path("config.json", texts, name="consent-config"),
]
