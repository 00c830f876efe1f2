"""Bounds of a window: plain data that says which part of a table it ranges over.

    {"at": "pages", "table": T, "from": [page, item], "to": [page, item] | null}   PostgreSQL
    {"at": "key", "from": [v, …] | null, "to": [v, …] | null}       from < key <= to
    {"at": "clock", "column": C, "from": [v] | null, "to": …}       from < clock <= to
    {"at": "before", …}                                             from < clock < to
    {"at": "tie", "column": C, "moment": [v], "from": …, "to": …}   clock = moment, then as `key`
    {"at": "unset", "column": C}                                    clock is null
    {"at": "share", "of": n, "number": i}                           every n-th row by its digest

Windows made from a chain of values cover everything there is: the first is open below and the last
above, and each begins where the one before it ended. The danger is a gap. Guarded by
tests/connectors/sql/test_windows_split.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from servanda.connectors.sql import keys
from servanda.connectors.sql.express import value

Values = Sequence[Any] | None


def chain(marks: Sequence[Sequence[Any]], **about: Any) -> list[dict[str, Any]]:
    """Windows between marks (values of the order's columns), open at both ends."""
    ends = [None, *(keys.to_json(each) for each in marks), None]
    return [{**about, "from": low, "to": high} for low, high in pairwise(ends)]


def read(bounds: Mapping[str, Any], end: str) -> Values:
    found = bounds[end]
    return None if found is None else keys.from_json(found)


def between(
    columns: Sequence[sa.ColumnElement[Any]], low: Values, high: Values
) -> sa.ColumnElement[bool]:
    """`low < (columns) <= high`, in the order of the columns; None is open.

    Written so that every engine can walk an index on the columns: their first is bounded plainly,
    the rest decides only where it is equal.
    """
    parts: list[sa.ColumnElement[bool]] = []
    if low is not None:
        if len(columns) > 1:
            parts.append(columns[0] >= value(low[0]))
        parts.append(_after(columns, low))
    if high is not None:
        if len(columns) > 1:
            parts.append(columns[0] <= value(high[0]))
            parts.append(sa.not_(_after(columns, high)))
        else:
            parts.append(columns[0] <= value(high[0]))
    return sa.and_(sa.true(), *parts)


def _after(columns: Sequence[sa.ColumnElement[Any]], mark: Sequence[Any]) -> sa.ColumnElement[bool]:
    first, bound = columns[0], value(mark[0])
    if len(columns) == 1:
        return first > bound
    return sa.or_(first > bound, sa.and_(first == bound, _after(columns[1:], mark[1:])))
