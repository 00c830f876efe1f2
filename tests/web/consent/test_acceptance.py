"""A person accepts a new version of the policy: it counts for them alone, from then on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from servanda.desk import editions as kept
from servanda.desk.consents import links
from servanda.desk.consents.gate import Question
from servanda.runtime import consents, editions, hub
from servanda.runtime.workspace import Workspace
from servanda.state.models import ConsentRecord
from tests.web.consent.world import JO, KIM, agreed, mark

CHANGES = "changes: {notice: 0 days, tell: [portal], consent: true}\n"
NEW = "purposes: [monitoring, "


@pytest.fixture
def published(shop: Workspace) -> Workspace:
    """Version 2 brings a purpose, and is in force."""
    path = shop.folder / "policy.yaml"
    text = path.read_text()
    if "changes:" not in text:
        text = f"{text}{CHANGES}"
    path.write_text(text)
    past = datetime.now(UTC) - timedelta(days=9)
    editions.publish(hub.workspace(), by="member 1", material=False, now=past)
    path.write_text(re.sub(r"purposes: \[(?!marketing)", NEW, text, count=1))
    editions.publish(hub.workspace(), by="member 1", material=True, now=past + timedelta(days=1))
    return hub.workspace()


def _page(site: Workspace, email: str) -> str:
    return links.preferences(site.desk.book, mark(site, email)).removeprefix("http://localhost")


def test_it_counts_for_whoever_accepted(published: Workspace) -> None:
    agreed(published, JO, "email")
    agreed(published, KIM, "email")
    current = kept.current(datetime.now(UTC))
    assert current is not None and current.number == 2 and "monitoring" in current.terms
    ask = Question("monitoring", "")
    for email in (JO, KIM):
        answer = consents.gate(published).ask(f"email:{email}", ask)
        assert (answer.may, answer.reason) == (False, "terms")
    visitor = Client(SERVER_NAME="localhost")
    shown = visitor.get(_page(published, JO)).content.decode()
    assert "Our privacy policy has changed" in shown and 'name="accept" value="2"' in shown
    for wrong in ("7", "x", ""):
        assert visitor.post(_page(published, JO), {"accept": wrong}).status_code == 400
    assert not consents.gate(published).ask(f"email:{JO}", ask).may
    done = visitor.post(_page(published, JO), {"accept": "2"}, follow=True).content.decode()
    assert "Noted" in done and 'name="accept"' not in done
    assert consents.gate(published).ask(f"email:{JO}", ask).may
    assert not consents.gate(published).ask(f"email:{KIM}", ask).may
    newest = ConsentRecord.objects.latest("entry")
    told = json.dumps([str(getattr(newest, f.attname)) for f in newest._meta.concrete_fields])
    assert "jo@" not in told
