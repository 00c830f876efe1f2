"""How things look on every page: moments, members, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from servanda.plan.words import names
from servanda.runtime import hub
from servanda.status.verdict import Verdict
from servanda.web.models import Member

register = template.Library()

_CLASS = {verdict: verdict.name.lower() for verdict in Verdict}
_DAY, _BAR = 4, 3


@register.filter
def moment(when: datetime | date | None) -> SafeString | str:
    """`28 Nov 2026, 14:05`, on the policy's wall clock, as a <time>; a day without its hour."""
    if when is None:
        return ""
    if not isinstance(when, datetime):
        return format_html('<time datetime="{}">{}</time>', when.isoformat(), f"{when:%-d %b %Y}")
    there = when.astimezone(ZoneInfo(hub.workspace().policy.zone))
    machine = when.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', machine, f"{there:%-d %b %Y, %H:%M}")


@register.filter
def who(by: str) -> str:
    """The name behind `member 7`; anything else as it is."""
    word, _, number = by.partition(" ")
    if word != "member" or not number.isdigit():
        return by
    found = Member.objects.filter(pk=int(number)).first()
    return found.name if found else f"{by} (gone)"


@register.filter
def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return names(items)


@register.filter
def verdict(found: Verdict) -> SafeString:
    """By colour, icon and word."""
    return format_html(
        '<span class="mark {}"><span aria-hidden="true">{}</span> {}</span>',
        _CLASS[found],
        found.icon,
        str(found),
    )


@register.filter
def strip(days: Sequence[Verdict | None]) -> SafeString:
    """The last days as one small drawing, oldest left."""
    bars = []
    at = 0
    for found, run in groupby(days):
        length = len(list(run))
        steps = "".join(f"M{(at + i) * _DAY} 5h{_BAR}" for i in range(length))
        bars.append((_CLASS[found] if found else "none", steps))
        at += length
    kept = sum(day is Verdict.KEPT for day in days)
    paths = format_html_join("", '<path class="{}" d="{}"/>', bars)
    return format_html(
        '<svg class="strip" viewBox="0 0 {} 10" preserveAspectRatio="none" stroke-width="10" '
        'fill="none" role="img" aria-label="Last {} days: kept on {}">{}</svg>',
        at * _DAY,
        len(days),
        kept,
        paths,
    )
