"""Records that are not, or not surely, the person's to have erased: a customer's, a namesake's, or
those they only saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.plan.find import Subject
from servanda.plan.requests import Wish
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, planned, wish
from tests.plan.requests.reading import acts, change, host, keys, opened, sql, stays

CLIENTS, ORDERS, CALLS = "crm.clients", "crm.orders", "pbx.calls"
ANNS_OWN = {
    (CLIENTS, "delete", ()): keys(1),
    (ORDERS, "delete", ()): keys(12),
    (ORDERS, "redact", ("note",)): keys(11),
    (CALLS, "delete", ()): keys(1),
    (CALLS, "redact", ("src",)): keys(2),
    ("tapes.wav", "delete", ()): keys("a1.wav"),
}


@pytest.fixture
def hosted(house: Path) -> Path:
    host(house)
    return house


def test_what_customers_decide_about_waits_for_them(hosted: Path) -> None:
    with opened(hosted) as workspace:
        plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    assert stays(plan)[CALLS, "customer", ()] == keys(1, 2)
    assert {e.ground for e in plan.kept if e.reason == "customer"} == {"a", "b"}
    assert stays(plan, "2")[CALLS, "tenant", ()] == keys(3)
    assert not any(id_ == CALLS for ref in "12" for id_, _, _ in acts(plan, ref))
    assert acts(plan)[CLIENTS, "delete", ()] == keys(1)  # that is our own


def test_a_customer_that_instructs_reaches_only_its_own(hosted: Path) -> None:
    with opened(hosted) as workspace:
        plan = planned(workspace, [Wish("1", "erasure", Subject("1", ANN, tenant="a"))])
    assert acts(plan)[CALLS, "delete", ()] == keys(1)
    touched = {(c, key) for (c, _, _), found in acts(plan).items() for key in found}
    assert (CALLS, (2,)) not in touched
    assert (CALLS, (3,)) not in touched


def test_homonyms_are_told_and_leave_the_others_right(workspace: Workspace) -> None:
    office = (("email", "office@example.test"),)
    plan = planned(workspace, [wish("7", office), wish("1", ANN)])
    (unclear,) = plan.unclear
    assert unclear.ref == "7"
    assert {key for each in unclear.ambiguities for key in each.keys} == keys(4, 5)
    assert plan.refs == ("1",)
    assert acts(plan) == ANNS_OWN
    assert not acts(plan, "7")
    assert not stays(plan, "7")


def test_only_the_chosen_one_goes(workspace: Workspace) -> None:
    who = Subject("7", (("email", "office@example.test"),), only=((CLIENTS, (4,)),))
    plan = planned(workspace, [Wish("7", "erasure", who)])
    assert not plan.unclear
    assert acts(plan, "7") == {(CLIENTS, "delete", ()): keys(4)}


def test_what_only_a_shared_address_leads_to_stays(house: Path) -> None:
    change(
        house,
        "stores.yaml",
        (
            "          client: []\n",
            "          client: []\n          mail: {is: contact.email, erase: blank}\n",
        ),
        (
            "        links:\n          - {to: clients",
            "        identify: {email: [mail]}\n        links:\n          - {to: clients",
        ),
    )
    sql(
        house,
        "crm",
        "ALTER TABLE orders ADD COLUMN mail TEXT",
        "UPDATE orders SET mail = 'office@example.test' WHERE id = 22",
        "INSERT INTO orders VALUES (41, 4, 'Eve', 'a bed', '2018-06-02', 'office@example.test')",
    )
    who = Subject("7", (("email", "office@example.test"),), only=((CLIENTS, (4,)),))
    with opened(house) as workspace:
        plan = planned(workspace, [Wish("7", "erasure", who)])
    assert stays(plan, "7")[ORDERS, "contested", ()] >= keys(22)
    touched = {key for (c, _, _), found in acts(plan, "7").items() if c == ORDERS for key in found}
    assert (22,) not in touched


def test_what_somebody_only_saw_is_not_theirs_but_their_name_goes(house: Path) -> None:
    agents = """\
      agents:
        exempt: {reason: "Our own people.", owner: office, until: 2099-12-31}
        key: [login]
        fields: {login: account.username, email: contact.email}
        identify: {email: [email]}
"""
    took = """\
          - to: agents
            match: {agent: login}
            as: accessed_by
            on_erase: {redact: [agent]}
"""
    change(
        house,
        "stores.yaml",
        ("      calls:\n", agents + "      calls:\n"),
        (
            "          tape: comms",
            "          agent: {is: account.username, erase: blank}\n          tape: comms",
        ),
        ("  tapes:\n    connect", took + "  tapes:\n    connect"),
    )
    change(
        house, "policy.yaml", ("data: [contact.phone, ", "data: [contact.phone, account.username, ")
    )
    sql(
        house,
        "pbx",
        "CREATE TABLE agents (login TEXT PRIMARY KEY, email TEXT)",
        "INSERT INTO agents VALUES ('dot', 'dot@example.test'), ('eli', 'eli@example.test')",
        "ALTER TABLE calls ADD COLUMN agent TEXT DEFAULT 'dot'",
        "UPDATE calls SET agent = 'eli' WHERE id = 3",
    )
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", (("email", "dot@example.test"),))])
    assert acts(plan) == {
        ("pbx.agents", "delete", ()): {("dot",)},
        (CALLS, "redact", ("agent",)): keys(1, 2),
    }
    assert not stays(plan)  # the calls are the callers', and told to them
