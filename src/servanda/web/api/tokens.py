"""Tokens: listed, made, revoked, by a token that may.

The danger: a token that makes one which may more, or lives longer, than itself. What guards it:
both are cut to the caller's, and what is made belongs to the same member.
Tests: tests/web/api/test_no_more_than_itself.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from servanda.desk import tokens
from servanda.state.models import Token
from servanda.web.api.auth import by, only_own_rights, scope
from servanda.web.api.once import once
from servanda.web.api.schemas import WRONG, In, Line, Number

router = Router(tags=["tokens"])


class TokenOut(Schema):
    id: int
    name: str
    scopes: list[str]
    by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class TokenIn(In):
    """`days`: at most a year, and never longer than the calling token itself."""

    name: Line
    scopes: list[Line] = Field(max_length=100)
    days: Annotated[int, Field(ge=1, le=366)]


class TokenMadeOut(TokenOut):
    """`secret`: shown in this answer alone."""

    secret: str


@router.get("/tokens", auth=scope("tokens"), response={200: list[TokenOut], **WRONG})
def listed(request: HttpRequest) -> Any:
    """The newest two hundred. No secrets: there are none to show."""
    return tokens.listed()


@router.post("/tokens", auth=scope("tokens"), response={201: TokenMadeOut, **WRONG})
@once
def make(request: HttpRequest, told: TokenIn) -> Any:
    """A token of the same member, with no more scopes than this one has."""
    wanted = frozenset(tokens.SCOPES[each] for each in told.scopes if each in tokens.SCOPES)
    only_own_rights(request, wanted)
    own: Token = request.auth  # type: ignore[attr-defined]
    row, secret = tokens.make(
        told.name,
        told.scopes,
        told.days,
        by=own.by,
        role=request.member.role,  # type: ignore[attr-defined]
        until=own.expires_at,
    )
    made = {name: getattr(row, name) for name in TokenOut.model_fields}
    return Status(201, TokenMadeOut(**made, secret=secret))


@router.post("/tokens/{int:id}/revoke", auth=scope("tokens"), response={200: TokenOut, **WRONG})
@once
def revoke(request: HttpRequest, id: Number) -> Any:
    """It stops counting at once."""
    if not Token.objects.filter(pk=id).exists():
        raise Http404("There is no such token.")
    tokens.revoke(id, by=by(request))
    return TokenOut.from_orm(Token.objects.get(pk=id))
