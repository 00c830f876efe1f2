"""The shop that requests of persons are measured in: customers, their orders, the payments of these.

Most customers have ten orders with a payment each, so that 21 rows are theirs; one has ten
thousand, so that 20,001 are. Every bench takes the bed as it is made once, or a fresh copy of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.tables import STILL
from tests.services.postgres import Postgres

if TYPE_CHECKING:
    from servanda.stores.mapping import Collection

STORE = "shop"
CUSTOMERS, ORDERS = 100_000, 1_000_000
LARGE = 10_000  # orders of the one large customer, each with its payment: 20,001 rows in all
EACH = 10  # orders of any other
LARGE_EMAIL = "large@example.test"

_TABLES = """
CREATE TABLE customers (id bigint NOT NULL, email text NOT NULL, name text NOT NULL,
    phone text NOT NULL, created timestamptz NOT NULL);
CREATE TABLE orders (id bigint NOT NULL, customer_id bigint NOT NULL, placed timestamptz NOT NULL,
    address text NOT NULL, total numeric(12,2) NOT NULL);
CREATE TABLE payments (id bigint NOT NULL, order_id bigint NOT NULL, paid timestamptz NOT NULL,
    holder text NOT NULL, amount numeric(12,2) NOT NULL)
"""
_ROWS = """
INSERT INTO customers SELECT n,
    CASE n WHEN 1 THEN '{email}' ELSE 'c' || n || '@example.test' END, 'Customer ' || n,
    '+44 28 ' || lpad(n::text, 8, '0'), timestamptz '2024-01-01' + n * interval '1 minute'
FROM generate_series(1, {customers}) AS n;
INSERT INTO orders SELECT n, CASE WHEN n <= {large} THEN 1 ELSE 2 + (n - {large} - 1) / {each} END,
    timestamptz '2024-03-01' + n * interval '10 seconds', n || ' Long Street', (n % 9000) / 100.0
FROM generate_series(1, {orders}) AS n;
INSERT INTO payments SELECT n, n, timestamptz '2024-03-02' + n * interval '10 seconds',
    'Customer ' || CASE WHEN n <= {large} THEN 1 ELSE 2 + (n - {large} - 1) / {each} END,
    (n % 9000) / 100.0
FROM generate_series(1, {orders}) AS n
"""
_KEYS = """
ALTER TABLE customers ADD PRIMARY KEY (id);
ALTER TABLE orders ADD PRIMARY KEY (id);
ALTER TABLE payments ADD PRIMARY KEY (id);
CREATE INDEX ON customers (email);
CREATE INDEX ON customers (lower(email));
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON payments (order_id);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders (id);
VACUUM ANALYZE
"""
BY_HAND = (  # the rows of the person with that address, and how they go: children first
    "payments WHERE order_id IN (SELECT o.id FROM orders o"
    " JOIN customers c ON c.id = o.customer_id WHERE c.email = %s)",
    "orders WHERE customer_id IN (SELECT id FROM customers WHERE email = %s)",
    "customers WHERE email = %s",
)


@dataclass(slots=True)
class RequestsBed:
    """A server with the shop in it. `address` and `dsn` are of the master, and after `fresh` of
    a copy that may be spoiled."""

    server: Postgres
    address: str = field(init=False)
    dsn: str = field(init=False)

    def __post_init__(self) -> None:
        self._at("master")

    def fresh(self) -> None:
        """Work on a new copy from here on. Nobody may be connected to the master or the last."""
        self.server.drop_database("copy")
        self.server.execute("CREATE DATABASE copy TEMPLATE master STRATEGY file_copy")
        self.server.execute("CHECKPOINT")
        self._at("copy")

    def _at(self, database: str) -> None:
        self.address, self.dsn = self.server.url(database), self.server.dsn(database)


def email(number: int) -> str:
    """The address of a customer: 1 is the large one, 2 and following have 21 rows each."""
    return LARGE_EMAIL if number == 1 else f"c{number}@example.test"


@contextmanager
def requests_bed(
    *, customers: int = CUSTOMERS, orders: int = ORDERS, large: int = LARGE
) -> Iterator[RequestsBed]:
    """The shop, for a while. `large`: orders of the first customer."""
    memory = {"shared_buffers": "512MB", "wal_buffers": "64MB", "max_wal_size": "8GB"}
    sizes = {"customers": customers, "orders": orders, "large": large, "each": EACH}
    with Postgres(durable=True, settings={**memory, **STILL}) as server:
        server.create_database("master")
        for block in (_TABLES, _ROWS.format(email=LARGE_EMAIL, **sizes), _KEYS):
            for statement in block.split(";"):
                server.execute(statement, database="master")
        server.execute("CHECKPOINT")
        yield RequestsBed(server)


def collections() -> tuple[Collection, ...]:
    """How the shop is mapped: whose what is, and when what happened."""
    from servanda.stores.link import Link
    from servanda.stores.mapping import Clock, Collection, Column, Field

    def made(table: str, event: str, *fields: tuple[str, str], **more: object) -> Collection:
        named = tuple(Field(f, Column(f), (c,) if c else ()) for f, c in fields)
        clocks = (Clock(event, Column(event)),)
        return Collection(STORE, table, table, "sales", ("id",), clocks, named, **more)  # type: ignore[arg-type]

    customers = made(
        "customers",
        "created",
        ("id", ""),
        ("email", "contact.email"),
        ("name", "identity.name"),
        ("phone", "contact.phone"),
        identify=(("email", ("email",)), ("phone", ("phone",))),
    )
    orders = made(
        "orders",
        "placed",
        ("id", ""),
        ("customer_id", ""),
        ("address", "contact.address"),
        ("total", "financial"),
        links=(Link(f"{STORE}.customers", (("customer_id", "id"),), "owned_by"),),
    )
    payments = made(
        "payments",
        "paid",
        ("id", ""),
        ("order_id", ""),
        ("holder", "identity.name"),
        ("amount", "financial"),
        links=(Link(f"{STORE}.orders", (("order_id", "id"),), "owned_by"),),
    )
    return customers, orders, payments
