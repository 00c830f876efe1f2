"""Sessions: where members are signed in, and how that ends.

The danger: somebody who left, or whose computer was stolen, goes on reading. What guards it:
ending a session deletes it, so the next click of that browser is a stranger's; members who are not
active are strangers as well; and where a second factor is added, every other session ends, for one
that began with a password alone must not come to count because somebody else added a factor.
Tests: tests/web/accounts/test_sessions.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from servanda import state
from servanda.web.kit.access import member_of, public
from servanda.web.models import Member


def end_all(member: Member) -> int:
    """Every session of a member; how many there were."""
    return _end(UserSession.objects.filter(user=member))


def end_others(request: HttpRequest, **_: Any) -> None:
    """A second factor was added: every session of this member but the one in which that was done.
    Connected to the signal where the application starts."""
    found = UserSession.objects.filter(user=member_of(request))
    _end(found.exclude(session_key=request.session.session_key))


def tidy(now: datetime | None = None) -> None:
    """Forget sessions that are over, and from where they were used."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        Session.objects.filter(expire_date__lte=moment).delete()
        living = Session.objects.values("session_key")
        UserSession.objects.exclude(session_key__in=living).delete()


@public
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """A member ends one of their own sessions."""
    if not request.user.is_authenticated or request.method != "POST":
        return redirect("account_login")
    found = get_object_or_404(UserSession, pk=pk, user=member_of(request))
    _end(UserSession.objects.filter(pk=found.pk))
    return redirect("usersessions_list")


def _end(found: QuerySet[UserSession]) -> int:
    with state.transaction():
        keys = list(found.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        found.delete()
    return len(keys)
