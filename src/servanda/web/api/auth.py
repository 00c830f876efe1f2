"""Who calls: a token in `Authorization: Bearer`, with scopes; and for what purpose it reads people.

    @router.get("/requests/{ref}", auth=scope("request", about="request:{ref}"))

A scope that shows people's data needs the header `X-Purpose`, one the policy declares; it is
recorded as in the console, and so is a refusal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from servanda.desk import access, tokens
from servanda.desk.roles import PERSONAL
from servanda.runtime import hub
from servanda.state.models import Token

ROLE = "token"


class scope(HttpBearer):
    """`right`: the name of a right. `about`: what is read, with the names of the path's parts."""

    def __init__(self, right: str, about: str = "") -> None:
        super().__init__()
        self.right = tokens.SCOPES[right]
        self.name = right
        self.about = about
        if (self.right in PERSONAL) != bool(about):
            raise TypeError(f"{right}: a call that shows people's data says whose, no other does")

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = tokens.find(token)
        if found is None:
            return None
        by = caller(found)
        named = request.resolver_match.kwargs if request.resolver_match else {}
        about = self.about.format(**named) if self.about else ""
        reader = access.Reader(by, ROLE)
        if self.name not in found.scopes:
            if about:
                access.refuse(reader, about, "call", f"the token lacks the scope {self.name}")
            raise HttpError(403, f"This token lacks the scope {self.name}.")
        if about:
            request.task = _task(request, reader, about)  # type: ignore[attr-defined]
        return found


def caller(token: Token) -> str:
    """How evidence names a program."""
    return f"token {token.pk}"


def by(request: HttpRequest) -> str:
    return caller(request.auth)  # type: ignore[attr-defined]


def looked(request: HttpRequest, what: str) -> None:
    """Put on record what is about to be given."""
    access.read(request.task, what)  # type: ignore[attr-defined]


def _task(request: HttpRequest, reader: access.Reader, about: str) -> Any:
    purpose = request.headers.get("X-Purpose", "")
    policy = hub.workspace().policy
    if not purpose:
        known = ", ".join(access.declared(policy))
        raise HttpError(403, f"Say what for, with the header X-Purpose: one of {known}.")
    task = access.current(reader.by, about)
    if task is not None and task.purpose == purpose:
        return task
    try:
        return access.begin(
            reader,
            purpose,
            about,
            policy=policy,
            lasts=timedelta(seconds=settings.SERVANDA_TASK_SECONDS),
            ticket=request.headers.get("X-Ticket", "").strip(),
        )
    except access.Refused as error:
        raise HttpError(403, str(error)) from None
