"""Whether a caller may ask the gate, and what is known of a person: with one query.

    answer = with_token(request, gate, mark)    # a refusal as a response, or what was read

What a token is never changes: whose it is, when it ends. That is remembered for a while. Whether
it was revoked, and what its maker's role still may, is read anew with each question, in the query
that reads of the person; so a revoked token ends with the next call
(tests/web/api/test_may.py). There is no limit of calls for a token: the gate is asked for every
mail that goes out. Wrong tokens are counted by address as in the API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from servanda.desk import tokens
from servanda.desk.consents.asking import Gate
from servanda.desk.roles import May, may
from servanda.web.api.makers import maker
from servanda.web.kit import windows

SCOPE = "gate"
_KEPT_S, _MOST = 60.0, 1000
_MORE = (
    ", (SELECT id FROM servanda_token WHERE id = %s AND revoked_at IS NULL),"
    " (SELECT role FROM servanda_web_member WHERE id = %s AND is_active)"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What of a token does not change; `until`: when we look anew."""

    token: int
    member: int
    expires: datetime
    scopes: tuple[str, ...]
    until: float


_known: dict[bytes, Known] = {}
_lock = threading.Lock()


def with_token(request: HttpRequest, gate: Gate, mark: str) -> Sequence[Any] | HttpResponse:
    """What the gate reads of this mark (desk.consents.asking), or why the caller may not ask."""
    told = request.META.get("HTTP_AUTHORIZATION", "")
    secret = told[7:] if told[:7].lower() == "bearer " else ""
    known = _of(request, secret)
    if isinstance(known, HttpResponse):
        return known
    found = gate.read(mark, _MORE, (known.token, known.member))
    token, role = found[3], found[4]
    if token is None or role is None or known.expires <= datetime.now(UTC):
        return _nobody(request, secret)
    if SCOPE not in known.scopes or not may(role, May.GATE):
        return said(403, f"This token lacks the scope {SCOPE}.")
    return found


def said(status: int, error: str, next_: str = "") -> HttpResponse:
    """An error as the API tells it."""
    body = {"error": error, **({"next": next_} if next_ else {})}
    return HttpResponse(orjson.dumps(body), "application/json", status)


def _of(request: HttpRequest, secret: str) -> Known | HttpResponse:
    hashed = sha256(secret.encode("utf-8", "replace")).digest()
    known = _known.get(hashed)
    if known is not None and known.until > time.monotonic():
        return known
    if wait := windows.wait(request):
        answer = said(429, "Too many calls.")
        answer.headers["Retry-After"] = str(wait)
        return answer
    row = tokens.find(secret)
    member = maker(row) if row else None
    if row is None or member is None:
        return _nobody(request, secret)
    known = Known(row.pk, member.pk, row.expires_at, tuple(row.scopes), time.monotonic() + _KEPT_S)
    with _lock:
        if len(_known) >= _MOST:
            _known.clear()
        _known[hashed] = known
    return known


def _nobody(request: HttpRequest, secret: str) -> HttpResponse:
    windows.missed(request, secret)
    answer = said(401, "This call needs a token that still counts.")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def forget() -> None:
    """For a process that serves another state now."""
    with _lock:
        _known.clear()
