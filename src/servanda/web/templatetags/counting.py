"""How numbers look."""

from __future__ import annotations

from django import template

register = template.Library()

_STATES = {
    "open": "not run yet",
    "running": "running",
    "paused": "paused",
    "incomplete": "not complete",
    "done": "done",
    "broken": "done, yet something is overdue",
    "stale": "fits no more",
    "waiting": "waiting",
    "failed": "failed",
    "stopped": "stopped",
    "pending": "to come",
    "skipped": "left out",
}


@register.filter
def thousands(count: int | None) -> str:
    """`12,345`."""
    return f"{count or 0:,}"


@register.filter
def signed(count: int) -> str:
    """`+12`, `−3`."""
    return f"+{count:,}" if count > 0 else f"−{-count:,}"


@register.filter
def stands(state: str) -> str:
    """The state of a plan, a run, a step or a job in words."""
    return _STATES.get(state, state)
