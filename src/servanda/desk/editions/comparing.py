"""What differs between two editions, or between an edition and what is written now."""

from __future__ import annotations

from servanda.desk.editions.rows import compiled, get, newest
from servanda.policy.differing import Difference, differences
from servanda.policy.rules import Policy


def between(old: int, new: int) -> tuple[Difference, ...]:
    """In plain words, from one to the other. UsageError where one of them is not there."""
    return differences(compiled(get(old)), compiled(get(new)))


def since(policy: Policy) -> tuple[Difference, ...]:
    """What the policy says otherwise than the newest edition. Nothing before the first."""
    last = newest()
    return differences(compiled(last), policy) if last is not None else ()
