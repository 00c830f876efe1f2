"""The data map says whose country, why data may leave, and which contract is late."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from datetime import date

import pytest

from servanda.inventory.datamap import DataMap, datamap
from servanda.inventory.mapdrawing import svg
from servanda.policy.reading import loads
from servanda.stores.mapping import Clock, Collection, Column, Field, StoreConfig

POLICY = b"""
servanda: 1
organisation: {name: "Tom & <Jerry>", country: GB, contact: privacy@tj.test, zone: UTC}
recipients:
  near: {name: Near Ltd, kind: processor, country: GB}
  eu:
    {name: EU GmbH, kind: processor, country: DE,
     contract: {signed: 2024-01-10, review: 12 months}}
  far: {name: Far Inc, kind: subprocessor, country: US, transfer: idta}
activities:
  sales:
    purposes: [billing]
    basis: contract
    subjects: [client]
    data: [name]
    recipients: [near, far]
    retain: {at_most: 1 year, after: created, then: delete}
  calls:
    purposes: [support]
    basis: legitimate_interest
    subjects: [caller]
    data: [contact.phone]
    recipients: [eu, far]
    retain: {at_most: 1 year, after: created, then: delete}
"""


def _collection(store: str, name: str, activity: str | None) -> Collection:
    clock = Clock("created", Column("made"))
    fields = (Field("who", Column("who"), ("name",)),)
    return Collection(store, name, name, activity, ("id",), (clock,), fields)


@pytest.fixture
def found() -> DataMap:
    policy = loads(POLICY, today="2026-01-01").require()
    configs = (
        StoreConfig("crm", "x", collections=(_collection("crm", "orders", "sales"),)),
        StoreConfig(
            "pbx",
            "x",
            collections=(_collection("pbx", "cdr", "calls"), _collection("pbx", "bill", "sales")),
        ),
    )
    return datamap(policy, configs, date(2026, 1, 1))


def test_recipients_with_country_transfer_and_contract(found: DataMap) -> None:
    near, eu, far = found.recipients
    assert (near.country, near.transfer, near.late) == ("United Kingdom", "", False)
    assert (eu.country, eu.review, eu.late) == ("Germany", date(2025, 1, 10), True)
    assert eu.transfer.startswith("UK GDPR article 45A")
    assert far.transfer == "international data transfer agreement"
    assert far.activities == ("sales", "calls")
    assert found.transfers == (eu, far)


def test_activities_lie_in_every_store_that_serves_them(found: DataMap) -> None:
    assert {each.activity.id: each.stores for each in found.activities} == {
        "sales": ("crm", "pbx"),
        "calls": ("pbx",),
    }


def test_the_drawing_has_a_line_for_each_tie_and_no_style(found: DataMap) -> None:
    drawn = svg(found, {"crm": "<b>1</b> collection"}, {"pbx"}, "Map of Tom & <Jerry>")
    tree = ET.fromstring(drawn)
    paths = [each for each in tree.iter() if each.tag.endswith("path") or each.tag == "path"]
    assert len(paths) == 3 + 4
    assert sum("abroad" in each.attrib["class"] for each in paths) == 3
    assert "style" not in drawn.replace("</style>", "")
    texts = "".join(tree.itertext())
    assert "! pbx" in texts and "! crm" not in texts
    assert "<b>1</b> collection" in texts, "what a policy says stays text"


def test_boxes_do_not_lie_on_each_other(found: DataMap) -> None:
    tree = ET.fromstring(svg(found, {}, set(), "t"))
    places = [
        (float(each.attrib["x"]), float(each.attrib["y"]))
        for each in tree.iter()
        if each.tag == "rect"
    ]
    assert len(places) == len(set(places)) == 7
    for x in {x for x, _ in places}:
        rows = sorted(y for other, y in places if other == x)
        assert all(b - a >= 46 for a, b in itertools.pairwise(rows))
