"""How requests look on every page: days left, states, rights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from servanda import law
from servanda.desk.requests.queue import SOON_DAYS, Line
from servanda.desk.requests.view import RequestView
from servanda.runtime import hub

register = template.Library()

_RIGHTS = {
    "access": "access",
    "portability": "data to take along",
    "rectification": "correction",
    "erasure": "erasure",
    "restriction": "restriction",
    "object": "objection",
    "withdraw": "withdrawal",
    "complaint": "complaint",
}


@register.filter
def plain(text: str) -> str:
    """`identity_asked` reads `identity asked`."""
    return str(text or "").replace("_", " ")


@register.filter
def right(id_: str) -> str:
    """What people call the right."""
    return _RIGHTS.get(id_, id_)


@register.filter
def right_means(id_: str) -> str:
    return law.RIGHTS.get(id_, "")


@register.filter
def standing(line: Line | RequestView) -> str:
    """`waiting for identity`, or the state."""
    return f"waiting for {line.waiting_for}" if line.waiting_for else plain(line.state)


@register.filter
def left(line: Line | RequestView) -> SafeString:
    """The days left, by colour, icon and words."""
    if line.state == "replied":
        return _mark("kept", "✓", "answered")
    if line.state in ("closed", "cancelled"):
        return _mark("planned", "–", "over")
    if line.state == "routed":
        return _mark("attested", "→", "the customer’s")
    days = line.days_left(hub.workspace().desk.book.today())
    if days is None:
        return _mark("unproven", "?", "no date is set")
    if days < 0:
        return _mark("broken", "✗", _days(days))
    return (
        _mark("unproven", "!", _days(days))
        if days <= SOON_DAYS
        else _mark("kept", "✓", _days(days))
    )


def _mark(kind: str, icon: str, words: str) -> SafeString:
    return format_html(
        '<span class="mark {}"><span aria-hidden="true">{}</span> {}</span>', kind, icon, words
    )


def _days(days: int) -> str:
    if days == 0:
        return "today"
    number = abs(days)
    noun = "day" if number == 1 else "days"
    return f"{number:,} {noun} overdue" if days < 0 else f"{number:,} {noun} left"


@register.filter
def day(when: date | None) -> SafeString | str:
    """`28 Nov 2026`, as a <time>."""
    if when is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), f"{when:%-d %b %Y}")


@register.filter
def count(number: int) -> str:
    """`1,234`"""
    return f"{number:,}"


@register.filter
def named(names: Mapping[str, str], by: str) -> str:
    """The name behind `member 7`, of those that were looked up together."""
    return names.get(by, by)


@register.filter
def text(content: bytes) -> str:
    """A letter's bytes."""
    return content.decode("utf-8", "replace")
