"""A step reads as a task until somebody put down that it was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from servanda.desk import incidents, incidentsteps

pytestmark = pytest.mark.usefixtures("sqlite_state")

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 6, 10, 20, tzinfo=UTC)


def _opened(personal: bool) -> int:
    return incidents.open_(
        MASTER,
        kind="loss",
        severity="high",
        noticed_at=NOW,
        summary="a bag was lost",
        personal=personal,
        by="member 1",
        now=NOW,
    )


def _steps(id_: int) -> dict[str, tuple[str, datetime | None]]:
    found = incidents.get(MASTER, id_)
    return {each.kind: (each.says, each.done) for each in incidentsteps.steps(found)}


def test_each_step_is_a_task_until_it_is_done() -> None:
    first, second = _opened(True), _opened(True)
    assert set(_steps(first)) == set(incidents.EVENTS) - {"note"}
    for says, done in _steps(first).values():
        assert done is None
        assert says not in {f"{each[:1].upper()}{each[1:]}" for each in incidents.EVENTS.values()}
    for hours, kind in ((1, "customers_told"), (2, "people_told"), (3, "customers_told")):
        at = NOW + timedelta(hours=hours)
        incidents.add(MASTER, first, kind, by="member 2", now=at)
    after = _steps(first)
    assert after["customers_told"] == (
        "The customers whose data it is were told",
        NOW + timedelta(hours=1),
    )
    assert after["people_told"][1] == NOW + timedelta(hours=2)
    assert after["notified"] == ("Tell the authority, unless no harm is likely", None)
    assert all(done is None for _, done in _steps(second).values())


def test_nobody_is_to_be_told_where_no_data_of_people_is_affected() -> None:
    other = _opened(False)
    assert set(_steps(other)) == {"investigating", "contained"}
    incidents.add(MASTER, other, "customers_told", by="member 2", now=NOW)
    assert _steps(other)["customers_told"][1] == NOW
