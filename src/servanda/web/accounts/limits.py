"""How often somebody may try. Counted in the database, for all processes, also after a restart."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

_RATES = {"join": "10/15m/ip"}


def spent(request: HttpRequest, action: str) -> bool:
    """Whether this caller has no more tries; asking costs none."""
    return not ratelimit.consume(
        request, app="servanda", action=action, config=_RATES, dry_run=True, limit_get=True
    )


def missed(request: HttpRequest, action: str) -> None:
    """Count a wrong try."""
    ratelimit.consume(request, app="servanda", action=action, config=_RATES, limit_get=True)
