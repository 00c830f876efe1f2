"""One person's access request on the shop, from the search to the package on its shelf."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg

from bench.requests_bed import Bed, email
from servanda import law
from servanda.plan.find import Subject, Tree
from servanda.publish.package import Asked, Made, make
from servanda.runtime import finding


def find(bed: Bed, number: int) -> Tree:
    (tree,) = finding.find(bed.workspace, [Subject("1", (("email", email(number)),))])
    return tree


def answer(bed: Bed, number: int) -> Made:
    workspace = bed.workspace
    collections = [each for config in workspace.configs for each in config.collections]
    made = make(
        Asked("1", "access", (law.find("GB"),), date(2026, 3, 1)),
        finding.gather(workspace, Subject("1", (("email", email(number)),))),
        collections,
        workspace.stores,
        workspace.policy,
        workspace.signer,
        workspace.packages,
        now=datetime(2026, 3, 2, tzinfo=UTC),
    )
    if not made.complete:
        raise RuntimeError(f"not read: {made.unread}")
    return made


def by_hand(connection: psycopg.Connection, number: int) -> int:
    """What somebody would write to read one person: how many rows there were."""
    whom = (email(number),)
    rows = 0
    for query in (
        "SELECT * FROM customers WHERE email = %s",
        "SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = %s",
        "SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id"
        " JOIN customers c ON c.id = o.customer_id WHERE c.email = %s",
    ):
        rows += len(connection.execute(query, whom).fetchall())
    return rows
