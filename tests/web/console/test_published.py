"""The page on which the policy is published, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from servanda.desk import editions as kept
from servanda.desk import recipients
from servanda.desk.contacts import List
from servanda.ledger import history
from servanda.runtime import editions, hub
from servanda.runtime.workspace import Workspace
from servanda.state.models import RecipientObjection, RecipientProposal
from tests.web.console.publishing import add_cloud, change, first, ready

PAGE = "/console/published/"


@pytest.fixture(autouse=True)
def _ready(site: Workspace) -> None:
    ready()


def longer() -> None:
    change(lambda text: text.replace("at_most: 12 months", "at_most: 30 months", 1))


def form(**more: str) -> dict[str, str]:
    return {"digest": hub.workspace().policy.digest, "kind": "minor", **more}


def text(client: Client, where: str = PAGE) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_first_edition(client: Callable[[str], Client]) -> None:
    lead = client("privacy_lead")
    assert "Nothing is published yet" in text(lead)
    answer = lead.post(f"{PAGE}publish/", form(), follow=True)
    assert "Edition 1 is published" in answer.content.decode()
    assert "policy.yaml says what edition 1 says" in text(lead)
    shown = text(lead, f"{PAGE}1/")
    assert "1, published on" in shown
    entry = history.last("policy.published")
    assert entry is not None and entry.data["by"].startswith("member ")


def test_a_material_change(client: Callable[[str], Client]) -> None:
    first()
    longer()
    lead = client("privacy_lead")
    shown = text(lead)
    assert "Computed: this change is <strong>material" in shown and "30 months" in shown
    answer = lead.post(f"{PAGE}publish/", form(), follow=True).content.decode()
    assert "found to be material" in answer and kept.newest().number == 1  # type: ignore[union-attr]
    today = datetime.now(UTC).date()
    early = (today + timedelta(days=3)).isoformat()
    refused = lead.post(f"{PAGE}publish/", form(kind="material", binds=early), follow=True)
    assert "at the earliest" in refused.content.decode()
    lead.post(f"{PAGE}publish/", form(kind="material"))
    assert "Edition 2 is published and does not bind yet" in text(lead)
    assert [each.row.number for each in kept.standings()] == [1, 2]


def test_what_was_changed_meanwhile_is_not_published(client: Callable[[str], Client]) -> None:
    lead, told = client("privacy_lead"), form()
    longer()
    answer = lead.post(f"{PAGE}publish/", told, follow=True)
    assert "changed meanwhile" in answer.content.decode()
    assert kept.newest() is None


def test_who_may(client: Callable[[str | None], Client]) -> None:
    first()
    for role in ("engineer", "auditor"):
        someone = client(role)
        assert "Publish policy.yaml" not in text(someone)
        assert someone.post(f"{PAGE}publish/", form(rewritten="yes")).status_code == 403
        assert someone.post(f"{PAGE}review/", {}).status_code == 403
        assert someone.post(f"{PAGE}recipients/1/", {"do": "activate"}).status_code == 403
    assert client("support").get(PAGE).status_code == 403
    assert client(None).get(PAGE).status_code == 302
    assert [each.number for each in kept.listed()] == [1]


def test_a_review(client: Callable[[str], Client]) -> None:
    first(timedelta(days=400))
    lead = client("privacy_lead")
    assert "The policy was to be reviewed by" in text(lead)
    lead.post(f"{PAGE}review/", {"changes": "no"})
    assert "The policy was to be reviewed by" not in text(lead)
    due = editions.review_due(hub.workspace())
    assert due is not None and due > datetime.now(UTC) + timedelta(days=360)
    entry = history.last("policy.reviewed")
    assert entry is not None and entry.data["changes"] is False


def test_a_new_processor_waits(client: Callable[[str], Client], site: Workspace) -> None:
    first()
    add_cloud(site.folder)
    lead = client("privacy_lead")
    lead.post(f"{PAGE}publish/", form(kind="material"))
    cloud = RecipientProposal.objects.get(recipient="cloud")
    contacts = List(site.master, site.region)
    acme, best = contacts.add_customer("Acme Ltd"), contacts.add_customer("Best Ltd")
    where = f"{PAGE}recipients/{cloud.id}/"
    answer = lead.post(where, {"do": "activate"}, follow=True)
    assert "not told yet" in answer.content.decode()
    lead.post(where, {"do": "object", "customer": str(acme.id), "words": "no"})
    lead.post(where, {"do": "object", "customer": str(best.id), "words": "nor we"})
    assert RecipientObjection.objects.filter(settled_at=None).count() == 2
    shown = text(lead)
    assert "Acme Ltd objects" in shown and "nor we" not in shown
    one = RecipientObjection.objects.get(customer=acme)
    lead.post(where, {"do": "settle", "objection": str(one.id), "outcome": "withdrawn"})
    left = RecipientObjection.objects.get(settled_at=None)
    assert left.customer == best
    assert not recipients.active("cloud", datetime.now(UTC) + timedelta(days=100))
    answer = lead.post(where, {"do": "settle", "objection": "x"}, follow=True)
    assert answer.status_code == 200
    assert lead.post(where, {"do": "else"}, follow=True).status_code == 200
