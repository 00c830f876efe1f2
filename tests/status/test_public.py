"""Promises about the published policy, consent and forms: broken, kept, unproven."""

from __future__ import annotations

from typing import Any

import pytest

from servanda.policy.controls import FIXED
from servanda.status import Verdict, board
from servanda.status.board import Row
from tests.status.entries import CENSUSES, PUBLIC, Ledger, day, promise

AREAS = {"publish": "publish.census", "consent": "consent.census", "intake": "intake.census"}
SITE = {"reached": True, "tag": True, "ungated": [], "at": "2026-01-02T00:00:00+00:00"}
OLD = "2025-12-01T00:00:00+00:00"


def ledger(*controls: str) -> Ledger:
    made = Ledger()
    made.policy("2026-01-01", *(promise(each, each) for each in controls))
    return made


def look(made: Ledger, at: str, **changes: Any) -> None:
    """All three censuses, as on a good day; what is named is otherwise."""
    for kind, body in CENSUSES.items():
        made.add(kind, at, **{k: changes.get(k, v) for k, v in body.items()})


def row(made: Ledger, control: str, as_of: str) -> Row:
    return next(r for r in board(made.entries, day(as_of)).rows if r.id == control)


def test_every_control_of_these_areas_is_judged() -> None:
    assert set(PUBLIC) == {each for each in FIXED if each.split(".")[0] in AREAS}


@pytest.mark.parametrize("control", PUBLIC)
def test_kept_on_a_good_day_and_by_nothing_else(control: str) -> None:
    made = ledger(*PUBLIC)
    assert row(made, control, "2026-01-01").verdict is Verdict.UNPROVEN
    look(made, "2026-01-02")
    found = row(made, control, "2026-01-03")
    assert (found.verdict, found.checks[0].why.count("never")) == (Verdict.KEPT, 0)
    assert row(made, control, "2026-01-05").verdict is Verdict.UNPROVEN  # nobody looked since


@pytest.mark.parametrize(
    ("control", "changes", "verdict", "says"),
    [
        ("publish.current", {"edition": None}, "unproven", "no version"),
        ("publish.current", {"in_force": "b"}, "broken", "has changed since version 3"),
        ("publish.current", {"served": False}, "unproven", "not served"),
        ("publish.archive", {"damaged": 1}, "broken", "1 of 3"),
        ("publish.archive", {"editions": 0, "damaged": 0}, "unproven", "no version"),
        ("publish.notices", {"untold": 2}, "broken", "2 material changes"),
        ("publish.notices", {"unpromised": 1}, "unproven", "no way"),
        ("publish.acceptance", {"bound_without": 1}, "broken", "without acceptance"),
        ("publish.acceptance", {"acceptance": False}, "unproven", "does not ask"),
        ("publish.review", {"review_due": "2026-01-01"}, "broken", "due on 2026-01-01"),
        ("publish.review", {"review_due": "2026-01-02"}, "kept", "next by 2026-01-02"),
        ("publish.review", {"review_due": None}, "unproven", "no period"),
        ("publish.officer", {"officer": False}, "broken", "nobody is named"),
        ("publish.complete", {"missing": {"GB": [], "KE": ["n.x"]}}, "broken", "KE: n.x"),
        ("publish.standards", {"standards": {"JM": {"1": ["A"], "2": []}}}, "broken", "JM 2"),
        ("publish.standards", {"standards": {}}, "unproven", "no law"),
        ("consent.banner", {"sites": {}}, "unproven", "names no site"),
        ("consent.banner", {"sites": {"a": {"reached": False}}}, "unproven", "could not"),
        ("consent.banner", {"sites": {"a": {**SITE, "tag": False}}}, "broken", "not carry"),
        ("consent.banner", {"sites": {"a": {**SITE, "ungated": ["x"]}}}, "broken", "asking: x"),
        ("consent.banner", {"sites": {"a": {**SITE, "first": False}}}, "broken", "run before"),
        ("consent.banner", {"sites": {"a": {**SITE, "at": OLD}}}, "unproven", "lately"),
        ("consent.banner", {"sites": {"a": {**SITE, "at": None}}}, "unproven", "lately"),
        ("consent.banner", {"sites": {"a": SITE, "b": {}}}, "unproven", "could not"),
        ("consent.banner", {"up": []}, "unproven", "banner is not served"),
        ("consent.records", {"up": ["choice"]}, "unproven", "not served: preferences"),
        ("consent.gate", {"up": []}, "unproven", "not served: gate"),
        ("consent.unsubscribe", {"late": 1}, "broken", "took effect late"),
        ("intake.cards", {"serves": False}, "unproven", "not served"),
        ("intake.declared", {"forms": {}}, "unproven", "declares no form"),
        ("intake.age", {"children": 1}, "broken", "unasked"),
        ("intake.sources", {"unsourced": 1}, "broken", "without its source"),
    ],
)
def test_what_is_wrong_is_said(
    control: str, changes: dict[str, Any], verdict: str, says: str
) -> None:
    made = ledger(*PUBLIC)
    look(made, "2026-01-02", **changes)
    found = row(made, control, "2026-01-03")
    assert found.verdict.value == verdict
    assert says in " ".join(check.why for check in found.checks)


@pytest.mark.parametrize("field", ["bound_without", "late", "unsourced", "children"])
def test_a_wrong_that_cannot_be_undone_counts_for_a_while(field: str) -> None:
    control = {
        "bound_without": "publish.acceptance",
        "late": "consent.unsubscribe",
        "unsourced": "intake.sources",
        "children": "intake.age",
    }[field]
    made = ledger(*PUBLIC)
    look(made, "2026-01-02", **{field: 1})
    look(made, "2026-01-03")
    assert row(made, control, "2026-01-03").verdict is Verdict.BROKEN
    look(made, "2026-01-04")
    look(made, "2026-01-05")
    found = row(made, control, "2026-01-05")
    assert found.verdict is Verdict.KEPT and Verdict.BROKEN in found.strip
