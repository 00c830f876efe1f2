"""How ages, entries and findings look."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template

from servanda.ledger import words
from servanda.publish.package.about import label as label_of
from servanda.status.html import age_words
from servanda.status.verdict import Verdict

register = template.Library()

_FIRST = ("request", "requests", "collection", "store", "file", "member", "by", "run", "count")
_COMMON = frozenset(("v", "kind", "at", "manifest", "encoding", "digest", "mapping"))
_MOST = 110


@register.filter
def age(at: datetime | None, now: datetime) -> str:
    """`3 hours old`."""
    return age_words(at, now) if at else ""


@register.filter
def kept_days(days: Sequence[Verdict | None]) -> str:
    """`kept on 88 of 90 days`: those on which it was promised."""
    promised = [day for day in days if day is not None]
    kept = sum(day is Verdict.KEPT for day in promised)
    days_ = "day" if len(promised) == 1 else "days"
    return f"kept on {kept} of {len(promised)} {days_}" if promised else ""


@register.filter
def gist(entry: Mapping[str, Any]) -> str:
    """The first things an entry says, in one line."""
    keys = [*(key for key in _FIRST if key in entry), *(key for key in entry if key not in _FIRST)]
    told = ((key, entry[key]) for key in keys if key not in _COMMON and entry[key] is not None)
    said = "; ".join(f"{key} {_short(value)}" for key, value in told)
    return said if len(said) <= _MOST else f"{said[: _MOST - 1]}…"


@register.filter
def says(kind: str) -> str:
    """What an entry of this kind tells, as a sentence."""
    return words.says(kind)


@register.filter
def pretty(entry: Mapping[str, Any]) -> str:
    """All of it, to read."""
    return json.dumps(entry, ensure_ascii=False, indent=2)


@register.filter
def term(id_: str, kind: str) -> str:
    """A word of the policy's vocabulary in plain English."""
    return label_of(kind, id_)  # type: ignore[arg-type]


@register.filter
def within(found: Mapping[str, Any], key: str) -> Any:
    """What a mapping has for a key."""
    return found.get(key)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"({len(value)})" if len(value) > 3 else ", ".join(map(_short, value))
    if isinstance(value, dict):
        return f"({len(value)})"
    return str(value)[:64]
