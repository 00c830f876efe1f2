"""Holds are sealed, versioned, evident, and mean the same however they are typed."""

from __future__ import annotations

import json

import pytest

from servanda.desk import holds
from servanda.kernel.errors import UsageError
from servanda.kernel.predicate import Compare
from servanda.kernel.seal import SealBroken, commit
from servanda.state.models import Hold, Leaf

MASTER = bytes(range(32))
OTHER = bytes(32)


def entries() -> list[dict[str, object]]:
    return [json.loads(bytes(leaf.entry)) for leaf in Leaf.objects.order_by("index")]


def test_three_kinds_come_back_as_they_were(each_state: str) -> None:
    person = holds.add_person(
        MASTER,
        [("email", " Jo@Example.TEST "), ("phone", "+44 28 9024 0000")],
        reason="claim 1",
        by="alice",
    )
    record = holds.add_record(MASTER, "crm.people", [7, "a"], reason="claim 2", by="alice")
    where = Compare("city", "=", "Belfast")
    some = holds.add_predicate(MASTER, "crm.people", where, reason="claim 3", by="bob")
    version, specs = holds.in_force(MASTER)
    assert version == 3
    assert [spec.id for spec in specs] == [person, record, some]
    assert specs[0].identities == (("email", "jo@example.test"), ("phone", "+442890240000"))
    assert (specs[1].collection, specs[1].key) == ("crm.people", (7, "a"))
    assert specs[2].predicate == where
    assert [view.reason for view in holds.listed(MASTER)] == ["claim 1", "claim 2", "claim 3"]


def test_releasing_one_leaves_the_others(each_state: str) -> None:
    one = holds.add_person(MASTER, [("email", "a@example.test")], reason="x", by="alice")
    two = holds.add_person(MASTER, [("email", "b@example.test")], reason="y", by="alice")
    before = holds.version()
    holds.release(one, by="bob", reason="settled")
    assert holds.version() == before + 1
    assert [spec.id for spec in holds.in_force(MASTER)[1]] == [two]
    assert [view.released_by for view in holds.listed(MASTER, released=True)] == ["bob", ""]
    with pytest.raises(UsageError, match="released already"):
        holds.release(one, by="bob", reason="again")
    with pytest.raises(UsageError, match="there is no hold"):
        holds.release("hold-none", by="bob", reason="why")
    assert holds.version() == before + 1


def test_neither_database_nor_ledger_shows_who(sqlite_state: str) -> None:
    holds.add_person(MASTER, [("email", "jo@example.test")], reason="Jo sued us", by="alice")
    row = Hold.objects.get()
    stored = bytes(row.subject) + bytes(row.reason) + bytes(Leaf.objects.get().entry)
    assert b"jo@" not in stored
    assert b"sued" not in stored
    with pytest.raises(SealBroken):
        holds.in_force(OTHER)
    (entry,) = entries()
    assert entry["kind"] == "hold.added"
    assert entry["reason"] == commit(b"Jo sued us", bytes(row.salt))


def test_what_is_nothing_is_refused(sqlite_state: str) -> None:
    with pytest.raises(UsageError):
        holds.add_person(MASTER, [], reason="x", by="alice")
    with pytest.raises(UsageError):
        holds.add_person(MASTER, [("email", "   ")], reason="x", by="alice")
    with pytest.raises(UsageError):
        holds.add_record(MASTER, "crm.people", [], reason="x", by="alice")
    with pytest.raises(UsageError, match="who decided"):
        holds.add_person(MASTER, [("email", "a@example.test")], reason=" ", by="alice")
    assert holds.version() == 0
    assert entries() == []
