"""Verdicts: silence is never kept, the worst check counts, history stays."""

from __future__ import annotations

import pytest

from servanda.status import Board, Row, Verdict, board
from servanda.status.board import to_data
from tests.status.entries import CONTROL, Ledger, day, promise


def verdict(ledger: Ledger, as_of: str, id_: str = "P-1") -> Verdict:
    return row(board(ledger.entries, day(as_of)), id_).verdict


def row(found: Board, id_: str = "P-1") -> Row:
    return next(each for each in found.rows if each.id == id_)


def kept_ledger() -> Ledger:
    ledger = Ledger()
    ledger.policy("2026-01-01")
    ledger.sweep("2026-01-02")
    return ledger


def test_fresh_clean_recounts_of_every_collection_keep_a_promise() -> None:
    assert verdict(kept_ledger(), "2026-01-02") is Verdict.KEPT


def test_a_recount_by_the_login_that_deletes_is_said_to_be_one() -> None:
    ledger = kept_ledger()
    ledger.recount("2026-01-03", "pbx.cdr", reader="same")
    said = {c.subject: c.why for c in row(board(ledger.entries, day("2026-01-03"))).checks}
    assert said == {
        "pbx.cdr": "none past the ceiling, of 3; counted with the same login as the sweep",
        "recordings.wav": "none past the ceiling, of 3",
    }


def test_no_evidence_at_all_is_unproven() -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01")
    assert verdict(ledger, "2026-01-02") is Verdict.UNPROVEN


def test_one_collection_without_a_recount_is_enough_to_be_unproven() -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01")
    ledger.recount("2026-01-02", "pbx.cdr")
    found = row(board(ledger.entries, day("2026-01-02")))
    assert found.verdict is Verdict.UNPROVEN
    assert [c.subject for c in found.checks if c.verdict is Verdict.UNPROVEN] == ["recordings.wav"]


def test_an_activity_without_collections_is_unproven() -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01", collections={})
    assert verdict(ledger, "2026-01-02") is Verdict.UNPROVEN


def test_one_record_past_its_ceiling_breaks_the_promise() -> None:
    ledger = kept_ledger()
    ledger.sweep("2026-01-03", wav=1)
    assert verdict(ledger, "2026-01-03") is Verdict.BROKEN
    assert verdict(ledger, "2026-01-02") is Verdict.KEPT


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2026-01-03", Verdict.KEPT), ("2026-01-04", Verdict.UNPROVEN)],
)
def test_a_stopped_scheduler_makes_promises_unproven(as_of: str, expected: Verdict) -> None:
    assert verdict(kept_ledger(), as_of) is expected


def test_a_broken_promise_stays_broken_while_nothing_is_measured() -> None:
    ledger = kept_ledger()
    ledger.sweep("2026-01-03", cdr=5)
    assert verdict(ledger, "2026-02-03") is Verdict.BROKEN


def test_records_held_past_their_ceiling_suspend_it() -> None:
    ledger = kept_ledger()
    ledger.recount("2026-01-03", "pbx.cdr", suspended=2)
    assert verdict(ledger, "2026-01-03") is Verdict.SUSPENDED


def test_drift_and_a_missing_table_are_unproven() -> None:
    for fault in ("drifted", "missing"):
        ledger = kept_ledger()
        ledger.add("inventory", "2026-01-02", stores={"pbx": {fault: ["pbx.cdr"]}})
        assert verdict(ledger, "2026-01-02") is Verdict.UNPROVEN, fault


def test_a_store_that_went_silent_after_its_recount_is_unproven_at_once() -> None:
    ledger = kept_ledger()
    ledger.add("census", "2026-01-03", occasion="x", unreachable=["pbx"], collections={})
    assert verdict(ledger, "2026-01-03") is Verdict.UNPROVEN
    ledger.sweep("2026-01-03T09:00:00+00:00")
    assert verdict(ledger, "2026-01-03") is Verdict.KEPT


