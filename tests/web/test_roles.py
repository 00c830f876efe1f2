"""Members see what their role says, strangers nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from servanda.web.models import Member


def test_the_board_is_for_staff(client: Callable[[str | Member | None], Client]) -> None:
    assert client("auditor").get("/console/").status_code == 200
    assert client("customer").get("/console/").headers["Location"] == "/console/own/"
    told = client(None).get("/console/")
    assert told.status_code == 302
    assert told.headers["Location"].startswith("/accounts/login/")


def test_a_password_alone_is_not_enough(
    member: Callable[[str], Member], client: Callable[[str | Member | None], Client]
) -> None:
    from allauth.mfa.models import Authenticator

    found = member("owner")
    assert client(found).get("/console/").status_code == 200
    Authenticator.objects.filter(user=found).delete()
    told = client(found).get("/console/")
    assert told.headers["Location"] == "/accounts/second-factor/"
