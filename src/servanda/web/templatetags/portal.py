"""How the portal shows days: in words, in the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from servanda.web.portal import words

register = template.Library()


@register.filter
def inwords(when: datetime | date | None) -> SafeString | str:
    """`28 November 2026` or `28 November 2026, 14:05`, as a <time>."""
    if when is None:
        return ""
    if isinstance(when, datetime):
        machine = when.astimezone(UTC).isoformat(timespec="seconds")
        return format_html('<time datetime="{}">{}</time>', machine, words.moment(when))
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), words.day(when))
