"""The preference centre: by a signed link, choices that count at once, no address shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.test import Client

from servanda.desk.consents import links
from servanda.desk.consents.gate import Question
from servanda.runtime import consents
from servanda.runtime.workspace import Workspace
from servanda.state.models import ConsentRecord
from tests.web.consent.world import JO, KIM, agreed, mark

SAYS = {"marketing.email": "on", "marketing.sms": "on", "improve.all": "on"}


def _may(shop: Workspace, email: str, purpose: str, channel: str) -> bool:
    return consents.gate(shop).ask(f"email:{email}", Question(purpose, channel)).may


def _page(shop: Workspace, email: str = JO) -> str:
    return links.preferences(shop.desk.book, mark(shop, email)).removeprefix("http://localhost")


def test_saved_choices_count_at_once_and_for_nobody_else(shop: Workspace) -> None:
    agreed(shop, JO, "phone")
    agreed(shop, KIM, "phone")
    visitor = Client(SERVER_NAME="localhost")
    assert visitor.get(_page(shop)).status_code == 200
    done = visitor.post(_page(shop), SAYS, follow=True)
    assert "Saved" in done.content.decode()
    for channel, yes in (("email", True), ("sms", True), ("phone", False)):
        assert _may(shop, JO, "marketing", channel) is yes
        assert _may(shop, KIM, "marketing", channel) is (channel == "phone")
    assert _may(shop, JO, "improve", "")
    visitor.post(_page(shop), {"stop": "1", **SAYS})
    assert not any(_may(shop, JO, "marketing", each) for each in ("email", "sms", "phone"))
    assert not _may(shop, JO, "improve", "")
    assert _may(shop, KIM, "marketing", "phone")


def test_the_page_shows_choices_history_and_receipts_but_no_address(shop: Workspace) -> None:
    made = agreed(shop, JO, "email")
    text = Client(SERVER_NAME="localhost").get(_page(shop)).content.decode()
    assert re.search(r'name="marketing.email" checked', text)
    assert re.search(r'name="marketing.sms">', text)
    assert f"/consent/receipt/{made.id}" in text
    assert "jo@" not in text
    spanish = Client(SERVER_NAME="localhost").get(_page(shop), headers={"Accept-Language": "es"})
    assert "Guardar" in spanish.content.decode()


def test_a_notice_is_the_text_that_was_shown(shop: Workspace) -> None:
    import json

    Client(SERVER_NAME="localhost").post(_page(shop), SAYS)
    data = json.loads(ConsentRecord.objects.get().data)
    assert re.fullmatch("[0-9a-f]{64}", data["notice"])
    assert (data["how"], data["language"]) == ("preferences", "en")


def test_a_form_of_another_site_changes_nothing(shop: Workspace) -> None:
    agreed(shop, JO, "email")
    forced = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert forced.post(_page(shop), {"stop": "1"}).status_code == 403
    assert _may(shop, JO, "marketing", "email")


def test_an_old_link_shows_nothing(shop: Workspace) -> None:
    agreed(shop, JO, "email")
    before = datetime.now(UTC) - timedelta(days=92)
    path = links.preferences(shop.desk.book, mark(shop), before).removeprefix("http://localhost")
    answer = Client(SERVER_NAME="localhost").post(path, {"stop": "1"})
    assert answer.status_code == 410
    assert _may(shop, JO, "marketing", "email")


def test_the_link_is_mailed_to_the_mailbox_alone(shop: Workspace) -> None:
    visitor = Client(SERVER_NAME="localhost")
    agreed(shop, JO)
    known = visitor.post("/consent/", {"email": JO}).content.decode()
    unknown = visitor.post("/consent/", {"email": KIM}).content.decode()
    token = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert token.sub("", known.replace(JO, "…")) == token.sub("", unknown.replace(KIM, "…"))
    letters = sorted(Path(shop.desk.book.settings.mail.folder).rglob("*"))
    texts = [each.read_text() for each in letters if each.is_file()]
    assert len(texts) == 2 and all("/consent/p/" in each.replace("=\n", "") for each in texts)
    for _ in range(2):
        visitor.post("/consent/", {"email": JO})
    fourth = visitor.post("/consent/", {"email": JO})
    assert fourth.status_code == 400 and "several times" in fourth.content.decode()
    assert visitor.post("/consent/", {"email": "nobody"}).status_code == 400
