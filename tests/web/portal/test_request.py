"""The form, page by page: what opens a request, what does not, and what is never kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk.portal import drafts
from servanda.runtime.workspace import Workspace
from servanda.state.models import Leaf, PortalCode, PortalDraft, PortalLink, Request
from tests.web.portal.visitor import LINK, Visitor, text

Made = Callable[..., Visitor]
ANN, BOB, NOBODY = "ann@example.test", "bob@example.test", "nobody@example.test"


def test_a_request_opens_after_its_code_and_has_a_number_and_a_day(
    site: Workspace, visitor: Made
) -> None:
    one = visitor()
    one.request("access", ANN)
    page = one.last.content.decode()
    assert "Request 1" in page and "We answer by" in page and "at the latest" in page
    view = site.desk.get("1")
    assert view.verified and view.via == "form" and view.place == "GB-NIR"
    assert view.identities == (("email", ANN),) and view.contact == ANN
    assert ANN not in page  # the link alone names nobody
    assert not PortalDraft.objects.exists()
    ways = [
        json.loads(bytes(e.entry)).get("way") for e in Leaf.objects.filter(kind="request.event")
    ]
    assert ways == ["code by mail"]


def test_nothing_opens_before_the_code(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "erasure"})
    one.answer(who={"email": BOB}, place={"place": ""}, text={"text": ""})
    one.post("/privacy/request/review/")
    assert one.path == "/privacy/request/verify/"
    one.post("/privacy/request/verify/")
    for wrong in ("AAAAA-AAAAA", "", "BBBBB-BBBBB"):
        said = one.post("/privacy/request/verify/", code=wrong)
        assert "not the code" in said
        one.post("/privacy/request/review/")
        assert one.path == "/privacy/request/verify/"
    for _ in range(2):
        one.post("/privacy/request/verify/", code="CCCCC-CCCCC")
    assert "No code is open" in one.post("/privacy/request/verify/", code=one.code())
    assert not Request.objects.exists()


def test_a_code_is_for_its_own_form(visitor: Made) -> None:
    one, two = visitor(), visitor()
    for each, mail in ((one, ANN), (two, BOB)):
        each.post("/privacy/request/")
        each.answer(relation={"relation": "client"}, right={"right": "erasure"})
        each.answer(who={"email": mail}, place={"place": ""}, text={"text": ""})
        each.post("/privacy/request/verify/")
    assert "not the code" in two.post("/privacy/request/verify/", code=one.code(ANN))
    two.post("/privacy/request/verify/", code=two.code(BOB))
    assert two.path == "/privacy/request/review/"
    assert not Request.objects.exists()


def test_a_code_does_not_prove_a_mailbox_named_after_it_was_sent(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "erasure"})
    one.answer(who={"email": "mallory@evil.test"}, place={"place": ""}, text={"text": ""})
    one.post("/privacy/request/verify/")
    code = one.code("mallory@evil.test")
    one.answer(who={"email": BOB})
    assert "not the code" in one.post("/privacy/request/verify/", code=code)
    one.post("/privacy/request/review/")
    assert one.path == "/privacy/request/verify/"
    assert not Request.objects.exists()


def test_a_changed_mailbox_needs_a_code_of_its_own(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "access"})
    one.answer(who={"email": ANN}, place={"place": ""}, text={"text": ""})
    one.post("/privacy/request/verify/")
    one.post("/privacy/request/verify/", code=one.code(ANN))
    assert one.path == "/privacy/request/review/"
    one.answer(who={"email": BOB})
    assert one.path == "/privacy/request/verify/"
    one.post("/privacy/request/review/")
    assert not Request.objects.exists()


def test_known_and_unknown_people_are_answered_the_same(visitor: Made) -> None:
    pages = []
    for mail in (ANN, NOBODY):
        one = visitor()
        one.post("/privacy/request/")
        one.answer(relation={"relation": "client"}, right={"right": "access"})
        one.answer(who={"email": mail}, place={"place": ""}, text={"text": ""})
        page = one.post("/privacy/request/verify/")
        pages.append(_plain(page.replace(mail, "…")))
        assert len(one.mails(mail)) == 1
    assert pages[0] == pages[1]


def test_a_telephone_alone_is_called_back_and_never_verified(
    site: Workspace, visitor: Made
) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "erasure"})
    one.answer(who={"phone": "028 9000 0001"}, place={"place": ""}, text={"text": ""})
    assert one.path == "/privacy/request/review/"
    assert "we call you at the number" in one.last.content.decode()
    one.post("/privacy/request/review/")
    view = site.desk.get("1")
    assert not view.verified and view.state == "received"
    assert not one.mails()


def test_a_mailbox_proves_no_telephone(site: Workspace, visitor: Made) -> None:
    """Else whoever has a mailbox could ask for the data of any number."""
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "access"})
    one.answer(
        who={"email": NOBODY, "phone": "028 9000 0002"}, place={"place": ""}, text={"text": ""}
    )
    one.post("/privacy/request/verify/")
    one.post("/privacy/request/verify/", code=one.code())
    one.post("/privacy/request/review/")
    view = site.desk.get("1")
    assert len(view.identities) == 2 and not view.verified


def test_who_acts_for_another_is_not_verified_by_their_own_mailbox(
    site: Workspace, visitor: Made
) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "agent"}, right={"right": "access"})
    one.answer(who={"email": ANN}, own={"agent": NOBODY}, place={"place": ""}, text={"text": ""})
    one.post("/privacy/request/verify/")
    assert not one.mails(ANN)
    one.post("/privacy/request/verify/", code=one.code(NOBODY))
    assert "written authority" in one.get("/privacy/request/review/")
    one.post("/privacy/request/review/")
    view = site.desk.get("1")
    assert not view.verified and view.contact == NOBODY and view.identities == (("email", ANN),)


def test_a_correction_says_what_it_should_say(site: Workspace, visitor: Made) -> None:
    visitor().request("rectification", ANN, corrections={"name": "Anne", "contact.phone": ""})
    assert site.desk.get("1").corrections == (("name", "Anne"),)


def test_an_objection_names_its_use(site: Workspace, visitor: Made) -> None:
    visitor().request("object", BOB, purpose={"purpose": "support"})
    assert site.desk.get("1").purpose == "support"


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004"]
)
def test_card_numbers_are_refused_and_never_kept(
    site: Workspace, visitor: Made, number: str
) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "complaint"})
    one.answer(who={"email": ANN}, place={"place": ""})
    one.last = one.client.post("/privacy/request/text/", {"text": f"my card {number} was used"})
    assert one.last.status_code == 400 and "card number" in one.last.content.decode()
    secret = one.client.cookies["portal"].value
    assert "text" not in drafts.read(site.desk.book, secret)["answers"]
    one.last = one.client.post("/privacy/request/text/", {"text": f"order {number[:-1]}7"})
    assert one.last.status_code == 302  # a number that is no card's


def test_a_text_is_no_longer_than_it_needs(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "access"})
    one.answer(who={"email": ANN}, place={"place": ""})
    assert one.client.post("/privacy/request/text/", {"text": "x" * 2001}).status_code == 400
    assert one.client.post("/privacy/request/text/", {"text": "x" * 2000}).status_code == 302


def test_pages_cannot_be_skipped_and_going_back_keeps_what_was_said(visitor: Made) -> None:
    one = visitor()
    one.get("/privacy/request/place/")
    assert one.path == "/privacy/request/"
    one.post("/privacy/request/")
    one.get("/privacy/request/place/")
    assert one.path == "/privacy/request/relation/"
    one.answer(relation={"relation": "caller"}, right={"right": "access"}, who={"email": ANN})
    assert ANN in one.get("/privacy/request/who/")
    assert 'value="caller" required checked' in one.get("/privacy/request/relation/").replace(
        'id="id_relation_1" ', ""
    )


def test_a_draft_is_gone_after_an_hour_and_opens_for_no_other_browser(
    site: Workspace, visitor: Made
) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "access"}, who={"email": ANN})
    secret = one.client.cookies["portal"].value
    book = site.desk.book
    assert drafts.read(book, secret)["answers"]["right"] == "access"
    raw = bytes(PortalDraft.objects.get().content)
    assert ANN.encode() not in raw and secret not in PortalDraft.objects.get().id
    assert drafts.read(book, drafts.new_secret()) == {}
    later = datetime.now(UTC) + timedelta(minutes=61)
    assert drafts.read(book, secret, later) == {}
    assert drafts.expire(datetime.now(UTC)) == 0
    assert drafts.expire(later) == 1
    assert not PortalDraft.objects.exists()
    one.get("/privacy/request/who/")
    assert one.path == "/privacy/request/"


def test_the_mail_with_the_link_leads_back(site: Workspace, visitor: Made) -> None:
    from servanda.desk.requests import outbox

    one = visitor()
    follow = one.request("access", ANN)
    outbox.deliver(site.desk.book)
    link = LINK.search(text(one.mails(ANN)[-1]))
    assert link is not None and link[0].endswith(follow)
    assert "Request 1" in visitor().get(follow)
    kept = PortalLink.objects.get()
    secret = follow.split("/")[-2]
    assert secret not in kept.hash and secret.encode() not in bytes(kept.secret)


def test_one_form_opens_one_request(visitor: Made) -> None:
    one = visitor()
    one.request("access", ANN)
    one.post("/privacy/request/review/")
    assert one.path == "/privacy/request/"
    assert Request.objects.count() == 1


def test_codes_cannot_flood_a_mailbox(visitor: Made) -> None:
    for n in range(5):
        one = visitor(REMOTE_ADDR=f"192.0.2.{n + 1}")
        one.post("/privacy/request/")
        one.answer(relation={"relation": "client"}, right={"right": "access"})
        mail = ANN.replace("@", f"+{n}@") if n % 2 else ANN  # an alias is the same mailbox
        one.answer(who={"email": mail}, place={"place": ""}, text={"text": ""})
        said = one.post("/privacy/request/verify/")
        assert ("Enough codes were mailed" in said) == (n >= 3)
    assert len(one.mails()) == 3
    two = visitor(REMOTE_ADDR="192.0.2.99")
    two.request("access", BOB)
    assert len(two.mails(BOB)) == 1


def test_codes_are_counted_by_caller_too(visitor: Made) -> None:
    one = visitor()
    one.post("/privacy/request/")
    one.answer(relation={"relation": "client"}, right={"right": "access"})
    one.answer(who={"email": "p0@x.test"}, place={"place": ""}, text={"text": ""})
    for n in range(31):
        one.answer(who={"email": f"p{n}@x.test"})
        one.post("/privacy/request/verify/")
    assert PortalCode.objects.count() == 30
    assert len(one.mails()) == 30


def test_calls_are_counted(site: Workspace, visitor: Made) -> None:
    for n in range(4):
        one = visitor()
        one.post("/privacy/request/")
        one.answer(relation={"relation": "client"}, right={"right": "access"})
        one.answer(who={"phone": f"028 9000 000{n}"}, place={"place": ""}, text={"text": ""})
        said = one.post("/privacy/request/review/")
    assert "too many requests" in said
    assert Request.objects.count() == 3


def _plain(page: str) -> str:
    """Without what differs from visit to visit."""
    import re

    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page)
