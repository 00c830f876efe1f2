"""Every version that was published stays readable, and a change that comes is told on each page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from servanda.desk import recipients
from servanda.desk.contacts import List
from servanda.runtime import editions, hub
from servanda.runtime.workspace import Workspace
from servanda.state.models import EditionFile, RecipientObjection, RecipientProposal
from tests.web.console.publishing import add_cloud, change, first, ready

VERSIONS = "/privacy/policy/versions/"


@pytest.fixture(autouse=True)
def _ready(site: Workspace) -> None:
    ready()


@pytest.fixture
def visitor() -> Client:
    return Client(SERVER_NAME="localhost")


def second(ago: timedelta = timedelta(0)) -> None:
    change(lambda text: text.replace("at_most: 12 months", "at_most: 30 months", 1))
    now = datetime.now(UTC) - ago
    editions.publish(hub.workspace(), by="member 1", material=True, now=now)


def text(visitor: Client, where: str) -> str:
    answer = visitor.get(where)
    assert answer.status_code == 200, where
    return answer.content.decode()


def test_the_policy_page_shows_what_binds(visitor: Client) -> None:
    assert "last updated" not in text(visitor, "/privacy/policy/")
    first()
    second()
    shown = text(visitor, "/privacy/policy/")
    assert "Version 1" in shown and "last updated" in shown
    assert "30 months" not in shown and "2 years 6 months" not in shown


def test_a_change_that_comes_is_on_each_page(visitor: Client) -> None:
    first()
    pages = ("/privacy/", "/privacy/policy/", "/privacy/request/", "/privacy/board/")
    for each in pages:
        assert "Our privacy policy changes" not in text(visitor, each)
    second()
    for each in pages:
        assert "Our privacy policy changes" in text(visitor, each)
    assert f'href="{VERSIONS}2/"' in text(visitor, "/privacy/")


def test_after_its_day_it_is_the_policy(visitor: Client) -> None:
    first()
    second(timedelta(days=30))
    shown = text(visitor, "/privacy/policy/")
    assert "Version 2" in shown and "What changed with this version" in shown
    assert "Our privacy policy changes" not in shown


def test_each_version_stays_readable(visitor: Client) -> None:
    first()
    second()
    shown = text(visitor, VERSIONS)
    for number in (1, 2):
        kept = EditionFile.objects.get(edition__number=number, kind="text")
        assert kept.sha256 in shown
        assert f"{number}, published on" in text(visitor, f"{VERSIONS}{number}/")
        answer = visitor.get(f"{VERSIONS}{number}/html")
        assert answer["Content-Disposition"].startswith("inline;")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert f"{number}, published on".encode() in answer.content
        assert b"policy.css" in answer.content
        style = visitor.get(f"{VERSIONS}{number}/policy.css")
        assert style["Content-Type"].startswith("text/css") and b"{" in style.content
        pdf = visitor.get(f"{VERSIONS}{number}/pdf")
        assert pdf["Content-Disposition"].startswith("attachment;")
        assert pdf.content.startswith(b"%PDF")
    for missing in ("9/", "1/exe", "1/changes/9/"):
        assert visitor.get(f"{VERSIONS}{missing}").status_code == 404
    changes = text(visitor, f"{VERSIONS}1/changes/2/")
    assert "30 months" in changes and "1 year" in changes


def test_the_banner_asks_for_it(visitor: Client) -> None:
    change(lambda text: f"{text}banner: {{sites: [www.firm.test]}}\n")
    assert json.loads(text(visitor, "/consent/notice.json")) == {"notice": None}
    first()
    second()
    ours = visitor.get("/consent/notice.json", HTTP_ORIGIN="https://www.firm.test")
    found = ours.json()["notice"]
    assert found["edition"] == 2 and found["accept"] and "30 months" in found["changes"][0]
    assert ours["Access-Control-Allow-Origin"] == "https://www.firm.test"
    for other in ("https://evil.test", "https://www.firm.test.evil.test", "null"):
        answer = visitor.get("/consent/notice.json", HTTP_ORIGIN=other)
        assert "Access-Control-Allow-Origin" not in answer


def test_a_customer_objects_by_their_link(visitor: Client, site: Workspace) -> None:
    first()
    add_cloud(site.folder)
    editions.publish(hub.workspace(), by="member 1", material=True)
    contacts = List(site.master, site.region)
    acme, best = contacts.add_customer("Acme Ltd"), contacts.add_customer("Best Ltd")
    cloud = RecipientProposal.objects.get(recipient="cloud")
    token = recipients.link(site.master, cloud.id, acme.id)
    where = f"/privacy/objection/{token}/"
    assert "Example Cloud" in text(visitor, where)
    assert RecipientObjection.objects.count() == 0, "to open it is not to object"
    assert "on record" in visitor.post(where, {"words": "We fear it."}).content.decode()
    visitor.post(where, {"words": "again"})
    found = RecipientObjection.objects.get()
    assert (found.customer, found.by) == (acme, "link")
    assert "objects already" in text(visitor, where)
    other = recipients.link(site.master, cloud.id, best.id)
    assert "objects already" not in text(visitor, f"/privacy/objection/{other}/")
    forged = f"{cloud.id}-{best.id}-{token.rpartition('-')[2]}"
    assert visitor.get(f"/privacy/objection/{forged}/").status_code == 404
    assert visitor.post(f"/privacy/objection/{forged}/", {}).status_code == 404
