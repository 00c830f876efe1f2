"""Who objected is known at once, by every spelling, for that purpose and nobody else."""

from __future__ import annotations

from pathlib import Path

from servanda.desk.requests import editing
from tests.desk.requests.desk_world import NOW, make, opened

JO, MAX, SAM = "jo@example.test", "max@example.test", "sam@example.test"


def test_at_once_and_only_for_the_purpose(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    assert not desk.suppressed("email", JO, "marketing")
    opened(desk, "objection", JO, purpose="marketing")
    opened(desk, "withdrawal", MAX)
    opened(desk, "access", SAM)
    assert desk.suppressed("email", " JO@Example.test", "marketing")
    assert not desk.suppressed("email", JO, "support")
    assert desk.suppressed("email", MAX, "marketing")
    assert desk.suppressed("email", MAX, "support")
    assert not desk.suppressed("email", SAM, "marketing")
    assert desk.suppressed("email", "jo+shop@example.test", "marketing"), "an alias is the same"
    assert not desk.suppressed("phone", "028 9024 0000", "marketing")


def test_a_refused_objection_still_stops_marketing(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    jo, other = opened(desk, "object", JO), opened(desk, "object", MAX)
    assert desk.suppressed("email", JO, "support")
    desk.decide(jo, "refuse", ["compelling_grounds"], by="ann", now=NOW)
    assert not desk.suppressed("email", JO, "support")
    assert desk.suppressed("email", JO, "marketing")
    assert desk.suppressed("email", MAX, "support")
    desk.decide(other, "act", by="ann", now=NOW)
    assert desk.suppressed("email", MAX, "support")


def test_an_edit_moves_it(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "object", JO, purpose="support")
    opened(desk, "object", MAX, purpose="support")
    editing.edit(desk.book, ref, by="ann", identities=[("email", SAM)], now=NOW)
    assert desk.suppressed("email", SAM, "support")
    assert not desk.suppressed("email", JO, "support")
    editing.edit(desk.book, ref, by="ann", right="access", now=NOW)
    assert not desk.suppressed("email", SAM, "support")
    editing.edit(desk.book, ref, by="ann", right="object", now=NOW)
    assert desk.suppressed("email", SAM, "support")
    assert desk.suppressed("email", MAX, "support")
