"""How much work a window is: short enough to disturb nobody, large enough to cost little."""

from __future__ import annotations

from servanda.plan.steps import Archive, Return, Write
from servanda.stores.mapping import Limit

_WINDOWS = 20  # of a step whose store has no limit
_LEAST, _MOST = 1_000, 80_000  # records that go in one window
_MOST_LOOKED_AT = 2_000_000  # records of the collection one window may range over
_THINNEST = 20.0  # at a limited store: what is due may lie side by side, all in one window
COPIED = 2_000  # records of a window whose content is read, too


def rows_per_window(step: Write, limit: Limit, *, ranged: bool) -> int:
    """How many records of the collection a window should range over.

    Limited stores get windows of a quarter of a second's worth of records; unlimited ones about
    forty windows a step. `ranged`: the store's windows are ranges of the collection, in which
    only some records are meant, and not lists of just those.
    """
    goal = min(max(step.tally.count // _WINDOWS, _LEAST), _MOST)
    if limit.rows_per_second is not None:
        goal = max(limit.rows_per_second // 4, 1)
    if isinstance(step, Archive | Return):
        goal = min(goal, COPIED)
    if not ranged or not step.tally.count:
        return goal
    thinness = max(step.total / step.tally.count, 1.0)
    if limit.rows_per_second is not None:
        thinness = min(thinness, _THINNEST)
    return max(min(int(goal * thinness), _MOST_LOOKED_AT), goal)
