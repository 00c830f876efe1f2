"""Reading once and following gives the verdicts of reading everything at each moment anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servanda.status import Verdict, board, chronicle
from servanda.status.board import of
from servanda.status.checks import CHECKERS
from servanda.status.chronicle import Chronicle
from servanda.status.evidence import KINDS
from tests.status import oracle
from tests.status.entries import CONTROL, day, promise
from tests.status.entries import Ledger as Made

AFTER = st.integers(0, 12 * 24 * 3600).map(lambda n: timedelta(seconds=n))


@settings(max_examples=120, deadline=None)
@given(entries=oracle.ledgers(), data=st.data())
def test_the_history_says_at_any_moment_what_was_judged_at_that_moment(
    entries: oracle.Ledger, data: st.DataObject
) -> None:
    newest = datetime.fromisoformat(entries[-1][1]["at"])
    as_of = newest + data.draw(AFTER)
    found = {row.id: row for row in board(entries, as_of).rows}
    steps = _read(entries).steps(as_of)
    span = int((as_of - oracle.START).total_seconds())
    asked = data.draw(
        st.lists(st.integers(0, span).map(lambda n: timedelta(seconds=n)), max_size=9)
    )
    moments = {oracle.START + each for each in asked} | {as_of, newest}
    moments |= {at for own in steps.values() for at, _ in own}
    moments |= {datetime.fromisoformat(entry["at"]) for _, entry in entries}
    for moment in moments:
        plain = oracle.verdicts(entries, moment)
        known = {id_: chronicle.at(own, moment) for id_, own in steps.items()}
        assert {id_: v for id_, v in known.items() if v is not None} == plain, moment
    for id_, row in found.items():
        assert row.verdict is row.strip[-1] is row.history[0][1]
        assert row.history == chronicle.history(steps[id_])


@settings(max_examples=100, deadline=None)
@given(entries=oracle.ledgers(), cuts=st.lists(st.integers(1, 40), max_size=4), data=st.data())
def test_a_ledger_read_in_portions_gives_the_board_of_one_read_at_once(
    entries: oracle.Ledger, cuts: list[int], data: st.DataObject
) -> None:
    followed, read = Chronicle(), 0
    for cut in sorted({min(cut, len(entries)) for cut in (*cuts, len(entries))}):
        for index, entry in entries[read:cut]:
            followed.add(index, entry)
        read = cut
        as_of = datetime.fromisoformat(entries[cut - 1][1]["at"]) + data.draw(AFTER)
        # What is judged for a question must not stay: the next entry may lie before that moment.
        assert of(followed, as_of) == board(entries[:cut], as_of)


@settings(max_examples=100, deadline=None)
@given(entries=oracle.ledgers(), data=st.data())
def test_between_alarms_no_verdict_changes(entries: oracle.Ledger, data: st.DataObject) -> None:
    found, newest = _read(entries), datetime.fromisoformat(entries[-1][1]["at"])
    moment = newest + data.draw(AFTER)
    alarm = found.next_alarm(moment) or moment + timedelta(days=400)
    later = min(alarm - timedelta(microseconds=1), moment + timedelta(days=300))
    assert oracle.verdicts(entries, later) == oracle.verdicts(entries, moment)


def test_the_random_ledgers_know_every_control_and_every_kind() -> None:
    for prefix in CHECKERS:
        assert any(control.startswith(prefix) for control in oracle.CONTROLS), prefix
    drawn = {kind for kind in KINDS if f'"{kind}"' in _source()}
    assert drawn == set(KINDS)


def test_proof_that_grows_old_is_told_from_the_very_moment() -> None:
    made = Made()
    made.policy("2026-01-01")
    made.sweep("2026-01-02")
    found = Chronicle()
    for index, entry in made.entries:
        found.add(index, entry)
    due = datetime.fromisoformat("2026-01-04T02:00:00+00:00")
    assert of(found, due).rows[0].verdict is Verdict.KEPT
    tick = timedelta(microseconds=1)
    assert found.next_alarm(due) == due + tick
    assert of(found, due + tick).rows[0].history[0] == (due + tick, Verdict.UNPROVEN)
    with pytest.raises(ValueError, match="gone on"):
        of(found, day("2026-01-01"))


def test_memory_does_not_grow_with_the_years() -> None:
    """Of a thousand recounts only the newest is kept, and only alarms that lie ahead."""
    made = Made()
    made.policy("2023-01-01", promise("P-1", CONTROL))
    start = datetime.fromisoformat("2023-01-02T02:00:00+00:00")
    for number in range(1_000):
        made.sweep((start + timedelta(days=number)).isoformat())
    found = Chronicle()
    for index, entry in made.entries:
        found.add(index, entry)
    assert len(found.evidence.recounts) == 2
    assert len(found._alarms) <= 3 * 4  # of three days, two collections and the ledger each
    assert [v for _, v in found.steps(start + timedelta(days=1_000))["P-1"]] == [
        Verdict.UNPROVEN,
        Verdict.KEPT,
    ]


def _read(entries: oracle.Ledger) -> Chronicle:
    found = Chronicle()
    for index, entry in entries:
        found.add(index, entry)
    return found


def _source() -> str:
    return Path(oracle.__file__).read_text("utf-8")
