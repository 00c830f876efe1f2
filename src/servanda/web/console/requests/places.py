"""Where a person may live, by name: the company's own places first, then the others, sorted."""

from __future__ import annotations

from servanda import law
from servanda.desk.portal.form import places
from servanda.policy.rules import Policy
from servanda.policy.vocabulary import countries

UNKNOWN = ("", "nobody knows, so the strictest law counts")


def choices(policy: Policy, present: str = "") -> list[tuple[str, str]]:
    """(code, name) of each. `present`: what is on record, which stays possible."""
    own = {found.code for code in policy.jurisdictions if (found := law.near(code))}
    named = {code: each.name for code, each in countries().items()} | dict(places(policy))
    if present and present not in named:
        named[present] = _name(present)
    ordered = sorted(named.items(), key=lambda each: (each[0] not in own, each[1].casefold()))
    return [UNKNOWN, *ordered]


def _name(code: str) -> str:
    found = law.near(code)
    return found.name if found is not None and found.code == code else code
