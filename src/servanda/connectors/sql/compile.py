"""A predicate as a condition of the engine's own language. Values are always bound.

Every condition made here is two-valued: true or false, never NULL, so that NOT means "exactly
where it is not true" and no record falls between the two.
"""

from __future__ import annotations

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import Predicate


def where(mapped: Mapped, predicate: Predicate) -> sa.ColumnElement[bool]:
    """The predicate alone, without the collection's own `where`. Never NULL."""
    raise NotImplementedError


def target(mapped: Mapped, predicate: Predicate) -> sa.ColumnElement[bool]:
    """The predicate within the collection: `collection.where` and `predicate`. Never NULL."""
    return where(mapped, mapped.collection.where) & where(mapped, predicate)
