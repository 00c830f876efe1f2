"""One person over SQLite, PostgreSQL and a folder of files; many people; a very large one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from servanda.connectors.files import FileStore
from servanda.connectors.sql.store import SqlStore
from servanda.plan.find import Subject, Tree, find
from servanda.runtime.finding import find as find_in
from servanda.runtime.workspace import Workspace
from servanda.stores.mapping import Collection, Field, FileLayout, FilePart, Limit
from servanda.stores.port import Store
from tests.plan.find.town import branch, fates, link, table, town

ADA, BEA = "ada@example.test", "bea@example.test"
CLIENTS = table("clients", "email", identify={"email": ["email"]})
PROJECTS = table(
    "projects",
    "client",
    "number",
    store="pg",
    links=[link("crm.clients", "client", "id", "owned_by")],
)
MEMBERS = table(
    "members",
    "client",
    "project",
    store="pg",
    key=("client", "project"),
    links=[
        link("crm.clients", "client", "id", "owned_by"),
        link("pg.projects", "project", "id", "owns"),
    ],
)
DRAWINGS = Collection(
    "files",
    "drawings",
    "{project}/{name}.pdf",
    "accounts",
    ("path",),
    (),
    (
        Field("path", FilePart("path"), ("comms",)),
        Field("project", FilePart("group", "project")),
    ),
    links=(link("pg.projects", "project", "number", "owned_by"),),
    files=FileLayout("{project}/{name}.pdf"),
)


@pytest.fixture
def postgresql(postgres_db: str) -> Iterator[SqlStore]:
    engine = sa.create_engine(postgres_db, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE projects (id uuid PRIMARY KEY, client text, number integer)",
            "CREATE TABLE members (client bigint, project uuid, PRIMARY KEY (client, project))",
            "INSERT INTO projects SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, "
            "CASE WHEN n < 3 THEN '1' WHEN n = 3 THEN '2' END, n + 6 FROM generate_series(1, 4) n",
            "INSERT INTO members SELECT 2, id FROM projects WHERE number IN (8, 9, 10)",
            "INSERT INTO members SELECT 1, id FROM projects WHERE number = 10",
        ):
            connection.execute(sa.text(statement))
    store = SqlStore("pg", postgres_db, zone="UTC", read_only=True, limit=Limit())
    yield store
    store.close()


@pytest.mark.services
def test_one_person_over_stores_of_three_kinds(tmp_path: Path, postgresql: SqlStore) -> None:
    for name in ("7/plan.pdf", "8/plan.pdf", "9/plan.pdf", "10/plan.pdf", "007/plan.pdf"):
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"%PDF")
    files = FileStore("files", f"file://{tmp_path / 'files'}", zone="UTC", read_only=True)
    rows = {"crm.clients": [(1, ADA), (2, BEA)]}
    with town(tmp_path, [CLIENTS], rows) as made:
        stores: dict[str, Store] = {**made.stores, "pg": postgresql, "files": files}  # type: ignore[dict-item]
        subjects = [Subject("R-1", (("email", ADA),)), Subject("R-2", (("email", BEA),))]
        collections = [CLIENTS, PROJECTS, MEMBERS, DRAWINGS]
        ada, bea = find(subjects, collections, stores)
        both = find(subjects, collections, stores, together=True)
    assert drawings(ada) == {"7/plan.pdf": "goes", "8/plan.pdf": "stays", "10/plan.pdf": "stays"}
    assert drawings(bea) == {"8/plan.pdf": "stays", "9/plan.pdf": "goes", "10/plan.pdf": "stays"}
    assert set(drawings(both[0]).values()) == {"goes"}
    seventh = branch(ada, "files.drawings", "7/plan.pdf")
    assert [step.collection for step in seventh.way.steps] == [
        "crm.clients",
        "pg.projects",
        "files.drawings",
    ]
    assert all(tree.complete for tree in (ada, bea))


def drawings(tree: Tree) -> dict[str, str]:
    return {str(key): fate for (id_, key), fate in fates(tree).items() if id_ == "files.drawings"}


def test_ten_thousand_people_in_the_same_reads(tmp_path: Path) -> None:
    orders = table("orders", "client", links=[link("crm.clients", "client", "id", "owned_by")])
    rows = {
        "crm.clients": [(n, f"p{n}@example.test") for n in range(12_000)],
        "crm.orders": [(n, n // 2) for n in range(24_000)],
    }
    with town(tmp_path, [CLIENTS, orders], rows) as made:
        trees = made.find(*(f"p{n}@example.test" for n in range(10_000)))
    assert {tree.records for tree in trees} == {3}
    assert fates(trees[7_000]) == {
        ("crm.clients", 7_000): "goes",
        ("crm.orders", 14_000): "goes",
        ("crm.orders", 14_001): "goes",
    }


def test_one_person_with_twenty_thousand_records(tmp_path: Path) -> None:
    calls = table(
        "calls",
        "client",
        "conversation",
        links=[
            link("crm.clients", "client", "id", "owned_by"),
            link("crm.calls", "conversation", "conversation", "owns"),
        ],
    )
    mine = [(n, 1, 7) for n in range(20_000)]
    rows = {"crm.clients": [(1, ADA), (2, BEA)], "crm.calls": [*mine, (20_000, 2, 8)]}
    with town(tmp_path, [CLIENTS, calls], rows) as made:
        (tree,) = made.find(ADA)
        assert tree.records == 20_001
        assert {each.goes for each in tree.branches} == {True}
        made.close()
        rows["crm.calls"] = [*mine, (20_000, 2, 7)]  # one of somebody else in the same conversation
    (tmp_path / "more").mkdir()
    with town(tmp_path / "more", [CLIENTS, calls], rows) as made:
        (tree,) = made.find(ADA)
        assert tree.records == 20_002
        assert [each.collection for each in tree.branches if each.goes] == ["crm.clients"]


def test_a_workspace_is_searched(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        """servanda: 1
organisation: {name: Shop, country: GB, contact: p@shop.example, zone: UTC}
activities:
  orders:
    purposes: [billing]
    basis: contract
    subjects: [customer]
    data: [contact.email]
    retain: {at_most: 1 year, after: received, then: delete}
promises:
  P-1: {says: Gone after a year., kept_by: [activities.orders.retain]}
"""
    )
    (tmp_path / "stores.yaml").write_text(
        f"""stores:
  crm:
    connect: sqlite:///{tmp_path}/crm.sqlite
    collections:
      clients:
        activity: orders
        key: [id]
        clocks: {{received: at}}
        fields: {{id: [], at: [], email: contact.email}}
        identify: {{email: [email]}}
"""
    )
    clients = table("clients", "at", "email", identify={"email": ["email"]})
    with (
        town(tmp_path, [clients], {"crm.clients": [(1, "", ADA), (2, "", BEA)]}),
        Workspace.open(tmp_path, env={}) as workspace,
    ):
        (tree,) = find_in(workspace, [Subject("R-1", (("email", ADA),))])
    assert fates(tree) == {("crm.clients", 1): "goes"}
