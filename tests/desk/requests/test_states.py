"""The life of a request: what may follow what, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from servanda.desk.requests import Desk, identity
from servanda.desk.requests.states import ENDED, MOVES, moved, possible
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, entries, make, opened

STATES = {"received", "waiting", "verified", "decided", "acting", "acted", "replied", "closed"}
STATES |= {"refused", "routed", "cancelled"}


def verified(desk: Desk, ref: str) -> str:
    identity.seen(desk.book, ref, "passport", by="ann", now=NOW)
    return ref


def test_every_state_is_reached_and_left() -> None:
    reached = {move.to for move in MOVES.values() if move.to} | {"received"}
    left = set().union(*(move.since for move in MOVES.values()))
    assert reached == STATES
    assert left == STATES - ENDED


@pytest.mark.parametrize("state", sorted(STATES))
def test_what_is_impossible_says_what_is_possible(state: str) -> None:
    for move in MOVES:
        if possible(state, move, "erasure"):
            assert moved(state, move, "erasure") in STATES
        else:
            with pytest.raises(UsageError) as refused:
                moved(state, move, "erasure")
            said = str(refused.value)
            assert "possible now" in said or "over" in said or "verify first" in said


@pytest.mark.parametrize("complete", [True, False])
def test_what_was_done_is_recorded_though_the_request_was_given_up_meanwhile(
    sqlite_state: str, tmp_path: Path, complete: bool
) -> None:
    """`acted` joins the transaction that records what went: it must not undo it."""
    desk = make(tmp_path)
    ref, other = opened(desk, "erasure"), opened(desk, "erasure", "max@example.test")
    for each in (ref, other):
        verified(desk, each)
        desk.decide(each, "act", by="ann", now=NOW)
    desk.cancel(ref, by="ann", now=NOW)
    for each in (ref, other):
        desk.acted(each, {"complete": complete})
    assert desk.get(ref).state == "cancelled"
    assert desk.get(other).state == ("acted" if complete else "acting")


def test_a_reply_that_is_not_all_leaves_the_request_open(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other = opened(desk), opened(desk, email="max@example.test")
    for each in (ref, other):
        verified(desk, each)
        desk.decide(each, "act", by="ann", now=NOW)
        desk.replied(each, b"some of it", finished=each == other, by="ann", now=NOW)
    assert [desk.get(each).state for each in (ref, other)] == ["decided", "replied"]
    desk.replied(ref, b"the rest", by="ann", now=NOW)
    assert desk.get(ref).state == "replied"
    assert [each["finished"] for each in entries("request.replied")] == [False, True, True]


def test_a_whole_life(each_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref, other, third = (opened(desk, "erasure", f"{name}@example.test") for name in "abc")
    verified(desk, ref)
    desk.decide(ref, "act", by="ann", now=NOW)
    desk.acted(ref, {"complete": False})
    assert desk.get(ref).state == "acting"
    desk.replied(ref, b"part of it is pending", says=["complaint"], by="ann", now=NOW)
    assert desk.get(ref).state == "acting"
    desk.acted(ref, {"complete": True})
    desk.acted(ref, {"complete": True})
    assert desk.get(ref).state == "acted"
    desk.replied(ref, b"all of it is gone", receipt="ab" * 32, by="ann", now=NOW)
    desk.close(ref, "done", by="ann", now=NOW)
    seen = desk.get(ref)
    assert (seen.state, seen.outcome, seen.closed_at) == ("closed", "done", NOW)
    letters = [(kind, content) for kind, _, content in desk.letters(ref)]
    assert letters == [("reply", b"part of it is pending"), ("reply", b"all of it is gone")]
    assert [each["kind"] for each in entries() if each["request"] == ref] == [
        "request.received",
        "request.event",
        "request.decided",
        "request.replied",
        "request.replied",
        "request.closed",
    ]
    assert [desk.get(each).state for each in (other, third)] == ["received", "received"]
    attempts: tuple[Callable[[], None], ...] = (
        lambda: desk.decide(ref, "act", by="ann", now=NOW),
        lambda: desk.cancel(ref, by="ann", now=NOW),
        lambda: desk.event(ref, "acknowledged", NOW.date(), "ann", now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(UsageError):
            attempt()
    assert desk.get(ref) == seen


def test_access_is_answered_without_acting(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = verified(desk, opened(desk))
    with pytest.raises(UsageError):
        desk.replied(ref, b"letter", by="ann", now=NOW)
    desk.decide(ref, "act", by="ann", now=NOW)
    desk.replied(ref, b"letter", package="cd" * 32, by="ann", now=NOW)
    assert desk.get(ref).state == "replied"
    (entry,) = entries("request.replied")
    assert (entry["package"], entry["receipt"]) == ("cd" * 32, None)


def test_a_refusal_is_told_before_it_ends(sqlite_state: str, tmp_path: Path) -> None:
    desk = make(tmp_path)
    ref = opened(desk, "erasure")
    desk.decide(ref, "refuse", ["legal_claims"], by="ann", now=NOW)
    with pytest.raises(UsageError, match="possible now: reply"):
        desk.close(ref, "refused", by="ann", now=NOW)
    desk.replied(ref, b"no, because", by="ann", now=NOW)
    desk.close(ref, "refused", by="ann", now=NOW)
    assert desk.get(ref).state == "closed"


@pytest.mark.parametrize("outcome", ["", "Jo Doe got it", "jo@example.test", "a" * 41])
def test_an_outcome_names_nobody(sqlite_state: str, tmp_path: Path, outcome: str) -> None:
    desk = make(tmp_path)
    ref = opened(desk, tenant=None)
    with pytest.raises(UsageError, match="one word"):
        desk.close(ref, outcome, by="ann", now=NOW)
