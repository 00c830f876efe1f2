"""Erasing a field in place: what it is set to, and when it is already erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from servanda.connectors.sql.reflect import Mapped
from servanda.stores.mapping import Erasure

Changes: TypeAlias = Sequence[tuple[str, Erasure]]


def check(mapped: Mapped, changes: Changes) -> None:
    """Raise StoreRefused, naming column and remedy, when a change cannot be made."""
    raise NotImplementedError


def assignments(mapped: Mapped, changes: Changes, key: bytes) -> dict[str, sa.ColumnElement[Any]]:
    """Column name → new value, for `table.update().values(...)`. `key`: of pseudonyms."""
    raise NotImplementedError


def is_erased(mapped: Mapped, changes: Changes) -> sa.ColumnElement[bool]:
    """Every one of the fields has its erased form already. Never NULL."""
    raise NotImplementedError