def test_planned_promises_are_not_yet_built_and_counted() -> None:
    ledger = Ledger()
    ledger.policy(
        "2026-01-01", promise("P-1", CONTROL), promise("P-2", planned=True), promise("P-3")
    )
    ledger.sweep("2026-01-02")
    found = board(ledger.entries, day("2026-01-02"))
    assert [(r.id, r.verdict) for r in found.rows] == [
        ("P-3", Verdict.UNPROVEN),
        ("P-1", Verdict.KEPT),
        ("P-2", Verdict.PLANNED),
    ]
    assert found.sentence == "1 unproven, 1 kept, 1 not yet built"


def test_an_unknown_control_is_unproven() -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01", promise("P-1", "moon.phase"))
    assert verdict(ledger, "2026-01-02") is Verdict.UNPROVEN


def test_undeclared_data_breaks_the_promise_to_declare_it() -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01", promise("P-1", "inventory.declared"))
    assert verdict(ledger, "2026-01-02") is Verdict.UNPROVEN
    clean: dict[str, dict[str, object]] = {
        "pbx": {"undeclared": []},
        "recordings": {"undeclared": []},
    }
    ledger.add("inventory", "2026-01-02", stores=clean)
    assert verdict(ledger, "2026-01-02") is Verdict.KEPT
    assert verdict(ledger, "2026-01-06") is Verdict.UNPROVEN
    ledger.add("inventory", "2026-01-03", stores={**clean, "pbx": {"undeclared": ["cdr.x"]}})
    assert verdict(ledger, "2026-01-03") is Verdict.BROKEN
    ledger.add("inventory", "2026-01-04", stores={**clean, "pbx": {"unreachable": True}})
    assert verdict(ledger, "2026-01-04") is Verdict.UNPROVEN


def test_a_mended_promise_keeps_its_history_and_its_strip() -> None:
    ledger = kept_ledger()
    ledger.sweep("2026-01-03", cdr=5)
    ledger.sweep("2026-01-05")
    found = row(board(ledger.entries, day("2026-01-05")))
    assert found.verdict is Verdict.KEPT
    assert [(at.day, v) for at, v in found.history] == [
        (5, Verdict.KEPT),
        (3, Verdict.BROKEN),
        (2, Verdict.KEPT),
        (1, Verdict.UNPROVEN),
    ]
    assert found.strip[-5:] == (
        Verdict.UNPROVEN,
        Verdict.KEPT,
        Verdict.BROKEN,
        Verdict.BROKEN,
        Verdict.KEPT,
    )
    assert found.strip[0] is None


def test_history_shows_that_evidence_grew_old_between_two_sweeps() -> None:
    ledger = kept_ledger()
    ledger.sweep("2026-01-20")
    history = row(board(ledger.entries, day("2026-01-20"))).history
    assert [v for _, v in history] == [
        Verdict.KEPT,
        Verdict.UNPROVEN,
        Verdict.KEPT,
        Verdict.UNPROVEN,
    ]


def test_a_promise_is_judged_by_the_policy_of_its_day() -> None:
    ledger = kept_ledger()
    ledger.policy("2026-02-01", promise("P-9", planned=True))
    assert [r.id for r in board(ledger.entries, day("2026-01-02")).rows] == ["P-1"]
    assert [r.id for r in board(ledger.entries, day("2026-02-01")).rows] == ["P-9"]


def test_without_a_policy_there_is_nothing_to_judge() -> None:
    found = board([], day("2026-01-01"))
    assert found.rows == ()
    assert found.sentence == "no promises"


def test_json_tells_verdict_age_and_ledger_entry() -> None:
    data = to_data(board(kept_ledger().entries, day("2026-01-02")))
    first = data["promises"][0]
    assert first["verdict"] == "kept"
    assert first["evidence_at"] == "2026-01-02T02:00:00+00:00"
    assert first["next_due"] == "2026-01-04T02:00:00+00:00"
    assert {check["ledger_entry"] for check in first["checks"]} == {1, 2}
