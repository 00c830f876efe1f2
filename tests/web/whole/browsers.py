"""Browsers in every state that some page needs: signed in, half signed in, visiting the portal.

They are Django's clients; a real browser takes over their cookies.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from django.test import Client

from servanda.desk import invitations
from servanda.desk.portal import form, links
from servanda.desk.requests import outbox
from servanda.desk.roles import Role
from servanda.runtime import requests
from servanda.runtime.answering import Words, reply
from servanda.runtime.replies import folder
from servanda.web.models import Member
from tests.web.portal.test_contact import signed_in as own_data
from tests.web.portal.visitor import Visitor, text
from tests.web.whole.filled import PASSWORD, Filled

ANN, BOB = "ann@example.test", "bob@example.test"
_CONFIRM = re.compile(r"/privacy/confirm/([A-Z2-9-]+)")


@dataclass
class Browsers:
    """`by`: cookies by whose they are. `answered`: the request that was answered with a package;
    `follow`, `asked`: secrets of links, the second of a request that waits for an answer."""

    by: dict[str, Client]
    answered: str
    follow: str
    asked: str
    confirm: str
    join: str


def browsers(filled: Filled) -> Browsers:
    by = {"stranger": Client(SERVER_NAME="localhost")}
    for role in Role:
        by[role.value] = _signed_in(filled.members[role.value])
    newcomer = Member.objects.create_user("new@firm.test", PASSWORD, name="New", role="engineer")
    by["newcomer"] = _signed_in(newcomer)
    by["halfway"] = Client(SERVER_NAME="localhost")
    told = {"login": "auditor@firm.test", "password": PASSWORD}
    answer = by["halfway"].post("/accounts/login/", told)
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    ann, ref = _fetching(filled)
    asked, secret = _asked(filled)
    by |= {"fetching": ann.client, "asked": asked.client, **_visits(filled)}
    link = next(m for m in map(_CONFIRM.search, map(text, ann.mails("mail-0"))) if m)
    return Browsers(
        by,
        answered=ref,
        follow=links.secret_of(filled.site.desk.book, ref),
        asked=secret,
        confirm=link[1],
        join=invitations.invite("j@firm.test", "Jo", "support", by=filled.members["owner"].by),
    )


def _signed_in(member: Member) -> Client:
    """As after the sign-in: whoever signs in may change their own second factor for a while."""
    found = Client(SERVER_NAME="localhost")
    found.force_login(member)
    session = found.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(member.pk)
    session.save()
    return found


def _fetching(filled: Filled) -> tuple[Visitor, str]:
    """Somebody whose package waits, and who has just given the code."""
    site, one = filled.site, Visitor(filled.site)
    follow = one.request("access", ANN)
    ref = _ref(follow)
    site.desk.decide(ref, "act", by=filled.by)
    with requests.acting(site) as actor:
        reply(site, ref, actor, Words(), folder(site, ref), by=filled.by)
    filled.reads(filled.lead, f"request:{ref}")
    one.prove(follow, ANN, "portal-package")
    return one, ref


def _asked(filled: Filled) -> tuple[Visitor, str]:
    """Somebody whom we asked what they mean."""
    site, one = filled.site, Visitor(filled.site)
    follow = one.request("erasure", BOB)
    ref, today = _ref(follow), site.desk.book.today()
    site.desk.event(ref, "scope_asked", today, by=filled.by, note="Everything, or the calls?")
    one.prove(follow, BOB)
    return one, follow.split("/")[-2]


def _ref(follow: str) -> str:
    link = links.find(follow.split("/")[-2])
    assert link is not None
    return str(link.request_id)


def _visits(filled: Filled) -> dict[str, Client]:
    """Visitors on their way: before the code, before the last look, and with their own data."""
    site = filled.site
    way = {"who": {"email": "eve@example.test"}, "place": {"place": "GB-NIR"}}
    found = {name: Visitor(site) for name in ("asking", "correcting", "objecting", "another")}
    rights = {"asking": "access", "correcting": "rectification", "objecting": "object"}
    for name, one in found.items():
        one.post("/privacy/request/")
        relation = form.ANOTHER if name == "another" else "client"
        right = rights.get(name, "access")
        one.answer(relation={"relation": relation}, right={"right": right})
    found["asking"].answer(**way, text={"text": "Please."})
    found["asking"].post("/privacy/request/verify/")
    found["another"].answer(who={"email": BOB})
    looking = Visitor(site)
    looking.post("/privacy/request/")
    looking.answer(relation={"relation": "client"}, right={"right": "access"}, **way, text={})
    looking.post("/privacy/request/verify/")
    looking.post("/privacy/request/verify/", code=looking.code("eve@example.test"))
    assert looking.path == "/privacy/request/review/"
    mailed, own, moved = Visitor(site), Visitor(site), Visitor(site)
    mailed.post("/privacy/contact/", email=ANN)
    own_data(own, BOB)
    own_data(moved, "cid@example.test")
    moved.post("/privacy/contact/edit/", v0="Cid", v1="cid@new.test", v2="028 9000 0003")
    assert moved.path == "/privacy/contact/new/", moved.path
    found |= {"looking": looking, "mailed": mailed, "own": own, "moved": moved}
    outbox.deliver(site.desk.book)
    return {name: one.client for name, one in found.items()}
