"""Does what is published hold together: cookies, forms, messages, and what they rest on?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy import vocabulary
from servanda.policy.document import PolicyDoc
from servanda.policy.types import brief


def check_published(doc: PolicyDoc, findings: Findings, raw: Mapping[str, Any]) -> None:
    """All findings about the parts that only the public sees. `raw`: the sections as written, with
    entries in them that have errors of their own."""
    _check_cookies(doc, findings, raw.get("recipients") or {})
    _check_forms(doc, findings, raw.get("activities") or {})
    _check_messages(doc, findings, raw.get("consents") or {})
    _check_sensitive(doc, findings)


def _check_cookies(doc: PolicyDoc, findings: Findings, recipients: Mapping[str, Any]) -> None:
    for name, cookie in doc.cookies.items():
        if cookie.by is not None and cookie.by not in recipients:
            findings.error(
                ("cookies", name, "by"),
                "unknown-recipient",
                f'unknown recipient "{brief(cookie.by)}"',
                did_you_mean(cookie.by, recipients) or "declare it under `recipients:`",
            )
    waits = any(each.category != "necessary" for each in doc.cookies.values())
    if waits and doc.banner is None:
        findings.error(
            ("cookies",),
            "cookies-without-banner",
            "cookies wait for a choice, but no banner asks for it",
            "add `banner:` with the sites that carry it",
            key=True,
        )


def _check_forms(doc: PolicyDoc, findings: Findings, activities: Mapping[str, Any]) -> None:
    for name, form in doc.forms.items():
        where: Where = ("forms", name)
        if form.activity not in activities:
            findings.error(
                (*where, "activity"),
                "unknown-activity",
                f'unknown activity "{brief(form.activity)}"',
                did_you_mean(form.activity, activities),
            )
            continue
        activity = doc.activities.get(form.activity)
        if activity is None:
            continue  # it has errors of its own
        for field, each in form.fields.items():
            if not any(vocabulary.covers(wide, each.holds) for wide in activity.data):
                findings.error(
                    (*where, "fields", field),
                    "field-not-promised",
                    f'form "{name}" takes {each.holds}, which activity "{form.activity}" does not '
                    "say it collects",
                    f'add it to the activity\'s `data:`, or take "{field}" out of the form',
                )
        if form.third_party and not activity.source:
            findings.error(
                (*where, "third_party"),
                "source-not-said",
                f'form "{name}" takes data from somebody else, and the policy does not say whom',
                f'add `source:` to the activity "{form.activity}"',
            )
        if form.asks_age and doc.children is None:
            findings.error(
                (*where, "asks_age"),
                "age-without-limit",
                f'form "{name}" asks for an age, but nothing says who is too young',
                "add `children: {below: …}`",
            )


def _check_messages(doc: PolicyDoc, findings: Findings, consents: Mapping[str, Any]) -> None:
    used = {purpose for each in doc.activities.values() for purpose in each.purposes}
    for name, message in doc.messages.items():
        place: Where = ("messages", name, "purpose")
        if message.purpose not in used:
            findings.error(
                place,
                "purpose-not-declared",
                f'no activity uses data for "{message.purpose}"',
                "name the purpose in an activity, or choose another",
            )
        elif message.kind == "marketing" and message.purpose not in consents:
            findings.error(
                place,
                "consent-without-point",
                f'messages "{name}" are marketing, but nobody is asked for "{message.purpose}"',
                f"add `consents: {{{message.purpose}: {{point: …}}}}`",
            )
        elif message.kind == "service" and message.purpose in consents:
            findings.error(
                ("messages", name, "kind"),
                "marketing-as-service",
                f'"{message.purpose}" is a matter of consent, so its messages are not service',
                "say `kind: marketing`, or give the message the purpose of the service",
            )


def _check_sensitive(doc: PolicyDoc, findings: Findings) -> None:
    for name, activity in doc.activities.items():
        for index, category in enumerate(activity.data):
            if vocabulary.sensitive(category) and activity.basis != "consent_explicit":
                findings.error(
                    ("activities", name, "data", index),
                    "sensitive-without-explicit-consent",
                    f'"{category}" is sensitive, and activity "{name}" rests on {activity.basis}',
                    "put it into an activity of its own with `basis: consent_explicit`",
                )
