"""Whose token it is, and what it may now. Without the framework of the API, for the gate."""

from __future__ import annotations

from servanda.desk import tokens
from servanda.desk.roles import May, may
from servanda.state.models import Token
from servanda.web.models import Member


def maker(token: Token) -> Member | None:
    """The member behind a token, while they are one."""
    word, _, number = token.by.partition(" ")
    if word != "member" or not number.isdecimal():
        return None
    return Member.objects.filter(pk=int(number), is_active=True).first()


def rights(token: Token, member: Member) -> frozenset[May]:
    """What a token may now: what it says, as far as its maker's role still has it."""
    said = (tokens.SCOPES[each] for each in token.scopes if each in tokens.SCOPES)
    return frozenset(each for each in said if may(member.role, each))
