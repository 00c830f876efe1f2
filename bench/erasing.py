"""What the benches of erasure share: requests decided, planned, acted on, confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.requests_bed import Bed, email
from servanda.apply.requests import Acted, Actor, act
from servanda.plan.find import Subject
from servanda.plan.requests import RequestPlan, Wish, build
from servanda.plan.requests.ground import Ground

BARE = (
    "DELETE FROM payments WHERE order_id IN"
    " (SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = %s)",
    "DELETE FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE email = %s)",
    "DELETE FROM customers WHERE email = %s",
)
"""The three statements by which somebody would do it by hand, of one person."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases people of a bed; numbers as in `requests_bed.email`."""

    bed: Bed
    actor: Actor

    def plan(self, numbers: Iterable[int]) -> RequestPlan:
        workspace = self.bed.workspace
        ground = Ground(
            workspace.policy,
            {config.name: config for config in workspace.configs},
            workspace.stores,
            workspace.tenants,
            {},
            datetime.now(UTC),
            self.actor.look,
        )
        wishes = [Wish(str(n), "erasure", Subject(str(n), (("email", email(n)),))) for n in numbers]
        return build(wishes, ground, mapping=workspace.mapping)

    def act(self, plan: RequestPlan, rows: int) -> Acted:
        done = act(plan, self.actor)
        if not done.complete or done.count != rows:
            raise RuntimeError(f"{done.count} of {rows} rows went")
        return done

    def bare(self, number: int) -> None:
        with self.bed.connect() as connection:
            for statement in BARE:
                connection.execute(statement.encode(), (email(number),))


@contextmanager
def eraser(bed: Bed) -> Iterator[Eraser]:
    """With everything warm: one person has gone already."""
    with Actor(bed.workspace.site, bed.workspace.stores) as actor:
        made = Eraser(bed, actor)
        made.act(made.plan([1]), 21)
        made.bare(2)
        yield made
