"""One plan for several requests: whose it is, in which order it is done, and what is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

from servanda.plan.find import Gone, Subject
from servanda.plan.requests import Wish, data, text
from servanda.plan.requests.file import sealed
from servanda.runtime.workspace import Workspace
from tests.apply.requests.house import ANN, BOB, planned, rows, wish
from tests.plan.requests.reading import acts, change, keys, opened, sql, stays

NOBODY = (("email", "nobody@example.test"),)


def test_what_is_owned_goes_before_its_owner(workspace: Workspace) -> None:
    plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    order = list(dict.fromkeys(lot.collection for lot in plan.lots))
    assert order.index("tapes.wav") < order.index("pbx.calls")
    assert order.index("crm.orders") < order.index("crm.clients")
    parts = list(plan.parts())
    assert {store for store, _ in parts} == {"crm", "pbx", "tapes"}
    assert [lot for _, lots in parts for lot in lots] == list(plan.lots)


def test_several_rights_stand_in_one_plan(workspace: Workspace) -> None:
    wishes = [
        wish("1", ANN),
        wish("2", BOB, "rectification", corrections=(("name", "Bobby"),)),
        wish("3", NOBODY),
    ]
    plan = planned(workspace, wishes)
    assert plan.refs == ("1", "2", "3")
    assert plan.empty == ("3",)
    assert plan.people == (
        ("1", (("email", "ann@example.test"), ("phone", "+442890000001"))),
        ("3", NOBODY),
    )
    assert acts(plan, "2") == {
        ("crm.clients", "correct", ("name",)): keys(2),
        ("crm.orders", "correct", ("billed",)): keys(21, 22),
    }
    alone = planned(workspace, wishes[:1])
    assert acts(plan) == acts(alone)
    assert stays(plan) == stays(alone)


def test_the_same_question_has_the_same_answer(workspace: Workspace, house: Path) -> None:
    wishes = [wish("1", ANN), wish("2", BOB)]
    plan = planned(workspace, wishes)
    again = planned(workspace, wishes)
    assert sealed(replace(again, made_at=plan.made_at)).digest == plan.digest
    sql(house, "crm", "INSERT INTO orders VALUES (13, 1, 'Ann', '', '2018-01-01')")
    other = planned(workspace, wishes)
    assert sealed(replace(other, made_at=plan.made_at)).digest != plan.digest


def test_the_plan_is_told_without_naming_anybody(workspace: Workspace) -> None:
    plan = planned(workspace, [wish("1", ANN), wish("3", NOBODY)])
    said = text(plan, UTC)
    assert "crm.orders: 1 record stays: has to be kept until 2030-06-01 (tax law): billed" in said
    assert "request 3\n  nothing was found" in said
    for trace in ("ann@", "2890000001", "Ann"):
        assert trace not in said
    told = data(plan)
    assert told["nothing_found"] == ["3"]
    assert {
        "request": "1",
        "collection": "crm.orders",
        "action": "delete",
        "fields": [],
    }.items() <= (next(each for each in told["acts"] if each["keys"] == [[12]]).items())


def test_what_goes_is_remembered_for_a_store_that_is_away(
    workspace: Workspace, house: Path
) -> None:
    """Once the calls are gone nothing names their tapes, so the plan says by which values."""
    (house / "tapes").rename(house / "away")
    plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    assert [each.store for each in plan.silent] == ["tapes"]
    assert not any(id_ == "tapes.wav" for ref in "12" for id_, _, _ in acts(plan, ref))
    gone = {ref: each.rows for ref, each in plan.gone if each.collection == "pbx.calls"}
    assert ("a1",) in gone["1"]
    assert gone["2"] == (("b1",),)


def test_a_tape_is_found_again_after_its_call_is_gone(house: Path) -> None:
    sql(house, "pbx", "DELETE FROM calls WHERE id = 1")
    lead = Gone("pbx.calls", ("tape",), (("a1",),))
    with opened(house) as workspace:
        without = planned(workspace, [wish("1", ANN)])
        led = planned(workspace, [Wish("1", "erasure", Subject("1", ANN, gone=(lead,)))])
    assert ("tapes.wav", "delete", ()) not in acts(without)
    assert acts(led)["tapes.wav", "delete", ()] == keys("a1.wav")


def test_a_database_that_is_away_leaves_the_others_to_be_done(
    workspace: Workspace, house: Path
) -> None:
    (house / "pbx.sqlite").rename(house / "away")
    plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    assert [each.store for each in plan.silent] == ["pbx"]
    assert acts(plan)["crm.clients", "delete", ()] == keys(1)
    assert acts(plan, "2")["crm.orders", "delete", ()] == keys(22)
    assert "store pbx is left for later" in text(plan, UTC)


def test_what_an_owner_in_a_silent_store_may_share_waits(house: Path) -> None:
    """A tape hangs on calls; while these cannot be asked whose it is, it stays."""
    change(
        house,
        "stores.yaml",
        ("          client: []\n", "          client: []\n          tape: []\n"),
        (
            "as: owned_by}\n",
            "as: owned_by}\n          - {to: tapes.wav, match: {tape: stem}, as: owns}\n",
        ),
    )
    sql(
        house,
        "crm",
        "ALTER TABLE orders ADD COLUMN tape TEXT",
        "UPDATE orders SET tape = 'a1' WHERE id = 12",
    )
    with opened(house) as workspace:
        everything = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    (house / "pbx.sqlite").rename(house / "away")
    with opened(house) as workspace:
        plan = planned(workspace, [wish("1", ANN), wish("2", BOB)])
    assert acts(everything)["tapes.wav", "delete", ()] == keys("a1.wav")
    assert stays(plan)["tapes.wav", "waits", ()] == keys("a1.wav")
    assert not any(id_ == "tapes.wav" for id_, _, _ in acts(plan))


def test_planning_changes_nothing(workspace: Workspace, house: Path) -> None:
    before = [rows(house, "crm", f"SELECT * FROM {each}") for each in ("clients", "orders")]
    calls = rows(house, "pbx", "SELECT * FROM calls")
    planned(workspace, [wish("1", ANN), replace(wish("2", BOB), right="withdraw")])
    assert [rows(house, "crm", f"SELECT * FROM {e}") for e in ("clients", "orders")] == before
    assert rows(house, "pbx", "SELECT * FROM calls") == calls
