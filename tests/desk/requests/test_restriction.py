"""A restriction is a hold of its request's: in force when decided, lifted only once told."""

from __future__ import annotations

from pathlib import Path

import pytest

from servanda.desk import holds
from servanda.desk.requests import identity
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import MASTER, NOW, entries, make, opened


def test_from_decision_to_lifting(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other = opened(desk, "restriction"), opened(desk, "restriction", "max@example.test")
    for each in (ref, other):
        identity.seen(desk.book, each, "passport", by="ann", now=NOW)
        assert [spec.origin for spec in holds.in_force(MASTER)[1]] == ["request 1"][: each == other]
        desk.decide(each, "act", by="ann", now=NOW)
    first, second = sorted(holds.in_force(MASTER)[1], key=lambda spec: spec.origin)
    assert (first.origin, first.identities) == ("request 1", (("email", "jo@example.test"),))
    with pytest.raises(UsageError, match="servanda request lift 1"):
        holds.release(first.id, by="ann", reason="by hand")
    with pytest.raises(UsageError, match="must be told"):
        desk.lift(ref, by="ann", reason="settled")
    assert len(holds.in_force(MASTER)[1]) == 2
    desk.event(ref, "told_before_lifting", NOW.date(), "ann", now=NOW)
    desk.lift(ref, by="ann", reason="settled", now=NOW)
    assert [spec.id for spec in holds.in_force(MASTER)[1]] == [second.id]
    with pytest.raises(UsageError, match="restricts nothing"):
        desk.lift(ref, by="ann", reason="again")
    assert [each["event"] for each in entries("request.event")][-2:] == [
        "told_before_lifting",
        "lifted",
    ]


def test_other_holds_are_released_as_before(sqlite_state: str, tmp_path: Path) -> None:
    plain = holds.add_person(MASTER, [("email", "a@example.test")], reason="case", by="ann")
    with pytest.raises(UsageError):
        holds.release(plain, by="ann", reason="x", origin="request 1")
    holds.release(plain, by="ann", reason="settled")
    assert holds.in_force(MASTER)[1] == []
