"""The census tells what answers, and what the gate said; only of a server that is up."""

from __future__ import annotations

import json
from pathlib import Path

from servanda.desk.consents import counting
from servanda.desk.consents.gate import Answer
from servanda.runtime import consentduties
from servanda.runtime.workspace import Workspace
from servanda.state.models import Leaf
from tests.web.conftest import site, template
from tests.web.consent.conftest import _nobody_counted, shop
from tests.web.consent.world import JO, KIM, agreed, asks
from tests.web.world import Served, build_site

__all__ = ["_nobody_counted", "shop", "site", "template"]


def test_numbers_are_those_of_the_gate(shop: Workspace) -> None:
    agreed(shop, JO)
    agreed(shop, KIM)
    counting.answered(Answer(True, "consent"), 3)
    counting.answered(Answer(False, "consent", "missing"), 2)
    counting.answered(Answer(False, "objection"))
    found = consentduties.told(shop, ["gate"])
    assert (found["records"], found["people"], found["up"]) == (2, 2, ["gate"])
    assert (found["asked"], found["yes"], found["late"]) == (6, 3, 0)
    assert found["no"] == {"consent": 2, "objection": 1}
    assert "@" not in json.dumps(found)


def test_nothing_is_said_while_nothing_answers(shop: Workspace) -> None:
    consentduties.census(shop)
    assert not Leaf.objects.filter(kind="consent.census").exists()


def test_what_is_up_is_seen_from_outside(tmp_path: Path) -> None:
    folder = tmp_path / "served"
    build_site(folder)
    asks(folder)
    with Served(folder), Workspace.open(folder) as workspace:
        found = consentduties.up(workspace)
    assert {"choice", "preferences", "unsubscribe", "gate"} <= set(found)
