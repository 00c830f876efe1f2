"""What an inventory finds in a real database and a real folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda import inventory
from servanda.connectors.sql.store import SqlStore
from servanda.inventory.findings import StoreFindings, UndeclaredColumn
from servanda.inventory.likely import looks_like
from servanda.kernel.errors import StoreUnreachable
from servanda.stores.mapping import (
    Child,
    Clock,
    Exemption,
    Lookup,
    SoftDelete,
    StoreConfig,
)
from tests.plan import database
from tests.plan.builders import collection, field, keep_forever, policy

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
POLICY = policy({"accounts": keep_forever("a test")})
PEOPLE = replace(
    collection(
        clocks=[Clock("paid", Lookup("invoices", (("person", "id"),), "issued"))],
        fields=[field("name", "name"), field("deleted_at")],
    ),
    soft_delete=SoftDelete("deleted_at"),
    children=(Child("notes", (("person", "id"),)),),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = database.make(
        tmp_path / "crm.sqlite",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, deleted_at TEXT, shoe TEXT, "
        "client_ip TEXT)",
        "CREATE TABLE invoices (person INTEGER, issued TEXT)",
        "CREATE TABLE notes (person INTEGER, body TEXT)",
        "CREATE TABLE leads (email TEXT)",
        "CREATE TABLE cache_1 (k TEXT)",
    )
    database.insert(made, "people", [(1, "Ada", None, "", ""), (2, "Bea", "2025-01-01", "", "")])
    return made


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    opened = database.open_store(database.config(path, PEOPLE))
    yield opened
    opened.close()


def crm(path: Path, **changes: object) -> StoreConfig:
    ignore = (("cache_*", Exemption("holds keys only", "Jo", "2026-12-31")),)
    return replace(database.config(path, PEOPLE, ignore=ignore), **changes)  # type: ignore[arg-type]


def look(config: StoreConfig, store: SqlStore) -> StoreFindings:
    return inventory.take(POLICY, [config], {"crm": store}, NOW).store("crm")


def test_what_is_undeclared_is_named_and_likely_personal_columns_come_first(
    path: Path, store: SqlStore
) -> None:
    found = look(crm(path), store)
    assert found.undeclared_tables == ("invoices", "leads")
    assert found.undeclared_columns == (
        UndeclaredColumn("people", "client_ip", "device.ip"),
        UndeclaredColumn("people", "shoe"),
    )
    assert [(m.collection, m.soft_deleted) for m in found.mapped] == [("crm.people", 1)]
    assert found.drifted == found.missing == ()


def test_an_exemption_that_has_expired_is_none(path: Path, store: SqlStore) -> None:
    last_year = (("cache_*", Exemption("holds keys only", "Jo", "2026-03-03")),)
    assert "cache_1" in look(crm(path, ignore=last_year), store).undeclared_tables
    last_day = (("cache_*", Exemption("holds keys only", "Jo", "2026-03-04")),)
    assert "cache_1" not in look(crm(path, ignore=last_day), store).undeclared_tables
    exempt = replace(PEOPLE, activity=None, exempt=Exemption("later", "Jo", "2026-03-03"))
    found = look(crm(path, collections=(exempt,)), store)
    assert found.lapsed == (("crm.people", "2026-03-03"),)
    assert found.undeclared[0] == "crm.people (exemption expired 2026-03-03)"


def test_a_declared_field_that_is_absent_is_drift_for_that_collection_only(
    path: Path, store: SqlStore
) -> None:
    leads = collection("leads", key=(), clocks=(), fields=[field("email", "contact.email")])
    leads = replace(leads, fields=leads.fields[1:])
    renamed = replace(PEOPLE, fields=(*PEOPLE.fields, field("surname", "name")))
    found = look(crm(path, collections=(renamed, leads)), store)
    assert found.drifted == (("crm.people", "people has no surname"),)
    gone = replace(PEOPLE, clocks=(Clock("paid", Lookup("bills", (("p", "id"),), "d")),))
    assert look(crm(path, collections=(gone,)), store).drifted == (
        ("crm.people", 'there is no table "bills"'),
    )


def test_a_fingerprint_that_is_not_met_makes_the_whole_store_read_only(
    path: Path, store: SqlStore
) -> None:
    unknown = replace(collection("leads", key=()), fields=(), expect=("email", "uuid"))
    found = look(crm(path, collections=(PEOPLE, unknown)), store)
    why = "unknown version: leads has no uuid"
    assert found.drifted == (("crm.people", why), ("crm.leads", why))
    met = replace(unknown, expect=("email",))
    assert look(crm(path, collections=(PEOPLE, met)), store).drifted == ()


def test_a_declared_table_that_is_absent_is_missing(path: Path, store: SqlStore) -> None:
    found = look(crm(path, collections=(PEOPLE, collection("ghosts"))), store)
    assert found.missing == (("crm.ghosts", 'there is no table "ghosts"'),)
    assert [m.collection for m in found.mapped] == ["crm.people"]


def test_a_store_that_does_not_answer_is_a_finding(path: Path) -> None:
    silent = {"crm": StoreUnreachable("crm", "refused")}
    found = inventory.take(POLICY, [crm(path)], silent, NOW)
    assert "refused" in found.store("crm").unreachable
    assert not found.complete
    assert found.entry()["stores"]["crm"]["unreachable"] is True


def test_the_shape_digest_sees_what_the_mapping_relies_on_and_nothing_else(
    path: Path, store: SqlStore
) -> None:
    before = look(crm(path), store).shape
    database.make(path, "CREATE TABLE other (x TEXT)", "INSERT INTO people (name) VALUES ('Cid')")
    assert look(crm(path), store).shape == before
    database.make(path, "ALTER TABLE invoices ADD COLUMN tax TEXT")
    after_lookup = look(crm(path), store).shape
    assert after_lookup != before
    database.make(path, "ALTER TABLE people RENAME COLUMN shoe TO boot")
    assert look(crm(path), store).shape != after_lookup


def test_everything_declared_is_complete_and_says_so(path: Path, store: SqlStore) -> None:
    fields = (*PEOPLE.fields, field("shoe"), field("client_ip", "device.ip"))
    until = Exemption("why", "Jo", "2027-01-01")
    config = crm(
        path,
        collections=(replace(PEOPLE, fields=fields),),
        ignore=(("cache_*", until), ("leads", until), ("invoices", until)),
    )
    found = inventory.take(POLICY, [config], {"crm": store}, NOW)
    assert found.complete
    assert found.entry()["stores"]["crm"] == {
        "unreachable": False, "mapped": ["crm.people"], "undeclared": [], "missing": [],
        "drifted": [],
    }  # fmt: skip
    assert inventory.summary(found).endswith(
        "Everything the stores hold is declared, and everything declared is there.\n"
    )


def test_the_summary_and_the_data_hold_names_and_no_values(path: Path, store: SqlStore) -> None:
    found = inventory.take(POLICY, [crm(path)], {"crm": store}, NOW)
    text = inventory.summary(found)
    assert text.startswith("crm (SQLite")
    assert "  undeclared  leads\n" in text
    assert "  undeclared  people.client_ip (looks like device.ip)\n" in text
    assert "  mapped      crm.people (people): accounts, 1 hidden by the product\n" in text
    data = json.dumps(found.data()) + json.dumps(found.entry()) + text
    assert "Ada" not in data and "Bea" not in data and "sqlite:///" not in data


def test_a_column_named_like_a_word_of_ours_is_not_personal_by_accident() -> None:
    guesses = {
        "email": "contact.email", "UserEmail": "contact.email", "billing_email": "contact.email",
        "client_ip": "device.ip", "description": "", "recipe": "", "shipment": "",
        "comment_author_IP": "device.ip", "phone2": "contact.phone", "id": "",
        "user_agent": "device.user_agent", "firstName": "name", "quantity": "", "dob": "birth",
        "postcode": "contact.postal", "password_hash": "account.password",
    }  # fmt: skip
    assert {name: looks_like(name) for name in guesses} == guesses
