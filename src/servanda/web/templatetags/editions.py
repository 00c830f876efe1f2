"""A change of the policy that comes is told on top of each page of the portal."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template

from servanda.desk import editions

register = template.Library()


@register.inclusion_tag("portal/policy_notice.html")
def policy_notice() -> dict[str, object]:
    return {"coming": editions.pending(datetime.now(UTC))}
