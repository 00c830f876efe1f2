"""What is learnt after a clean recount counts against it, until something newer takes it back."""

from __future__ import annotations

import pytest

from servanda.status import Verdict, board
from tests.status.entries import Ledger, day, promise


def verdicts(ledger: Ledger, as_of: str) -> dict[str, Verdict]:
    return {row.id: row.verdict for row in board(ledger.entries, day(as_of)).rows}


def swept() -> Ledger:
    """Calls kept in two stores, guests in a third; all recounted."""
    ledger = Ledger()
    ledger.policy(
        "2026-01-01",
        promise("P-1", "activities.calls.retain"),
        promise("P-2", "activities.guests.retain"),
        collections={"calls": ["pbx.cdr", "recordings.wav"], "guests": ["hotel.guests"]},
        stores=["pbx", "recordings", "hotel"],
    )
    clean_sweep(ledger, "2026-01-02")
    assert set(verdicts(ledger, "2026-01-02").values()) == {Verdict.KEPT}
    return ledger


def clean_sweep(ledger: Ledger, at: str) -> None:
    ledger.sweep(at)
    ledger.recount(at, "hotel.guests")


def test_an_inventory_that_could_not_look_after_the_recount() -> None:
    ledger = swept()
    stores = {"pbx": {"unreachable": True}, "recordings": {}, "hotel": {"unreachable": False}}
    ledger.add("inventory", "2026-01-02T06:00:00+00:00", stores=stores)
    assert verdicts(ledger, "2026-01-02") == {"P-1": Verdict.UNPROVEN, "P-2": Verdict.KEPT}
    clean_sweep(ledger, "2026-01-03")
    assert set(verdicts(ledger, "2026-01-03").values()) == {Verdict.KEPT}


def test_traces_stand_until_a_later_scan_finds_none() -> None:
    ledger = swept()
    scanned = {"run": "r", "collection": "pbx.cdr", "searched": 100, "statements": []}
    ledger.add("residue", "2026-01-02T03:00:00+00:00", found=42, **scanned)
    assert verdicts(ledger, "2026-01-02") == {"P-1": Verdict.UNPROVEN, "P-2": Verdict.KEPT}
    clean_sweep(ledger, "2026-01-03")  # a recount sees records, not traces of them
    assert verdicts(ledger, "2026-01-03")["P-1"] is Verdict.UNPROVEN
    ledger.add("residue", "2026-01-03T03:00:00+00:00", found=0, **scanned)
    assert set(verdicts(ledger, "2026-01-03").values()) == {Verdict.KEPT}
    assert verdicts(ledger, "2026-01-02")["P-1"] is Verdict.UNPROVEN  # history stays


@pytest.mark.parametrize("fault", ["missing", "drifted"])
def test_a_store_that_is_not_as_mapped_is_not_declared(fault: str) -> None:
    ledger = Ledger()
    ledger.policy("2026-01-01", promise("P-1", "inventory.declared"))
    clean: dict[str, dict[str, list[str]]] = {
        name: {"undeclared": [], "missing": [], "drifted": []} for name in ("pbx", "recordings")
    }
    ledger.add("inventory", "2026-01-02", stores=clean)
    assert verdicts(ledger, "2026-01-02") == {"P-1": Verdict.KEPT}
    faulty = {**clean, "pbx": {**clean["pbx"], fault: ["pbx.cdr"]}}
    ledger.add("inventory", "2026-01-03", stores=faulty)
    assert verdicts(ledger, "2026-01-03") == {"P-1": Verdict.UNPROVEN}
    ledger.add("inventory", "2026-01-04", stores=clean)
    assert verdicts(ledger, "2026-01-04") == {"P-1": Verdict.KEPT}
