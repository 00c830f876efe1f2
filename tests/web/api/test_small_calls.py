"""Calls that the console has as buttons: factors, invitations, telephone codes, lists."""

from __future__ import annotations

from collections.abc import Callable

from servanda.desk import invitations
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from tests.web.api.conftest import Call
from tests.web.api.world import filled

PURPOSE = {"X-Purpose": "rights"}


def test_a_second_factor_is_reset_for_a_reason(
    call: Call, site: Workspace, member: Callable[[str], Member]
) -> None:
    from allauth.mfa.models import Authenticator

    lost, kept = member("engineer"), member("support")
    assert call("POST", f"/members/{lost.pk}/reset-factor", {"why": "so"}).status_code == 400
    assert call("POST", f"/members/{lost.pk}/reset-factor", {"why": "lost"}).status_code == 200
    assert not Authenticator.objects.filter(user=lost).exists()
    assert Authenticator.objects.filter(user=kept).exists()


def test_an_invitation_is_withdrawn(call: Call, site: Workspace) -> None:
    secrets = [
        invitations.invite(f"{name}@firm.test", name, "support", by="x") for name in ("ann", "bob")
    ]
    ids = {each["email"]: each["id"] for each in call("GET", "/invitations").json()}
    assert call("POST", f"/invitations/{ids['ann@firm.test']}/withdraw").status_code == 200
    assert call("POST", f"/invitations/{ids['ann@firm.test']}/withdraw").status_code == 404
    assert [invitations.find(each) is not None for each in secrets] == [False, True]


def test_a_code_is_read_out_on_the_telephone(call: Call, site: Workspace) -> None:
    there = filled(site)
    ref = there.requests[1]
    code = call("POST", f"/requests/{ref}/verify/phone-code", **PURPOSE).json()["code"]
    told = call("POST", f"/requests/{ref}/verify/code", {"code": code}, **PURPOSE)
    assert told.json()["state"] == "verified"


def test_a_list_of_contacts_is_taken_in(call: Call, site: Workspace) -> None:
    there = filled(site)
    path = f"/customers/{there.customer}/contacts"
    csv = "name,phone\nDora Speaker,028 9000 0066\nEmil Speaker,028 9000 0077\n"
    done = call("POST", f"{path}/import", {"csv": csv}, **PURPOSE)
    assert done.json() == {"added": 2, "known": 0}
    again = call("POST", f"{path}/import", {"csv": csv}, **PURPOSE)
    assert again.json() == {"added": 0, "known": 2}
    wrong = call("POST", f"{path}/import", {"csv": "nobody\nx\n"}, **PURPOSE)
    assert wrong.status_code == 400
    assert len(call("GET", path, **PURPOSE).json()) == 3
