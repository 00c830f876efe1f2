"""Every address × owner, colleague of each role, customer, stranger: only who may, may.

The addresses are walked, not listed, so a page that is added is asked as well. Whoever has no right
must be refused before anything is looked up: things that are not there give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from servanda.desk.roles import PERSONAL, May, Role, may
from servanda.web.kit.access import PUBLIC, said
from servanda.web.models import Member
from tests.web.pages import Address, addresses

MakeClient = Callable[[str | Member | None], Client]


def _login(told: object) -> bool:
    found = getattr(told, "headers", {}).get("Location", "")
    return getattr(told, "status_code", 0) == 302 and found.startswith("/accounts/login/")


def _ours() -> list[Address]:
    return [each for each in addresses() if each.ours and not each.path.startswith("/v1/")]


def test_every_view_of_ours_says_who_may_see_it() -> None:
    silent = [each.path for each in addresses() if each.ours and said(each.view) is None]
    assert silent == []
    assert len(_ours()) > 5


def test_strangers_get_what_is_public_and_nothing_else(client: MakeClient) -> None:
    wrong = []
    stranger = client(None)
    for each in _ours():
        for method in ("get", "post"):
            told = getattr(stranger, method)(each.path)
            if said(each.view) is PUBLIC:
                fine = told.status_code < 500 or told.status_code == 503
            else:
                fine = _login(told) or told.status_code == 405
            if not fine:
                wrong.append((each.path, method, told.status_code))
    assert wrong == []


def test_roles_get_what_they_may(client: MakeClient, member: Callable[[str, str], Member]) -> None:
    wrong = []
    for role in Role:
        found = member(role.value, "acme" if role is Role.CUSTOMER else "")
        signed_in = client(found)
        for each in _ours():
            right = said(each.view)
            if not isinstance(right, May):
                continue
            for method in ("get", "post"):
                found.save()  # as it was, whatever the call before did to this member
                signed_in.force_login(found)
                told = getattr(signed_in, method)(each.path)
                if told.status_code == 405:
                    continue
                allowed = may(role, right)
                if role is Role.CUSTOMER and right is May.BOARD:  # led to what is theirs instead
                    assert told.headers["Location"] == "/console/own/" and not told.content
                    continue
                if (told.status_code == 403) == allowed or _login(told) or told.status_code >= 500:
                    wrong.append((role.value, method, each.path, told.status_code))
                if allowed and right in PERSONAL:
                    asked = told.headers.get("Location", "").startswith("/console/purpose/")
                    if not asked:
                        wrong.append((role.value, method, each.path, "no purpose was asked"))
    assert wrong == []


_SETTING_UP = (
    "/accounts/2fa/",
    "/accounts/logout/",
    "/accounts/login/",
    "/accounts/reauthenticate/",
)


def test_the_pages_of_accounts_tell_strangers_of_nobody(
    client: MakeClient, member: Callable[[str], Member]
) -> None:
    found = member("owner")
    signed_in = client(found)
    assert found.email.encode() in signed_in.get("/console/me/").content  # presence
    stranger = client(None)
    for each in _theirs():
        told = stranger.get(each.path)
        assert told.status_code < 500, each.path
        assert getattr(told, "streaming", False) or found.email.encode() not in told.content


def test_without_a_second_factor_there_is_only_the_way_to_one(
    client: MakeClient, member: Callable[[str], Member]
) -> None:
    from allauth.mfa.models import Authenticator

    found = member("owner")
    Authenticator.objects.filter(user=found).delete()
    signed_in = client(found)
    for each in addresses():
        if said(each.view) is PUBLIC or each.path.startswith((*_SETTING_UP, "/v1/")):
            continue
        told = signed_in.get(each.path)
        if told.status_code == 404 and not each.ours:
            continue  # of what django-allauth has and we do not offer
        where = told.headers.get("Location", "")
        assert told.status_code == 302, (each.path, told.status_code)
        assert where == "/accounts/second-factor/", (each.path, where)
        signed_in.force_login(found)  # an address of theirs may have ended the session


def _theirs() -> list[Address]:
    return [each for each in addresses() if not each.ours]
