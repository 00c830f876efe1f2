"""A wall clock that is set back: time in the ledger does not follow it, and says so."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from servanda import ledger
from servanda.ledger.entries import to_micros
from servanda.ledger.signer import Signer

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)


def test_time_never_runs_back(each_state: str, signer: Signer) -> None:
    clock = [
        (NOON, NOON, False),
        (NOON - timedelta(hours=3), NOON, True),
        (NOON - timedelta(seconds=4), NOON, False),  # no more than two hosts may differ
        (NOON - timedelta(seconds=6), NOON, True),
        (NOON + timedelta(seconds=1), NOON + timedelta(seconds=1), False),
    ]
    for wall, _, _ in clock:
        with time_machine.travel(wall, tick=False):
            ledger.append([{"kind": "census"}, {"kind": "recount"}])
    entries = list(ledger.history.entries())
    assert [each.at for each in entries] == [at for _, at, _ in clock for _ in "ab"]
    assert [each.data.get("clock_back", False) for each in entries] == [
        back for _, _, back in clock for _ in "ab"
    ]
    assert all(each.data["clock_back"] is True for each in entries if "clock_back" in each.data)
    ledger.checkpoint.make(signer)
    report = ledger.live.verify(signer.vkey)
    assert report.ok
    assert (report.first_at, report.last_at) == (
        "2026-03-01T12:00:00.123456Z",
        "2026-03-01T12:00:01.123456Z",
    )


def test_a_naive_instant_is_refused(sqlite_state: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ledger.append([{"kind": "census"}], now=datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="time zone"):
        to_micros(datetime(2026, 3, 1))
