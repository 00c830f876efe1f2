"""Hashes made ahead are those of what went, and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.apply.requests import hashes, marks
from servanda.apply.requests.hashes import Hashes
from servanda.plan.find import Key
from servanda.plan.requests import Lot, RequestPlan

ANN: tuple[Key, ...] = ((1,), (2,))
BOB: tuple[Key, ...] = ((2,), (3,))
LOT = Lot("crm.orders", "delete", ("id",), (("1", ANN), ("2", BOB)))
PLAN = RequestPlan(datetime.now(UTC), "", "", ("1", "2"), (LOT,), ())


@pytest.mark.parametrize("many", [0, 1_000])
def test_ahead_or_not_they_are_the_same(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_MANY", many)
    with Hashes(PLAN, b"k" * 32) as made:
        made.start()
        found = made.of(LOT, dict(LOT.by))
        less = made.of(LOT, {"1": ANN[:1], "2": ()})
    names = [marks.named("crm.orders", (n,)) for n in (1, 2, 3)]
    assert found.marks == b"".join(sorted(marks.mark(b"k" * 32, each) for each in names))
    assert found.count == 3
    assert less.marks == marks.mark(b"k" * 32, names[0])
    assert less.count == 1
    assert [len(found.commitments[ref]) for ref in ("1", "2")] == [2, 2]
    assert found.commitments["1"][1] == found.commitments["2"][0]
    assert less.commitments["2"] == []
