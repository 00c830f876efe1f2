"""What the banner does (`rules`) and what it says (`texts`), from the policy.

Both have an end: a policy with thousands of cookies gives each visitor the first of them, how many
more there are, and the way to the whole list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from servanda.kernel.period import Period
from servanda.law.asking import OPT_OUT
from servanda.policy.published import COOKIE_CATEGORIES
from servanda.policy.rules import Cookie, Policy
from servanda.web.consent.banner import words
from servanda.web.consent.banner.edition import Shown
from servanda.web.portal.words import period

LANGUAGES = ("en", "es")
MOST_COOKIES = 40  # of a category
MOST_PARTIES = 12  # named on the first page
_LONGEST = 300  # letters of a purpose


def rules(policy: Policy, shown: Shown, now: datetime) -> dict[str, Any]:
    """What must be known before anything on a page loads."""
    waits: dict[str, dict[str, list[str]]] = {}
    for category in COOKIE_CATEGORIES[1:]:
        of = [each for each in policy.cookies if each.category == category]
        if of:
            hosts = sorted({host for each in of for host in each.hosts})
            waits[category] = {"hosts": hosts, "names": [each.name for each in of]}
    again = policy.banner.asks_again if policy.banner else Period(months=6)
    return {
        "revision": shown.revision,
        "edition": shown.number,
        "notice": shown.notice,
        "days": max(1, (again.after(now, ZoneInfo(policy.zone)) - now) // timedelta(days=1)),
        "place": policy.country,
        "optOut": list(OPT_OUT),
        "categories": waits,
    }


def texts(policy: Policy, shown: Shown, language: str, address: str) -> dict[str, Any]:
    """What people read, in the nearest language there is."""
    spoken = language if language in LANGUAGES else "en"
    with override(spoken):
        return {
            "language": spoken,
            "edition": shown.number,
            "sha256": shown.notice,
            "revision": shown.revision,
            "parties": _parties(policy),
            **words.said(policy.organisation, _parties(policy), MOST_PARTIES),
            "categories": _categories(policy),
            "policy_url": f"{address}{reverse('portal-policy')}",
            "preferences_url": f"{address}{_preferences()}",
        }


def _parties(policy: Policy) -> list[str]:
    """Third parties whose cookies wait for a choice, by name."""
    by = {each.by for each in policy.cookies if each.by and each.category != "necessary"}
    return sorted({each.name for each in policy.recipients if each.id in by})


def _categories(policy: Policy) -> list[dict[str, Any]]:
    names = {each.id: each.name for each in policy.recipients}
    found = []
    for category in COOKIE_CATEGORIES:
        of = [each for each in policy.cookies if each.category == category]
        if of or category == "necessary":
            name, says = words.CATEGORIES[category]
            count = {"n": len(of)}
            found.append(
                {
                    "id": category,
                    "name": str(name),
                    "says": str(says),
                    "summary": ngettext("%(n)d cookie", "%(n)d cookies", len(of)) % count,
                    "cookies": [_cookie(each, names, policy) for each in of[:MOST_COOKIES]],
                    "more": _more(len(of) - MOST_COOKIES),
                }
            )
    return found


def _more(count: int) -> str:
    return _("%(n)d more: see the whole list") % {"n": count} if count > 0 else ""


def _cookie(each: Cookie, names: Mapping[str, str], policy: Policy) -> dict[str, str]:
    return {
        "name": each.name,
        "who": names.get(each.by, policy.organisation),
        "purpose": each.purpose[:_LONGEST],
        "lasts": period(each.lasts) if each.lasts else _("until the browser is closed"),
    }


def _preferences() -> str:
    """The page for preferences; without one, the start of the portal."""
    for name in ("consent", "portal"):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/privacy/"


def now() -> datetime:
    return datetime.now(UTC)
