"""`explain` of one record, read from a real store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from servanda.connectors.sql.store import SqlStore
from servanda.kernel.errors import StoreUnreachable, UsageError
from servanda.plan.holds import HoldSpec
from servanda.plan.record import Explained, explain_record
from servanda.stores.mapping import Clock, Column, Consent, StoreConfig
from tests.plan import database
from tests.plan.builders import at, ceiling, collection, field, floor, keep_at_most, policy

NOW = at("2026-03-04T12:00:00")
PEOPLE = collection(
    clocks=("closed", Clock("last_invoice", Column("last_invoice"), "date")),
    fields=[field("name", "name"), field("box"), field("customer")],
    consents=[Consent("marketing", "box", ("1",))],
    tenant="customer",
)
POLICY = policy({
    "accounts": keep_at_most(
        ceiling("1 year", "closed", consent="marketing"),
        floors=[floor("5 years", "last_invoice", "audit", "name")],
    )
})  # fmt: skip


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[tuple[StoreConfig, SqlStore]]:
    table = (
        "CREATE TABLE people (id INTEGER PRIMARY KEY, closed TEXT, last_invoice DATE, name TEXT, "
        "box TEXT, customer TEXT)"
    )
    path = database.make(tmp_path / "crm.sqlite", table)
    old = "2020-01-01 08:00:00"
    database.insert(path, "people", [
        (1, old, "2021-03-03", "Ada", "0", "acme"),  # the floor ended last night
        (2, old, "2021-03-04", "Bea", "0", "acme"),  # the floor ends tonight
        (3, old, "2010-01-01", "Cid", "1", "acme"),
        (4, old, "2010-01-01", "Dan", "0", None),
        (5, None, None, "Eve", "0", "acme"),
    ])  # fmt: skip
    config = database.config(path, PEOPLE)
    store = database.open_store(config)
    yield config, store
    store.close()


def explained(
    crm: tuple[StoreConfig, SqlStore], id_: int, holds: Sequence[HoldSpec] = ()
) -> Explained:
    config, store = crm
    stores = {"crm": store}
    return explain_record(
        "crm.people", [id_], POLICY, [config], stores, NOW, timedelta(0), holds=holds
    )


@pytest.mark.parametrize(
    ("id_", "outcome", "reason"),
    [
        (1, "delete", None),
        (2, "redact", "floor"),
        (3, "keep", "consent"),
        (4, "keep", "tenant"),
        (5, "keep", "event"),
    ],
)
def test_each_record_is_decided_from_what_the_store_says(
    crm: tuple[StoreConfig, SqlStore], id_: int, outcome: str, reason: str | None
) -> None:
    decision = explained(crm, id_).decision
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_the_words_name_the_rule_that_won(crm: tuple[StoreConfig, SqlStore]) -> None:
    assert explained(crm, 2).text() == (
        "What no floor covers is redacted with the next run; the rest stays.\n"
        "  kept until 2026-03-04: floor 5 years after last_invoice (audit), covers name\n"
        "  due on 2021-01-01: at most 1 year after closed, then deleted, unless the person "
        "consented to marketing\n"
    )
    assert explained(crm, 2).data()["keep_until"] == "2026-03-05T00:00:00+00:00"


def test_a_hold_on_this_record_suspends_it_and_not_its_neighbour(
    crm: tuple[StoreConfig, SqlStore],
) -> None:
    hold = HoldSpec("H1", "record", collection="crm.people", key=(1,))
    assert explained(crm, 1, [hold]).decision.suspended_by == ("H1",)
    assert explained(crm, 1, [hold]).text().startswith("It is suspended.\n  suspended by hold H1")
    assert explained(crm, 2, [hold]).decision.suspended_by == ()


def test_a_wrong_key_is_a_usage_error_without_its_value(
    crm: tuple[StoreConfig, SqlStore],
) -> None:
    with pytest.raises(UsageError, match="no record with that key") as caught:
        explained(crm, 778_899)
    assert "778" not in str(caught.value)
    config, store = crm
    with pytest.raises(UsageError, match="the key of crm"):
        explain_record("crm.people", [], POLICY, [config], {"crm": store}, NOW, timedelta(0))
    with pytest.raises(UsageError, match="there is no collection"):
        explain_record("crm.gone", [1], POLICY, [config], {"crm": store}, NOW, timedelta(0))
    silent = {"crm": StoreUnreachable("crm", "refused")}
    with pytest.raises(StoreUnreachable):
        explain_record("crm.people", [1], POLICY, [config], silent, NOW, timedelta(0))
