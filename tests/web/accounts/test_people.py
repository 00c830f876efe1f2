"""People and roles: invited, changed, removed; the last owner stays, nobody raises themselves."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.internal.flows import login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from servanda import ledger
from servanda.desk import access, invitations, tokens
from servanda.desk.roles import may
from servanda.desk.tokens import SCOPES
from servanda.kernel.errors import UsageError
from servanda.runtime.workspace import Workspace
from servanda.web.accounts import people
from servanda.web.models import Member
from tests.web.conftest import PASSWORD
from tests.web.world import code, factor

Made = Callable[[str], Member]
Open = Callable[[str | Member | None], Client]


def _entries(kind: str) -> list[dict[str, object]]:
    return [dict(entry.data) for entry in ledger.history.entries(kind)]


def _seen(client: Client) -> int:
    return client.get("/console/").status_code


def _fresh(client: Client, ago: float = 1) -> Client:
    """Somebody who showed their second factor just now, or that many seconds ago."""
    session = client.session
    shown = {"method": "mfa", "at": time.time() - ago}
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [shown]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = session["_auth_user_id"]
    session.save()
    return client


def _can_sign_in(member: Member) -> bool:
    told = Client(SERVER_NAME="localhost").post(
        "/accounts/login/", {"login": member.email, "password": PASSWORD}
    )
    return told.status_code == 302 and told.headers["Location"] == "/accounts/2fa/authenticate/"


def test_the_list_shows_who_has_a_second_factor(member: Made, client: Open) -> None:
    owner, support = member("owner"), member("support")
    Authenticator.objects.filter(user=support).delete()
    _seen(mine := client(owner))
    told = mine.get("/console/people/").content.decode()
    rows = {
        n: re.search(rf"<tr><td>.{{0,80}}{n}</a>.*?</tr>", told, re.S) for n in ("Owner", "Support")
    }
    assert rows["Owner"] and "✓ yes" in rows["Owner"][0]
    assert rows["Support"] and "✗ not yet" in rows["Support"][0]
    assert "support@firm.test" in told
    seen = client("auditor").get("/console/people/").content.decode()
    assert "Support" in seen
    assert "@firm.test" not in seen
    assert "Invite somebody" not in seen
    assert client("engineer").get("/console/people/").status_code == 403


def test_the_list_asks_the_same_for_any_number(client: Open) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    mine = client("owner")
    _seen(mine)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert mine.get("/console/people/").status_code == 200
        return len(found)

    few = asked()
    for n in range(20):
        Member.objects.create_user(f"m{n}@firm.test", None, name=f"M {n}", role="auditor")
    assert asked() == few


def test_somebody_is_invited_and_joins(site: Workspace, client: Open) -> None:
    mine = _fresh(client("owner"))
    form = {"name": "Ben", "email": "ben@firm.test", "role": "support", "tenant": ""}
    told = mine.post("/console/people/invite/", form).content.decode()
    link = re.search(r'value="http://127.0.0.1:8460(/accounts/join/[\w-]+/)"', told)
    assert link is not None
    waiting = mine.get("/console/people/").content.decode()
    assert "ben@firm.test" in waiting
    assert link[1] not in waiting
    new = Client(SERVER_NAME="localhost")
    told2 = new.post(link[1], {"password": PASSWORD})
    assert told2.headers["Location"] == "/accounts/second-factor/"
    ben = Member.objects.get(email="ben@firm.test")
    assert ben.role == "support"
    assert new.get("/console/").headers["Location"] == "/accounts/second-factor/"
    assert new.get("/console/me/").headers["Location"] == "/accounts/second-factor/"
    invited, joined = _entries("member.invited")[-1], _entries("member.joined")[-1]
    assert invited["by"] == "member 1"
    assert joined["member"] == ben.by
    assert "ben" not in json.dumps([invited, joined]).lower()
    again = mine.post("/console/people/invite/", form)
    assert again.status_code == 400
    assert b"has an account already" in again.content


def test_an_open_desk_invites_nobody_until_the_second_factor_is_shown(
    member: Made, client: Open
) -> None:
    owner, support = member("owner"), member("support")
    Authenticator.objects.filter(user=owner).delete()
    secret = factor(owner)
    mine = _fresh(client(owner), ago=601)
    form = {"name": "Eve", "email": "eve@firm.test", "role": "owner", "tenant": ""}
    for address, sent in (
        ("/console/people/invite/", form),
        (f"/console/people/{support.pk}/role/", {"role": "owner"}),
        (f"/console/people/{support.pk}/second-factor/", {"why": "lost"}),
    ):
        told = mine.post(address, sent)
        assert told.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert invitations.waiting() == []
    assert Member.objects.get(pk=support.pk).role == "support"
    assert Authenticator.objects.filter(user=support).exists()
    asked = mine.post("/console/people/invite/", form).headers["Location"]
    sent = {"code": code(secret), "next": "/console/people/invite/"}
    assert b"Eve is invited" in mine.post(asked, sent).content
    assert [each.email for each in invitations.waiting()] == ["eve@firm.test"]


def test_an_invitation_is_withdrawn_and_its_neighbour_stays(site: Workspace, client: Open) -> None:
    mine = client("owner")
    one = invitations.invite("one@firm.test", "One", "auditor", by="member 1")
    two = invitations.invite("two@firm.test", "Two", "auditor", by="member 1")
    number = next(e.pk for e in invitations.waiting() if e.email == "one@firm.test")
    mine.post(f"/console/people/invitations/{number}/withdraw/")
    assert invitations.find(one) is None
    assert invitations.find(two) is not None


def test_a_customers_member_needs_a_customer_that_exists(client: Open) -> None:
    form = {"name": "C", "email": "c@else.test", "role": "customer", "tenant": ""}
    mine = _fresh(client("owner"))
    assert mine.post("/console/people/invite/", form).status_code == 400
    found = Member.objects.get(role="owner")
    other = Member.objects.create_user("o@firm.test", None, name="O", role="auditor")
    with pytest.raises(UsageError, match="needs to say which"):
        people.change(other, "customer", by=found.by)
    assert Member.objects.get(pk=other.pk).role == "auditor"


def test_a_role_is_changed_by_an_owner_only(member: Made, client: Open) -> None:
    owner, lead, support = member("owner"), member("privacy_lead"), member("support")
    address = f"/console/people/{support.pk}/role/"
    assert client(lead).post(address, {"role": "owner"}).status_code == 403
    assert client(support).post(address, {"role": "owner"}).status_code == 403
    assert Member.objects.get(pk=support.pk).role == "support"
    mine = _fresh(client(owner))
    assert mine.post(address, {"role": "king"}).status_code == 400
    assert mine.post(address, {"role": "engineer"}).status_code == 302
    assert Member.objects.get(pk=support.pk).role == "engineer"
    assert Member.objects.get(pk=lead.pk).role == "privacy_lead"
    entry = _entries("member.changed")[-1]
    told = {key: entry[key] for key in ("member", "by", "what", "role", "was")}
    expected = {"member": support.by, "by": owner.by, "what": "role"}
    assert told == {**expected, "role": "engineer", "was": "support"}
    own = mine.post(f"/console/people/{owner.pk}/role/", {"role": "auditor"})
    assert own.status_code == 400
    assert Member.objects.get(pk=owner.pk).role == "owner"


def test_tokens_end_when_their_maker_may_less(member: Made) -> None:
    owner, other = member("owner"), member("engineer")
    _, secret = tokens.make("ci", ["decide", "board"], 30, by=owner.by, role="owner")
    _, more = tokens.make("ci", ["board"], 30, by=other.by, role="engineer")
    boss = Member.objects.create_user("boss@firm.test", None, name="Boss", role="owner")
    people.change(owner, "auditor", by=boss.by)
    assert tokens.find(secret) is None
    assert tokens.find(more) is not None
    people.change(other, "owner", by=boss.by)
    assert tokens.find(more) is not None


def test_a_stated_purpose_ends_with_the_role(site: Workspace, member: Made) -> None:
    boss, lead, other = member("owner"), member("privacy_lead"), member("support")
    for each in (lead, other):
        access.begin(
            access.Reader(each.by, each.role),
            access.RIGHTS,
            "enquiry:1",
            policy=site.policy,
            lasts=timedelta(hours=1),
        )
    people.change(lead, "support", by=boss.by)
    assert access.current(lead.by, "enquiry:1") is None
    assert access.current(other.by, "enquiry:1") is not None


def test_the_last_owner_stays(site: Workspace, member: Made) -> None:
    owner, lead = member("owner"), member("privacy_lead")
    with pytest.raises(UsageError, match="last owner"):
        people.change(owner, "auditor", by="somebody")
    with pytest.raises(UsageError, match="last owner"):
        people.remove(owner, by="somebody")
    people.change(lead, "owner", by=owner.by)
    people.remove(owner, by=lead.by)
    with pytest.raises(UsageError, match="last owner"):
        people.change(lead, "auditor", by="somebody")
    secret = invitations.invite(lead.email, "Lead", "auditor", by="the command line")
    told = Client(SERVER_NAME="localhost").post(
        f"/accounts/join/{secret}/", {"password": PASSWORD + "!"}
    )
    assert b"last owner" in told.content
    assert Member.objects.get(pk=lead.pk).role == "owner"
    assert invitations.find(secret) is not None


def test_who_is_removed_is_out_at_once_everywhere(member: Made, client: Open) -> None:
    owner, leaver, neighbour = member("owner"), member("support"), member("auditor")
    desk, phone, other, mine = client(leaver), client(leaver), client(neighbour), client(owner)
    assert [_seen(each) for each in (desk, phone, other, mine)] == [200] * 4
    secret = invitations.invite(leaver.email, "S", "support", by=owner.by)
    scope = next(name for name, right in SCOPES.items() if may("owner", right))
    theirs, ours = (tokens.make("x", [scope], 9, by=m.by, role="owner")[1] for m in (leaver, owner))
    address = f"/console/people/{leaver.pk}/remove/"
    wrong = mine.post(address, {"confirm": str(neighbour.pk)})
    assert wrong.status_code == 400
    assert _seen(desk) == 200
    assert client(neighbour).post(address, {"confirm": str(leaver.pk)}).status_code == 403
    assert mine.post(address, {"confirm": str(leaver.pk)}).status_code == 302
    assert [_seen(each) for each in (desk, phone, other, mine)] == [302, 302, 200, 200]
    assert not UserSession.objects.filter(user=leaver).exists()
    assert not Authenticator.objects.filter(user=leaver).exists()
    assert Authenticator.objects.filter(user=neighbour).exists()
    assert invitations.find(secret) is None
    assert tokens.find(theirs) is None
    assert tokens.find(ours) is not None
    assert not _can_sign_in(leaver)
    assert _can_sign_in(neighbour)
    entry = _entries("member.removed")[-1]
    assert (entry["member"], entry["role"], entry["by"]) == (leaver.by, "support", owner.by)
    assert "firm.test" not in json.dumps(entry)


def test_a_second_factor_is_reset_for_a_reason(member: Made, client: Open) -> None:
    owner, loser, neighbour = member("owner"), member("support"), member("auditor")
    theirs, other, mine = client(loser), client(neighbour), _fresh(client(owner))
    assert _seen(theirs) == _seen(other) == 200
    address = f"/console/people/{loser.pk}/second-factor/"
    assert mine.post(address, {"why": "because"}).status_code == 400
    assert Authenticator.objects.filter(user=loser).exists()
    assert mine.post(address, {"why": "lost"}).status_code == 302
    assert not Authenticator.objects.filter(user=loser).exists()
    assert Authenticator.objects.filter(user=neighbour).exists()
    assert (_seen(theirs), _seen(other)) == (302, 200)
    anew = Client(SERVER_NAME="localhost")
    anew.post("/accounts/login/", {"login": loser.email, "password": PASSWORD})
    assert anew.get("/console/").headers["Location"] == "/accounts/second-factor/"
    entry = _entries("member.changed")[-1]
    assert (entry["what"], entry["why"], entry["member"]) == ("second factor", "lost", loser.by)
    own = mine.post(f"/console/people/{owner.pk}/second-factor/", {"why": "lost"})
    assert own.status_code == 400
    assert Authenticator.objects.filter(user=owner).exists()


def test_the_page_of_a_person_offers_what_may_be_done(member: Made, client: Open) -> None:
    owner, support = member("owner"), member("support")
    mine = client(owner)
    told = mine.get(f"/console/people/{support.pk}/").content.decode()
    assert f'data-confirm="{support.pk}"' in told
    assert "work on requests" not in told
    assert "answer and close enquiries" in told
    own = mine.get(f"/console/people/{owner.pk}/").content.decode()
    assert "data-confirm" not in own
    assert (
        "data-confirm"
        not in client("auditor").get(f"/console/people/{support.pk}/").content.decode()
    )
    assert mine.get("/console/people/999/").status_code == 404


def test_who_left_is_nobody_after_a_year(site: Workspace, member: Made) -> None:
    owner, gone, later, kept = (member(r) for r in ("owner", "support", "engineer", "auditor"))
    for each in gone, later:
        EmailAddress.objects.create(user=each, email=each.email, verified=True)
        people.remove(each, by=owner.by)
        assert not EmailAddress.objects.filter(user=each).exists()
    now = datetime.now(UTC)
    year = timedelta(days=365)
    Member.objects.filter(pk=later.pk).update(left_at=now + timedelta(days=1))
    assert people.forget(now + year - timedelta(minutes=1)) == 0
    assert Member.objects.get(pk=gone.pk).email == "support@firm.test"  # it can be said who it was
    assert people.forget(now + year + timedelta(minutes=1)) == 1
    row = Member.objects.get(pk=gone.pk)
    assert (row.name, row.email) == (gone.by, f"member-{gone.pk}@removed.invalid")
    for each in owner, later, kept:
        assert Member.objects.get(pk=each.pk).name == each.name
        assert Member.objects.get(pk=each.pk).email == each.email
    told = [entry["member"] for entry in _entries("member.forgotten")]
    assert told == [gone.by]
    state = site.folder / ".servanda"
    lying = [f.name for f in state.glob("state.sqlite3*") if b"support@firm.test" in f.read_bytes()]
    assert lying == []
    assert any(b"engineer@firm.test" in f.read_bytes() for f in state.glob("state.sqlite3*"))
    assert people.forget(now + year + timedelta(minutes=2)) == 0


def test_who_left_before_that_was_counted_has_a_year_from_now_on(
    site: Workspace, member: Made
) -> None:
    gone, back = member("support"), member("engineer")
    Member.objects.filter(pk__in=(gone.pk, back.pk)).update(is_active=False)
    now = datetime.now(UTC)
    assert people.forget(now) == 0
    Member.objects.filter(pk=back.pk).update(is_active=True)  # as an invitation does
    assert people.forget(now + timedelta(days=366)) == 1
    assert Member.objects.get(pk=back.pk).name == "Engineer"


def test_who_comes_back_has_not_left(site: Workspace, member: Made) -> None:
    owner, gone = member("owner"), member("support")
    people.remove(gone, by=owner.by)
    secret = people.invite(gone.email, "Support", "support", by=owner.by)
    told = Client(SERVER_NAME="localhost").post(f"/accounts/join/{secret}/", {"password": PASSWORD})
    assert told.status_code == 302
    found = Member.objects.get(pk=gone.pk)
    assert found.is_active and found.left_at is None
    assert people.forget(datetime.now(UTC) + timedelta(days=800)) == 0
