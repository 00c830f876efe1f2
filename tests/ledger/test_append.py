"""Appending: one tree, in the caller's transaction, and every proof of every small tree."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from servanda import ledger, state
from servanda.kernel.canonical import NotCanonical
from servanda.kernel.errors import UsageError
from servanda.ledger.verify import consistent, included
from servanda.ledger.verify.tree import EMPTY_ROOT, Frontier, leaf_hash

NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)


def census(number: int) -> dict[str, object]:
    return {"kind": "census", "number": number}


def test_entries_are_canonical_and_in_order(each_state: str) -> None:
    assert ledger.append([census(0), census(1)], now=NOW) == range(2)
    assert ledger.append([]) == range(2, 2)
    assert ledger.append([{"kind": "policy", "digest": "é"}], now=NOW) == range(2, 3)
    assert [each.raw for each in ledger.history.entries()] == [
        b'{"at":"2026-03-01T08:15:00.000000Z","kind":"census","number":0,"v":1}',
        b'{"at":"2026-03-01T08:15:00.000000Z","kind":"census","number":1,"v":1}',
        '{"at":"2026-03-01T08:15:00.000000Z","digest":"é","kind":"policy","v":1}'.encode(),
    ]
    assert [each.at for each in ledger.history.entries()] == [NOW] * 3


def test_every_proof_of_every_small_tree(each_state: str) -> None:
    roots = [ledger.proofs.root()]
    frontier = Frontier()
    numbers = count()
    for size in (1, 2, 1, 3, 9, 1, 16, 5, 2):  # batches that straddle the levels that are stored
        for each in range(size):
            raw = census(next(numbers))
            if each == 0:
                batch = []
            batch.append(raw)
        ledger.append(batch, now=NOW)
    entries = [each.raw for each in ledger.history.entries()]
    total = len(entries)
    assert total == 40
    for entry in entries:
        frontier.extend([leaf_hash(entry)])
        roots.append(frontier.root())
    assert roots[0] == EMPTY_ROOT
    for size in range(total + 1):
        assert ledger.proofs.root(size) == roots[size]
    checked = range(total + 1) if each_state.startswith("sqlite") else (1, 16, 17, 33, 40)
    for size in checked:
        for index in range(size):
            proof = ledger.proofs.inclusion(index, size)
            assert len(proof) <= size.bit_length()
            assert included(entries[index], index, size, proof, roots[size])
            if size > 1:
                other = entries[(index + 1) % size]
                assert not included(other, index, size, proof, roots[size])
        for old in range(size + 1):
            proof = ledger.proofs.consistency(old, size)
            assert consistent(old, roots[old], size, roots[size], proof)
            if 0 < old < size:
                assert not consistent(old, roots[old - 1], size, roots[size], proof)


def test_a_large_tree_has_short_proofs_from_few_reads(sqlite_state: str) -> None:
    from django.db import connection

    ledger.append([census(number) for number in range(5_000)], now=NOW)
    entries = [each.raw for each in ledger.history.entries()]
    connection.force_debug_cursor = True
    try:
        connection.queries_log.clear()
        proof = ledger.proofs.inclusion(1_234, 4_321)
        reads = len(connection.queries)
    finally:
        connection.force_debug_cursor = False
    assert included(entries[1_234], 1_234, 4_321, proof, ledger.proofs.root(4_321))
    assert len(proof) <= 13
    assert reads <= 30


def test_a_rolled_back_transaction_leaves_no_trace(each_state: str) -> None:
    ledger.append([census(0)])
    before = ledger.proofs.root()
    with pytest.raises(ZeroDivisionError), state.transaction():
        assert ledger.append([census(1)]) == range(1, 2)
        raise ZeroDivisionError
    assert ledger.proofs.size() == 1
    assert ledger.proofs.root() == before
    assert ledger.append([census(2)]) == range(1, 2)
    assert [each.data["number"] for each in ledger.history.entries()] == [0, 2]


def test_it_commits_with_the_callers_other_changes(each_state: str) -> None:
    from servanda.state.models import Fact

    with pytest.raises(ValueError, match="kinds"), state.transaction():
        Fact.objects.create(key="a", value="1")
        ledger.append([census(0), {"kind": "no-such-kind"}])
    assert not Fact.objects.exists()
    assert ledger.proofs.size() == 0
    with state.transaction():
        Fact.objects.create(key="a", value="1")
        ledger.append([census(0)])
    assert Fact.objects.count() == ledger.proofs.size() == 1


@pytest.mark.parametrize("name", ["at", "v", "clock_back"])
def test_the_ledger_sets_its_own_fields(sqlite_state: str, name: str) -> None:
    with pytest.raises(ValueError, match="the ledger itself sets"):
        ledger.append([{"kind": "census", name: 1}])


def test_what_is_not_json_is_refused(sqlite_state: str) -> None:
    with pytest.raises(NotCanonical):
        ledger.append([census(0), {"kind": "census", "of": {1, 2}}])
    assert ledger.proofs.size() == 0


def test_history_by_kind_time_and_index(each_state: str) -> None:
    for day in range(6):
        kind = "recount" if day % 2 else "census"
        ledger.append([{"kind": kind, "day": day}], now=NOW + timedelta(days=day))

    def days(**wanted: object) -> list[int]:
        return [each.data["day"] for each in ledger.history.entries(**wanted)]  # type: ignore[arg-type]

    assert days() == [0, 1, 2, 3, 4, 5]
    assert days(kind="recount") == [1, 3, 5]
    assert days(kind=["recount", "census"]) == [0, 1, 2, 3, 4, 5]
    assert days(kind="policy") == []
    assert days(until=NOW + timedelta(days=3)) == [0, 1, 2, 3]
    assert days(kind="census", until=NOW + timedelta(days=3)) == [0, 2]
    assert days(kind="census", since_index=1) == [2, 4]
    last = ledger.history.last("recount", NOW + timedelta(days=4))
    assert last is not None
    assert json.loads(last.raw)["day"] == last.data["day"] == 3
    assert ledger.history.last("policy") is None
    assert ledger.history.size_at(NOW - timedelta(days=1)) == 0
    assert ledger.history.size_at(NOW) == 1
    assert ledger.history.size_at(NOW + timedelta(days=2, hours=1)) == 3


def test_history_streams_over_page_borders(sqlite_state: str) -> None:
    total = 4_001
    ledger.append([census(number) for number in range(total)], now=NOW)
    assert [each.data["number"] for each in ledger.history.entries()] == list(range(total))
    assert sum(map(len, ledger.history.raw_leaves(3_999))) == 3_999
    assert sum(map(len, ledger.history.raw_leaves())) == total


def test_what_the_ledger_does_not_have(sqlite_state: str) -> None:
    ledger.append([census(0)])
    for call in (
        lambda: ledger.proofs.root(2),
        lambda: ledger.proofs.root(-1),
        lambda: ledger.proofs.inclusion(1, 1),
        lambda: ledger.proofs.inclusion(0, 2),
        lambda: ledger.proofs.consistency(1, 2),
        lambda: ledger.proofs.consistency(2, 1),
    ):
        with pytest.raises(UsageError):
            call()
