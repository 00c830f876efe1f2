"""Clocks: when an event happened to a record, compared in the column's own representation."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped
from servanda.kernel.predicate import Edge


def by(mapped: Mapped, event: str, instant: datetime, edge: Edge) -> sa.ColumnElement[bool]:
    """The event happened at or before `instant` (aware). Never NULL; a comparison of the bare
    column with a constant, so that an index on it serves."""
    raise NotImplementedError


def happened(mapped: Mapped, event: str) -> sa.ColumnElement[bool]:
    """The event has happened: there is a value, and it can be read. Never NULL."""
    raise NotImplementedError
