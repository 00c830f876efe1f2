"""Children before parents, counters, pointers, and foreign keys nobody declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Compare, Predicate
from servanda.stores.mapping import Child, Clock, Collection, Column, Counter, Detach, Field
from servanda.stores.port import DeleteRows, Work
from tests.connectors.sql.tables import fetch, opened, run

AT = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
ONE: Predicate = Compare("person", "=", "Anna")

POSTS = Collection(
    "store",
    "posts",
    "posts",
    "site",
    ("id",),
    (Clock("recorded", Column("recorded")),),
    (Field("id", Column("id")), Field("person", Column("person"), ("name",))),
)


def fill(url: str, reference: str = "") -> None:
    """Posts 1 and 2 of Anna, 3 of Bob; each with two rows of meta, and each of these with one
    tag. `reference`: what a foreign key of meta says beyond REFERENCES."""
    tied = f", FOREIGN KEY (post) REFERENCES posts (id) {reference}" if reference else ""
    run(
        url,
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, person varchar(20), recorded date)",
        f"CREATE TABLE meta (id INTEGER PRIMARY KEY, post INTEGER, word varchar(20){tied})",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY, branch INTEGER, meta INTEGER)",
        "INSERT INTO posts VALUES (1, 'Anna', NULL), (2, 'Anna', NULL), (3, 'Bob', NULL)",
        "INSERT INTO meta VALUES (11, 1, 'a'), (12, 1, 'b'), (21, 2, 'a'), (22, 2, 'b'),"
        " (31, 3, 'a'), (32, 3, 'b'), (91, NULL, 'nobody')",
        "INSERT INTO tags SELECT id + 100, 7, id FROM meta",
    )


def ids(url: str, table: str) -> list[int]:
    return [row[0] for row in fetch(url, f"SELECT id FROM {table} ORDER BY id")]


def delete(
    store: SqlStore, collection: Collection, where: Predicate = ONE, commit: bool = True
) -> int:
    work = Work(collection, DeleteRows(), where)
    gone = 0
    for bounds in store.split(work, 100):
        with store.open(work, bounds, where) as window:
            gone += window.keys.count
            if commit:
                window.commit()
    return gone


META = Child("meta", (("post", "id"),))
TREE = replace(META, children=(Child("tags", (("meta", "id"),)),))


@pytest.mark.parametrize("reference", ["", "ON DELETE CASCADE", "ON DELETE NO ACTION"])
def test_children_and_theirs_go_with_their_parents(url: str, reference: str) -> None:
    fill(url, reference)
    with opened(url) as store:
        collection = replace(POSTS, children=(TREE,))
        assert delete(store, collection, commit=False) == 2
        assert ids(url, "tags") == [111, 112, 121, 122, 131, 132, 191]
        assert delete(store, collection) == 2
    assert ids(url, "posts") == [3]
    assert ids(url, "meta") == [31, 32, 91]
    assert ids(url, "tags") == [131, 132, 191]


def test_a_key_that_is_checked_late(postgres_db: str) -> None:
    fill(postgres_db, "DEFERRABLE INITIALLY DEFERRED")
    with opened(postgres_db) as store:
        with pytest.raises(StoreRefused, match='"meta"'):
            delete(store, POSTS)
        assert delete(store, replace(POSTS, children=(TREE,))) == 2
    assert ids(postgres_db, "posts") == [3]


def test_a_cascade_into_an_undeclared_table_is_refused(url: str) -> None:
    fill(url, "ON DELETE CASCADE")
    with opened(url) as store:
        with pytest.raises(StoreRefused, match='"meta"') as caught:
            delete(store, POSTS)
        assert "cascades" in str(caught.value)
        with pytest.raises(StoreRefused, match='"meta"'):  # nobody's posts: refused all the same
            delete(store, POSTS, Compare("person", "=", "nobody"))
    assert len(ids(url, "posts") + ids(url, "meta")) == 10


def test_a_cascade_from_a_child_is_refused_too(url: str) -> None:
    fill(url)
    run(
        url,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, meta INTEGER,"
        " FOREIGN KEY (meta) REFERENCES meta (id) ON DELETE CASCADE)",
        "INSERT INTO notes VALUES (1, 11)",
    )
    with opened(url) as store, pytest.raises(StoreRefused, match='"notes"'):
        delete(store, replace(POSTS, children=(META,)))
    assert ids(url, "notes") == [1]
    assert ids(url, "meta") == [11, 12, 21, 22, 31, 32, 91]


def test_rows_in_the_way_are_named_before_anything_is_deleted(url: str) -> None:
    fill(url, "ON DELETE RESTRICT")
    with opened(url) as store:
        with pytest.raises(StoreRefused, match='"meta"'):
            delete(store, POSTS)
        run(url, "DELETE FROM meta WHERE post IN (1, 2)")
        assert delete(store, POSTS) == 2  # nothing refers to them now
    assert ids(url, "meta") == [31, 32, 91]


def test_a_key_that_lets_go_is_no_obstacle(url: str) -> None:
    fill(url, "ON DELETE SET NULL")
    with opened(url) as store:
        assert delete(store, POSTS) == 2
    assert fetch(url, "SELECT count(*) FROM meta WHERE post IS NULL") == [(5,)]


def replies(url: str, reference: str) -> None:
    run(
        url,
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, person varchar(20), recorded date,"
        f" parent INTEGER{reference})",
        "INSERT INTO posts VALUES (1, 'Anna', NULL, NULL), (2, 'Bob', NULL, 1),"
        " (3, 'Bob', NULL, 2), (4, 'Anna', NULL, 1)",
    )


@pytest.mark.parametrize(
    "reference",
    [
        "",
        ", FOREIGN KEY (parent) REFERENCES posts (id)",
        ", FOREIGN KEY (parent) REFERENCES posts (id) ON DELETE CASCADE",
    ],
)
def test_pointers_at_what_goes_are_reset(url: str, reference: str) -> None:
    replies(url, reference)
    with opened(url) as store:
        if reference:
            with pytest.raises(StoreRefused, match='"posts"'):
                delete(store, POSTS)
        detached = replace(POSTS, detaches=(Detach("posts", "parent", "id", None),))
        assert delete(store, detached) == 2
    assert fetch(url, "SELECT id, parent FROM posts ORDER BY id") == [(2, None), (3, 2)]


def test_pointers_get_the_value_of_the_mapping(url: str) -> None:
    replies(url, "")
    with opened(url) as store:
        detached = replace(POSTS, detaches=(Detach("posts", "parent", "id", 0),))
        assert delete(store, detached) == 2
    assert fetch(url, "SELECT id, parent FROM posts ORDER BY id") == [(2, 0), (3, 2)]


def test_counters_count_what_remains(url: str) -> None:
    run(
        url,
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, person varchar(20), recorded date,"
        " page INTEGER, approved varchar(5))",
        "CREATE TABLE pages (id INTEGER PRIMARY KEY, posts INTEGER)",
        "INSERT INTO posts VALUES (1, 'Anna', NULL, 1, '1'), (2, 'Anna', NULL, 1, '0'),"
        " (3, 'Bob', NULL, 1, '1'), (4, 'Bob', NULL, 1, 'spam'), (5, 'Bob', NULL, 2, '1'),"
        " (6, 'Anna', NULL, 3, '1')",
        "INSERT INTO pages VALUES (1, 2), (2, 77), (3, 1)",
    )
    counter = Counter("pages", "posts", (("id", "page"),), (("approved", "1"),))
    with opened(url) as store:
        counted = replace(POSTS, counters=(counter,))
        assert delete(store, counted, commit=False) == 3
        assert fetch(url, "SELECT posts FROM pages ORDER BY id") == [(2,), (77,), (1,)]
        assert delete(store, counted) == 3
    # Page 2 lost nothing, so its count, though wrong, is not ours to mend.
    assert fetch(url, "SELECT posts FROM pages ORDER BY id") == [(1,), (77,), (0,)]


def test_children_by_two_columns_of_another_kind(url: str) -> None:
    run(
        url,
        "CREATE TABLE posts (id INTEGER, branch INTEGER, person varchar(20), recorded date,"
        " PRIMARY KEY (id, branch))",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY, post varchar(10), branch INTEGER)",
        "INSERT INTO posts VALUES (1, 1, 'Anna', NULL), (1, 2, 'Bob', NULL)",
        "INSERT INTO meta VALUES (1, '1', 1), (2, '1', 2), (3, 'x', 1)",
    )
    child = Child("meta", (("post", "id"), ("branch", "branch")))
    keyed = replace(
        POSTS,
        key=("id", "branch"),
        children=(child,),
        fields=(*POSTS.fields, Field("branch", Column("branch"))),
    )
    with opened(url) as store:
        assert delete(store, keyed) == 1
    assert ids(url, "meta") == [2, 3]


ROWS_OF_SEVERAL = Child("history", (("object", "id"),), where=(("kind", "post"), ("live", 1)))


def test_of_a_table_that_hangs_on_several_only_our_rows_go(url: str) -> None:
    fill(url)
    run(
        url,
        "CREATE TABLE history"
        " (id INTEGER PRIMARY KEY, kind varchar(9), live INTEGER, object INTEGER)",
        "INSERT INTO history VALUES (1, 'post', 1, 1), (2, 'user', 1, 1), (3, 'post', 0, 1),"
        " (4, 'post', 1, 3), (5, 'user', 1, 2), (6, 'post', 1, 2), (7, NULL, 1, 1)",
        "INSERT INTO tags VALUES (1, 7, 1), (2, 7, 2), (4, 7, 4)",
    )
    child = replace(ROWS_OF_SEVERAL, children=(Child("tags", (("meta", "id"),)),))
    with opened(url) as store:
        assert delete(store, replace(POSTS, children=(child,))) == 2
    assert ids(url, "posts") == [3]
    assert ids(url, "history") == [2, 3, 4, 5, 7]
    assert {1} == {1, 2, 4} - set(ids(url, "tags"))


def test_a_cascade_into_rows_of_others_is_refused(url: str) -> None:
    fill(url, "ON DELETE CASCADE")
    child = replace(META, where=(("word", "a"),))
    with opened(url) as store, pytest.raises(StoreRefused, match='"meta"'):
        delete(store, replace(POSTS, children=(child,)))
    assert ids(url, "posts") == [1, 2, 3]
    assert len(ids(url, "meta")) == 7
