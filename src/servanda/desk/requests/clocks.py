"""What of a request's life the law's clocks are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from servanda import law
from servanda.state.models import RequestEvent


def told(events: Iterable[RequestEvent]) -> dict[str, date]:
    """The law's events, the last of each kind. `events` in the order they were recorded.

    What confirms an identity counts only where it was asked for: a clock begins anew with an
    answer, never with a check of our own. Asking again takes the earlier answer back.
    """
    found: dict[str, date] = {}
    asked = False
    for each in events:
        if each.kind == "identity_asked":
            asked = True
            found.pop("identity_received", None)
        elif each.kind == "identity_received" and not asked:
            continue
        elif each.kind == "scope_asked":
            found.pop("scope_answered", None)
        if each.kind in law.EVENTS:
            found[each.kind] = each.on
    return found
