"""A shop in PostgreSQL that requests are made to: customers, their orders, the orders' payments.

A typical person has 21 rows (one customer, ten orders, ten payments), a large one 20,001. Beside
the database stands a workspace that maps it, so that benches run what users run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.tables import postgres_server
from servanda.runtime.workspace import Workspace

CUSTOMERS, EACH = 100_000, 10
LARGE, LARGE_EACH = 16, 10_000  # large persons, numbered after the others

_POLICY = """
servanda: 1
organisation: {name: Shop Ltd, country: GB, contact: privacy@shop.example}
jurisdictions: [GB]
activities:
  shop:
    purposes: [service_provision]
    basis: contract
    subjects: [client]
    data: [name, contact, comms]
    retain: {at_most: 10 years, after: created, then: delete}
"""
_STORES = """
stores:
  shop:
    connect: ${SERVANDA_BENCH_SHOP}
    collections:
      customers:
        activity: shop
        key: [id]
        clocks: {created: created}
        fields: {id: [], name: name, email: contact.email, phone: contact.phone}
        identify: {email: [email]}
      orders:
        activity: shop
        key: [id]
        clocks: {created: created}
        fields: {id: [], customer_id: [], item: comms}
        links: [{to: customers, match: {customer_id: id}, as: owned_by}]
      payments:
        activity: shop
        key: [id]
        clocks: {created: created}
        fields: {id: [], order_id: [], reference: comms}
        links: [{to: orders, match: {order_id: id}, as: owned_by}]
"""
_MAKE = """
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL,
    phone text, created timestamptz NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, item text,
    created timestamptz NOT NULL);
CREATE TABLE payments (id bigint PRIMARY KEY, order_id bigint NOT NULL, reference text,
    created timestamptz NOT NULL);
INSERT INTO customers SELECT n, 'Person ' || n, 'p' || n || '@example.test',
    '+44 28 ' || lpad(n::text, 8, '0'), '2026-01-01' FROM generate_series(1, {all}) n;
INSERT INTO orders SELECT n, 1 + (n - 1) / {each}, 'item ' || n || repeat(' lorem', 6), '2026-02-01'
    FROM generate_series(1, {customers} * {each}) n;
INSERT INTO orders SELECT {customers} * {each} + n, {customers} + 1 + (n - 1) / {large_each},
    'item ' || n, '2026-02-01' FROM generate_series(1, {large} * {large_each}) n;
INSERT INTO payments SELECT id, id, 'paid by card ' || id, created FROM orders;
CREATE INDEX ON customers (email);
CREATE INDEX ON customers (lower(email));
CREATE INDEX ON customers (lower(email)) WHERE email !~ '^[a-zA-Z0-9_.@-]*[a-zA-Z0-9]$';
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON payments (order_id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;
"""


@dataclass(frozen=True, slots=True)
class Bed:
    """`dsn`: for hand-written SQL. `workspace`: opened, its state ready."""

    dsn: str
    workspace: Workspace

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.dsn)


def email(number: int) -> str:
    """Of a typical person: 1 to CUSTOMERS. Of a large one: CUSTOMERS + 1 and following."""
    return f"p{number}@example.test"


@contextmanager
def requests_bed(
    customers: int = CUSTOMERS, large: int = LARGE, large_each: int = LARGE_EACH
) -> Iterator[Bed]:
    """The shop, filled; everything is removed at the end."""
    with postgres_server() as server, tempfile.TemporaryDirectory(prefix="servanda-bench-") as name:
        server.create_database("shop")
        script = _MAKE.format(
            all=customers + large,
            customers=customers,
            each=EACH,
            large=large,
            large_each=large_each,
        )
        with psycopg.connect(server.dsn("shop"), autocommit=True) as connection:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement.encode())
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        folder = Path(name)
        (folder / "policy.yaml").write_text(_POLICY)
        (folder / "stores.yaml").write_text(_STORES)
        os.environ["SERVANDA_BENCH_SHOP"] = server.url("shop")
        with Workspace.open(folder) as workspace:
            workspace.use_state()
            yield Bed(server.dsn("shop"), workspace)
