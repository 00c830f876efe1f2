"""A mail becomes a request by a click of its sender, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from servanda.desk.requests import outbox
from servanda.desk.requests.arriving import receive
from servanda.runtime.workspace import Workspace
from servanda.state.models import MailArrival, Request
from tests.desk.requests.mails import eml
from tests.web.portal.visitor import LINK, Visitor, text

Made = Callable[..., Visitor]
ANN, BOB = "ann@example.test", "bob@example.test"
CONFIRM = re.compile(r"https?://\S+(/privacy/confirm/[A-Z2-9-]+)")


def arrived(site: Workspace, one: Visitor, sender: str, words: str = "Please erase my data") -> str:
    """A mail of somebody; the path of the link that they are sent."""
    now = datetime.now(UTC)
    raw = eml(sender, "My data", words, message=sender.partition("@")[0])
    assert receive(site.desk.book, raw, now, now=now).outcome == "arrived"
    outbox.deliver(site.desk.book)
    found = [CONFIRM.search(text(each)) for each in one.mails(sender)]
    return [each for each in found if each][-1][1]


def test_a_click_confirms_and_a_look_does_not(site: Workspace, visitor: Made) -> None:
    one = visitor()
    hers, his = arrived(site, one, ANN), arrived(site, one, BOB)
    page = one.get(hers)
    assert "Delete it" in page and ANN not in page and "erase my data" not in page
    one.client.head(hers)
    assert not Request.objects.exists()
    one.post(hers)
    assert one.path.startswith("/privacy/follow/") and "Request 1" in one.last.content.decode()
    view = site.desk.get("1")
    assert view.verified and view.identities == (("email", ANN),) and view.via == "mail"
    assert MailArrival.objects.filter(state="pending").count() == 1  # Bob's waits
    first = one.path
    one.post(hers)
    assert one.path == first and Request.objects.count() == 1
    outbox.deliver(site.desk.book)
    link = LINK.search(text(one.mails(ANN)[-1]))
    assert link is not None and link[0].endswith(first)
    assert "Delete it" in one.get(his)


def test_guessing_confirms_nothing(site: Workspace, visitor: Made) -> None:
    one = visitor()
    hers = arrived(site, one, ANN)
    token = hers.rpartition("/")[2]
    for guess in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "A" * 300):
        for send in (one.client.get, one.client.post):
            assert send(f"/privacy/confirm/{guess}").status_code == 404
    assert not Request.objects.exists()


def test_without_a_right_staff_reads_it(site: Workspace, visitor: Made) -> None:
    one = visitor()
    hers = arrived(site, one, ANN, "Hello, a word about my data")
    one.post(hers)
    assert "One of us reads your mail" in one.last.content.decode()
    assert not Request.objects.exists()
