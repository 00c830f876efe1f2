"""Every engine finds an identity in each of its spellings, and uses the index that is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import pytest
import sqlalchemy as sa

from servanda.connectors.sql import compile as compiled
from servanda.connectors.sql.reflect import mapped
from servanda.kernel.evaluate import evaluate
from servanda.kernel.identity_email import PLAIN
from servanda.kernel.predicate import Folded, Not, Predicate, Within
from servanda.stores.mapping import Collection, Column, Field
from tests.connectors.sql.tables import engine_of, opened, run

THINGS = Collection(
    "store",
    "things",
    "things",
    "calls",
    ("id",),
    (),
    (Field("id", Column("id")), Field("w", Column("w"))),
)

JO = (
    "jo@x.test", "Jo@X.Test", " jo@x.test ", "jo@x.test\n", "jo+news@x.test", "JO+A+B@X.TEST",
    "<jo@x.test>", '"Jo \'Q\' <ham>" <jo+x@x.test>', "Zoë Ødegård <Jo@x.test>",
    "mailto:jo@x.test", "MAILTO:jo@x.test?subject=a%40b", "jo@x.test (Jo at work)", "'jo@x.test'",
    "jo @ x.test", "jo@x.test.", "JO@X.TEST;", "\tjo@x.test",
)  # fmt: skip
MUELLER = (
    "jörg@müller.test", "JÖRG@MÜLLER.TEST", "jörg@xn--mller-kva.test", "Jörg <jörg+a@müller.test>",
    unicodedata.normalize("NFD", "jörg@müller.test"),
)  # fmt: skip
BELFAST = (
    "+442890180001", "+44 28 9018 0001", "028 9018 0001", "02890180001", "(028) 9018-0001",
    "+44 (0)28 9018 0001", "0044 28 9018 0001", "011 44 28 9018 0001", "442890180001",
    "2890180001", "028.9018.0001 x12", "028 9018 0001 ext. 7", "sip:+442890180001@pbx.test:5060",
    "SIPS:02890180001@10.0.0.1", '"Jo 2" <02890180001>', "tel:+44-28-9018-0001",
    "+44 028 9018 0001", "\t028 9018 0001\n", "Tel. 028 9018 0001", "028/9018/0001;phone-context=x",
)  # fmt: skip
ICELAND = ("+3545551234", "555 1234", "00354 5551234")
SHORT = ("201", " 201 ", "sip:201@pbx.test", '"Desk 5" <201>', "ext 201")
NAMES = ("Jörg  Strauß", "jörg strauß", "JÖRG STRAUSS", unicodedata.normalize("NFD", "Jörg Strauß"))
STRANGERS = (
    "ｊｏ@x.test", "ann@x.test", "jo@y.test", "xjo@x.test", "jo@x.test.example", "028 9018 0002",
    "2010", "+354 555 1235", "", "  ", "nobody", "anonymous", "o'neill", "100%_\\", "Jorg Straus",
)  # fmt: skip
ALL = (*JO, *MUELLER, *BELFAST, *ICELAND, *SHORT, *NAMES, *STRANGERS)


def fill(url: str, values: Sequence[str | None], type_: str = "varchar(200)") -> None:
    charset = " CHARACTER SET utf8mb4" if "mysql" in url else ""
    run(url, f"CREATE TABLE things (id integer PRIMARY KEY, w {type_}){charset}")
    with engine_of(url) as engine, engine.begin() as connection:
        insert = sa.text("INSERT INTO things VALUES (:id, :w)")
        connection.execute(insert, [{"id": n, "w": each} for n, each in enumerate(values)])


def found(url: str, where: Predicate) -> list[str | None]:
    with opened(url) as store:
        rows = sorted(store.rows(THINGS, where, ["id", "w"]))
    return [None if row[1] is None else str(row[1]) for row in rows]


def confirmed(where: Predicate, values: Iterable[str | None]) -> list[str | None]:
    """What whoever reads the store keeps of it."""
    return [v for v in values if evaluate(where, lambda _, v=v: v, lambda _event, _edge: None)]  # type: ignore[misc]


CASES: list[tuple[Predicate, Sequence[str]]] = [
    (Folded("w", "email", ("jo@x.test",)), JO),
    (Folded("w", "email", ("jörg@xn--mller-kva.test",)), MUELLER),
    (Folded("w", "phone:GB", ("+442890180001",)), BELFAST),
    (Folded("w", "phone:IS", ("+3545551234",)), ICELAND),
    (Folded("w", "phone:GB", ("201",)), SHORT),
    (Folded("w", "name", ("jörg strauss",)), NAMES),
    (Folded("w", "text", ("jörg strauß",)), NAMES[1:2]),
    (Folded("w", "text", ("201",)), SHORT[:2]),
    (Folded("w", "email", ("nobody@here.test",)), ()),
    (Folded("w", "email", ()), ()),
]


@pytest.mark.parametrize(("where", "meant"), CASES)
def test_every_spelling_is_found(url: str, where: Predicate, meant: Sequence[str]) -> None:
    fill(url, [*ALL, None])
    assert confirmed(where, ALL) == list(meant)
    there = found(url, where)
    assert confirmed(where, there) == list(meant)
    assert len(there) <= len(meant) + 12  # the more that is taken in stays little
    # No record falls between: each is found, or found by the negation, never both.
    assert sorted([*there, *found(url, Not(where))], key=str) == sorted([*ALL, None], key=str)


TEXTS = (
    "From: Jo <jo+a@x.test> wrote:",
    "call from 028 9018-0001 at noon",
    "Called PJSIP/+442890180001@trunk",
    "nothing",
    "write to JO@X.TEST.",
    "tel +44 (0)28 9018 0001, or 201",
    "jo@x.testing",
    "joe@x.test",
    "12028901800015",
    "Dear Jörg Strauß, …",
    "Jörg Strauße",
    "mail jörg@müller.test now",
)
INSIDE: list[tuple[Predicate, Sequence[int]]] = [
    (Within("w", "email", ("jo@x.test",)), (0, 4)),
    (Within("w", "email", ("jörg@xn--mller-kva.test",)), (11,)),
    (Within("w", "phone:GB", ("+442890180001",)), (1, 2, 5)),
    (Within("w", "name", ("jörg strauss",)), (9,)),
    (Within("w", "phone:GB", ("201",)), ()),
    (Within("w", "email", ()), ()),
]


@pytest.mark.parametrize(("where", "meant"), INSIDE)
def test_identities_inside_a_text(url: str, where: Predicate, meant: Sequence[int]) -> None:
    fill(url, [*TEXTS, None])
    assert confirmed(where, TEXTS) == [TEXTS[n] for n in meant]
    assert confirmed(where, found(url, where)) == [TEXTS[n] for n in meant]


def test_ten_thousand_identities_are_one_statement(url: str) -> None:
    fill(url, JO[:3] + BELFAST[:3] + STRANGERS)
    many = tuple(f"nobody{n}@x.test" for n in range(10_000))
    addresses = Folded("w", "email", (*many, "jo@x.test"))
    assert confirmed(addresses, found(url, addresses)) == list(JO[:3])
    numbers = tuple(f"+4428{n:08}" for n in range(10_000))
    assert found(url, Folded("w", "phone:GB", (*numbers, "+442890180001"))) == list(BELFAST[:3])
    texts = (*many[:2_000], "jo@x.test")
    within = Within("w", "email", texts)
    assert confirmed(within, found(url, within)) == list(JO[:3])


def test_numbers_in_a_number_column(url: str) -> None:
    run(url, "CREATE TABLE things (id integer PRIMARY KEY, w bigint)")
    run(url, "INSERT INTO things VALUES (1, 2890180001), (2, 442890180001), (3, 2890180002)")
    where = Folded("w", "phone:GB", ("+442890180001",))
    assert found(url, where) == ["2890180001", "442890180001"]


@pytest.mark.services
def test_one_address_among_many_is_a_look_into_the_index(postgres_db: str) -> None:
    run(
        postgres_db,
        "CREATE TABLE things (id integer PRIMARY KEY, w text)",
        "INSERT INTO things SELECT n, 'person' || n || '@x.test' FROM generate_series(1, 50000) n",
        "INSERT INTO things VALUES (0, 'Jo@x.test'), (50001, 'jo+a@x.test'), (50002, 'x')",
        "CREATE INDEX by_address ON things (lower(w))",
        "CREATE INDEX by_odd_address ON things (lower(w)) WHERE w !~ '" + PLAIN + "'",
        "ANALYZE things",
    )
    where = Folded("w", "email", ("jo@x.test",))
    assert found(postgres_db, where) == ["Jo@x.test", "jo+a@x.test"]
    plan = explained(postgres_db, where)
    assert "by_address" in plan
    assert "by_odd_address" in plan
    assert "Seq Scan" not in plan
    run(postgres_db, "DROP INDEX by_odd_address")
    assert "Seq Scan" in explained(postgres_db, where)  # slower, and still complete
    assert found(postgres_db, where) == ["Jo@x.test", "jo+a@x.test"]


def explained(url: str, where: Predicate) -> str:
    with opened(url) as store:
        query: sa.Select[str] = sa.select(sa.literal_column("1")).where(
            compiled.where(mapped(store.db, THINGS), where)
        )
        statement = query.compile(store.db.engine)
        with store.db.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", dict(statement.params))
            return "\n".join(row[0] for row in plan)
