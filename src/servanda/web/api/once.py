"""`Idempotency-Key`: the same call again gets the same answer, and nothing is done twice.

The danger: a call that was cut off is sent again and opens a second request. What guards it: what
the call did and the answer to it are committed together, so after any crash either both are
there or neither (`once`). Tests: tests/web/api/test_once.py.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from ninja import Status
from ninja.errors import HttpError
from pydantic import BaseModel

from servanda import state
from servanda.kernel import seal
from servanda.runtime import hub
from servanda.state.connection import guard
from servanda.state.models import Answered


def once(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Below a router's decorator, of calls that change something in our own state alone."""
    return _wrapped(operation, _whole)


def once_apart(operation: Callable[..., Any]) -> Callable[..., Any]:
    """The same, of calls that reach beyond our own state, or whose refusals must stay on record:
    done first, and the answer kept after. Cut off in between, the call is made anew; what it
    does must refuse to be done twice."""
    return _wrapped(operation, _apart)


def _wrapped(operation: Callable[..., Any], do: Callable[..., Any]) -> Callable[..., Any]:

    @functools.wraps(operation)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> Any:
        def deed() -> Any:
            return operation(request, *args, **named)

        told = request.headers.get("Idempotency-Key", "")
        if not told:
            return do(deed, lambda found: None)
        key, call = _hash(told), _hash(f"{request.method} {request.path} ", request.body)
        earlier = _earlier(request, key, call)
        if earlier is not None:
            return earlier
        try:
            return do(deed, lambda found: _keep(request, key, call, found))
        except IntegrityError:
            earlier = _earlier(request, key, call)
            if earlier is None:
                raise
            return earlier

    # The names in annotations are those of the operation's module, not of this one.
    inner.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
    inner.servanda_once = True  # type: ignore[attr-defined]
    return inner


def _whole(deed: Callable[[], Any], keep: Callable[[Any], None]) -> Any:
    with state.transaction():
        found = deed()
        keep(found)
    return found


def _apart(deed: Callable[[], Any], keep: Callable[[Any], None]) -> Any:
    found = deed()
    with state.transaction():
        keep(found)
    return found


def _earlier(request: HttpRequest, key: str, call: str) -> HttpResponse | None:
    with guard():
        row = Answered.objects.filter(token=request.auth, key=key).first()  # type: ignore[attr-defined]
    if row is None:
        return None
    if row.call != call:
        raise HttpError(422, "This Idempotency-Key was used for another call.")
    body = seal.unseal(_key(), bytes(row.answer), key.encode())
    return HttpResponse(body, "application/json", row.status, headers={"Idempotent-Replay": "true"})


def _keep(request: HttpRequest, key: str, call: str, found: Any) -> None:
    from servanda.web.api.urls import api

    status, body = (found.status_code, found.value) if isinstance(found, Status) else (200, found)
    told = body.model_dump() if isinstance(body, BaseModel) else body
    plain = api.renderer.render(request, told, response_status=status)
    Answered.objects.create(
        token=request.auth,  # type: ignore[attr-defined]
        key=key,
        call=call,
        status=status,
        answer=seal.seal(_key(), plain.encode() if isinstance(plain, str) else plain, key.encode()),
        at=datetime.now(UTC),
    )


def _key() -> bytes:
    return hub.workspace().master.root("answers of the API")


def _hash(text: str, more: bytes = b"") -> str:
    return hashlib.sha256(text.encode() + more).hexdigest()
