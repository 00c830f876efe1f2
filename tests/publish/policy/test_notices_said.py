"""What the notice check takes for granted of every published policy does stand in one.

`servanda.law.notices` looks for nothing where every document says it by its nature. Here each of
these is looked for in the barest policy there can be.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from servanda.law import notices
from servanda.policy.rules import Policy
from servanda.publish.policy import document
from servanda.publish.policy.model import Section, texts
from tests.publish.policy.world import TODAY, full

PLACES = [("GB", "GB-NIR"), ("EU", "FR"), ("KE", "KE"), ("JM", "JM"), ("PR", "PR"), ("US-CA", "US")]


def barest(country: str, place: str) -> Policy:
    """One activity on an interest of ours, one on consent; nothing that can be left out."""
    first, *_, last = full().activities
    marketing = dataclasses.replace(last, id="news", basis="consent", purposes=("marketing",))
    return Policy(
        "Example",
        country,
        "UTC",
        "privacy@example.test",
        (country, place),
        (dataclasses.replace(first, source="", automated=""), marketing),
        full().recipients,
        (),
        "",
        b"",
    )


def section(policy: Policy, id_: str) -> str:
    found = document(policy, TODAY).section(id_)
    assert found is not None, id_
    return " ".join(_said(found))


def _said(found: Section) -> list[str]:
    own = [one for block in found.blocks for one in texts(block)]
    return [*own, *(one for part in found.parts for one in (part.heading, *_said(part)))]


SHOWN: dict[str, Callable[[Policy, str], bool]] = {
    "n.controller_identity_contact": lambda p, _: p.contact in section(p, "who"),
    "n.purposes": lambda p, _: "customer support" in section(p, "data"),
    "n.legal_basis": lambda p, _: section(p, "data").count("What makes it lawful") == 2,
    "n.legitimate_interests": lambda p, _: "our interest in customer support" in section(p, "data"),
    "n.categories_of_data": lambda p, _: "call recording" in section(p, "data"),
    "n.source": lambda p, _: section(p, "data").count("Where it comes from") == 2,
    "n.recipients": lambda p, _: "Example Cloud" in section(p, "sharing"),
    "n.transfers_and_safeguards": lambda p, _: "transfer agreement" in section(p, "sharing"),
    "n.retention": lambda p, _: "At most 12 months" in section(p, "retention"),
    "n.rights": lambda p, place: place == "PR" or "copy" in section(p, "rights"),
    "n.withdraw_consent": lambda p, _: "to withdraw consent" in section(p, "rights"),
    "n.complain_controller": lambda p, _: "s.164A" in section(p, "complaints"),
    "n.complain_regulator": lambda p, _: "authority" in section(p, "complaints"),
    "n.automated_decisions": lambda p, _: "machines alone" in section(p, "automated"),
    "n.object_separately": lambda p, _: "You may object" in section(p, "object"),
    "n.sold_or_shared": lambda p, _: "We sell no personal data" in section(p, "sharing"),
}
GRANTED = sorted(
    id_
    for id_, check in notices.SAID.items()
    if check is notices.SAID["n.purposes"] or id_ in ("n.retention", "n.rights", "n.sold_or_shared")
)


def test_nothing_that_is_taken_for_granted_goes_without_a_look() -> None:
    assert set(SHOWN) == set(GRANTED)


@pytest.mark.parametrize(("place", "country"), PLACES)
def test_it_stands_in_the_barest_policy(place: str, country: str) -> None:
    policy = barest(country, place)
    ids = {each.id for each in notices.wanted(place, TODAY)} & set(SHOWN)
    assert ids
    assert [id_ for id_ in sorted(ids) if not SHOWN[id_](policy, place)] == []
