"""Editions that were published and do not bind yet, as banner, portal and board tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from servanda.desk.editions.comparing import between
from servanda.desk.editions.rows import Standing, standings
from servanda.state.models import Edition


@dataclass(frozen=True, slots=True)
class Pending:
    """A material change that comes. `binds_at`: the day that was said; `outstanding`: ways by which
    it is not told yet, so that it will not bind that day."""

    number: int
    binds_at: datetime
    asks: bool
    changes: tuple[str, ...]
    outstanding: tuple[str, ...] = ()


def pending(now: datetime) -> Pending | None:
    """The newest material edition that does not bind yet."""
    found = [each for each in standings() if each.row.material and not each.bound(now)]
    return _told(found[-1]) if found else None


def asking(now: datetime) -> Pending | None:
    """The newest edition in force whose new terms count only for who accepts them."""
    found = [each for each in standings() if each.row.asks and each.bound(now)]
    return _told(found[-1]) if found else None


def untold(now: datetime) -> list[int]:
    """Material editions whose day came, and that were not told in time by every promised way."""
    return [
        each.row.number
        for each in standings()
        if each.row.material and each.row.binds_at <= now and not each.bound(now)
    ]


def _told(each: Standing) -> Pending:
    row = each.row
    return Pending(
        row.number,
        max(row.binds_at, each.bound_at or row.binds_at),
        row.asks,
        changes_of(row),
        each.outstanding,
    )


def changes_of(row: Edition) -> tuple[str, ...]:
    """What it changes that is material, as sentences; where nothing was found so, all of it."""
    found = between(row.number - 1, row.number) if row.number > 1 else ()
    material = tuple(one.says for one in found if one.material)
    return material or tuple(one.says for one in found)
