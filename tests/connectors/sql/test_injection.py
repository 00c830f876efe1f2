"""SQL in the names of tables, columns and keys and in values stays a name or a value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda.kernel.errors import Drift, ServandaError
from servanda.kernel.predicate import Compare, Contains, Everything, Missing, OneOf
from servanda.stores.mapping import (
    Child,
    Clock,
    Collection,
    Column,
    Counter,
    Detach,
    Field,
    JsonPath,
    Lookup,
    Pseudonym,
    SetText,
)
from servanda.stores.port import DeleteRows, RedactRows, Work
from tests.connectors.sql.tables import engine_of, fetch, opened, run

NASTY = [
    'x"; DROP TABLE bystander; --',
    "x'; DROP TABLE bystander; --",
    "x`; DROP TABLE bystander; --",
    "select",
    "ünï çödé 王",
    "a b.c:d%(e)s %s ? $1",
    "(id) OR 1=1 /*",
    ":name",
]


def bystander(url: str) -> list[tuple[Any, ...]]:
    return fetch(url, "SELECT id, word FROM bystander ORDER BY id")


@pytest.mark.parametrize("nasty", NASTY)
def test_names(url: str, nasty: str) -> None:
    if "mysql" in url:
        nasty = nasty.replace("`", "")  # see test_a_backtick_in_a_column
    if "postgresql" not in url:
        nasty = nasty.replace("%(e)s %s ", "")  # the drivers' own DDL cannot say it
    metadata = sa.MetaData()
    text = sa.Unicode(60)
    key, person, when, doc = (f"{nasty}{n}" for n in ("k", "p", "w", "d"))
    table = sa.Table(
        nasty,
        metadata,
        sa.Column(key, sa.Unicode(100), primary_key=True),
        sa.Column(person, text),
        sa.Column(when, sa.DateTime()),
        sa.Column(doc, sa.Text()),
    )
    other = sa.Table(
        nasty + "2", metadata, sa.Column(key, sa.Unicode(100)), sa.Column(person, sa.Integer())
    )
    safe = sa.Table(
        "bystander", metadata, sa.Column("id", sa.Integer()), sa.Column("word", sa.Unicode(20))
    )
    with engine_of(url) as engine:
        metadata.create_all(engine)
        with engine.begin() as connection:
            rows = [{key: nasty, person: nasty[:50]}, {key: "2", person: "two"}]
            connection.execute(sa.insert(table), rows)
            connection.execute(sa.insert(other), [{key: nasty, person: 1}, {key: "2", person: 1}])
            connection.execute(sa.insert(safe), [{"id": 1, "word": "here"}])

    collection = Collection(
        "store",
        "things",
        nasty,
        "calls",
        ("the key",),
        (Clock("w", Column(when)),),
        (
            Field("the key", Column(key)),
            Field(nasty, Column(person), ("name",), Pseudonym()),
            Field("doc", JsonPath(doc, ("a'b; --", "c")), ("name",)),
            Field("looked up", Lookup(nasty + "2", ((key, key),), person)),
        ),
        children=(Child(nasty + "2", ((key, key),)),),
        counters=(Counter(nasty + "2", person, ((key, key),), ((person, nasty),)),),
        detaches=(Detach(nasty + "2", key, key, nasty),),
    )
    with opened(url) as store:
        assert store.shape().table(nasty) is not None
        names = ["the key", nasty, "doc", "looked up", "w"]
        assert len(list(store.rows(collection, Everything(), names))) == 2
        assert store.tally(collection, Compare("the key", "=", nasty), "w").count == 1
        work = Work(collection, RedactRows(((nasty, Pseudonym()),)), Everything(), None, b"k")
        for bounds in store.split(work, 1):
            with store.open(work, bounds, work.target) as window:
                window.commit()
        deletion = Work(collection, DeleteRows(), Compare("the key", "=", nasty))
        keys = []
        for bounds in store.split(deletion, 1):
            with store.open(deletion, bounds, deletion.target) as window:
                keys.append(window.keys)
                window.commit()
        assert sum(each.count for each in keys) == 1
        assert all(store.present(deletion, each).count == 0 for each in keys)
        assert [row[0] for row in store.rows(collection, Everything(), ["the key"])] == ["2"]
        assert store.aftercare([collection])
        drifted = replace(collection, source=nasty + "3")
        with pytest.raises(Drift):
            store.tally(drifted, Everything())
    assert bystander(url) == [(1, "here")]


def test_a_backtick_in_a_column(mariadb_db: str) -> None:
    """SQLAlchemy does not read such a column back, so the mapping drifts and nothing is written."""
    run(mariadb_db, "CREATE TABLE things (id INTEGER PRIMARY KEY, `a``b` varchar(9))")
    fields = (Field("id", Column("id")), Field("word", Column("a`b"), ("name",)))
    collection = Collection("store", "t", "things", "calls", ("id",), (), fields)
    work = Work(collection, RedactRows((("word", SetText("")),)), Everything())
    with opened(mariadb_db) as store, pytest.raises(Drift, match="no column"):
        store.split(work, 10)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.one_of(st.sampled_from(NASTY), st.text(max_size=20)))
def test_values(url: str, text: str) -> None:
    """Any text as a value matches itself or nothing, and never raises but as one of our errors."""
    run(
        url,
        "DROP TABLE IF EXISTS bystander",
        "CREATE TABLE bystander (id INTEGER PRIMARY KEY, word varchar(60))",
        "INSERT INTO bystander VALUES (1, 'here'), (2, NULL), (3, 'it''s')",
    )
    fields = (Field("id", Column("id")), Field("word", Column("word")))
    collection = Collection("store", "b", "bystander", "calls", ("id",), (), fields)
    with opened(url) as store:
        for where in (
            Compare("word", "=", text),
            Compare("id", "=", text),
            OneOf("word", (text, text + "x")),
            Contains("word", text),
            Missing("word"),
        ):
            assert store.tally(collection, where).count <= 3
        if len(text) < 50 and "\0" not in text:
            work = Work(collection, RedactRows((("word", SetText(text)),)), Compare("id", "=", 3))
            try:
                for bounds in store.split(work, 10):
                    with store.open(work, bounds, work.target) as window:
                        window.commit()
            except ServandaError as error:
                assert text.isascii() is False, error  # half of a surrogate pair, and the like
            else:
                assert fetch(url, "SELECT word FROM bystander WHERE id = 3") == [(text,)]
        assert fetch(url, "SELECT word FROM bystander WHERE id < 3 ORDER BY id") == [
            ("here",),
            (None,),
        ]
