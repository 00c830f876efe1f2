"""Who calls: a token in `Authorization: Bearer`, with scopes; and for what purpose it reads people.

    @router.get("/requests/{int:ref}", auth=scope("request", about="request:{ref}"))

A scope that shows people's data needs the header `X-Purpose`, one the policy declares; it is
recorded as in the console, and so is a refusal. Parts of the path that `about` names are whole
numbers (`{int:ref}`), so that one thing has one name on record.

The danger: a token that goes on when the member who made it has left, or is allowed less. What
guards it: with each call the member behind it is looked up, and a scope counts only while their
role has the right. Tests: tests/web/api/test_who_may.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from servanda.desk import access, tokens
from servanda.desk.roles import GRANTS, PERSONAL, May, Role
from servanda.runtime import hub
from servanda.state.models import Token
from servanda.web.api import limits, reading
from servanda.web.api.makers import maker, rights

ROLE = "token"
_TICKET = 100


class scope(HttpBearer):
    """`right`: the name of a right. `about`: what is read, with the names of the path's parts.
    `also`: further rights that the call needs."""

    def __init__(self, right: str, about: str = "", also: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.right = tokens.SCOPES[right]
        self.name = right
        self.about = about
        self.needs = (right, *also)
        if (self.right in PERSONAL) != bool(about):
            raise TypeError(f"{right}: a call that shows people's data says whose, no other does")

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        limits.check_address(request)
        found = tokens.find(token)
        member = maker(found) if found else None
        if found is None or member is None:
            limits.missed(request, token)
            return None
        limits.check_token(found.pk)
        reading.check_size(request)
        reading.check_address(request)
        request.rights = rights(found, member)  # type: ignore[attr-defined]
        request.member = member  # type: ignore[attr-defined]
        named = request.resolver_match.kwargs if request.resolver_match else {}
        about = self.about.format(**named) if self.about else ""
        reader = access.Reader(caller(found), ROLE)
        lacks = [each for each in self.needs if tokens.SCOPES[each] not in rights(found, member)]
        if lacks:
            if about:
                access.refuse(reader, about, "call", f"the token lacks the scope {lacks[0]}")
            raise HttpError(403, f"This token lacks the scope {lacks[0]}.")
        if about:
            request.task = _task(request, reader, about)  # type: ignore[attr-defined]
        return found


def caller(token: Token) -> str:
    """How evidence names a program."""
    return f"token {token.pk}"


def by(request: HttpRequest) -> str:
    return caller(request.auth)  # type: ignore[attr-defined]


def reader_of(request: HttpRequest) -> access.Reader:
    return access.Reader(by(request), ROLE)


def looked(request: HttpRequest, what: str) -> None:
    """Put on record what is about to be given."""
    access.read(request.task, what)  # type: ignore[attr-defined]


def refused(request: HttpRequest, what: str, why: str) -> HttpError:
    """Put on record what is not given; the error to raise. Not within a transaction."""
    task = request.task  # type: ignore[attr-defined]
    access.refuse(reader_of(request), task.scope, what, why, purpose=task.purpose)
    return HttpError(403, f"{why[:1].upper()}{why[1:]}.")


def purpose_of(request: HttpRequest) -> str:
    return str(request.task.purpose)  # type: ignore[attr-defined]


def only_own_rights(request: HttpRequest, wanted: frozenset[May]) -> None:
    """Nobody gets through a token what the token itself may not."""
    own = request.rights  # type: ignore[attr-defined]
    if not wanted - {May.OWN_TENANT} <= own:
        raise HttpError(403, "A token gives no more than it has itself.")


def only_own_role(request: HttpRequest, role: str) -> None:
    """The same, of all that a role may."""
    if role in tuple(Role):
        given = frozenset(tokens.SCOPES.values())
        only_own_rights(request, GRANTS[Role(role)] & given)


def _task(request: HttpRequest, reader: access.Reader, about: str) -> Any:
    purpose = request.headers.get("X-Purpose", "")
    policy = hub.workspace().policy
    if not purpose:
        access.refuse(reader, about, "call", "no purpose was stated")
        known = ", ".join(access.declared(policy, about))
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
