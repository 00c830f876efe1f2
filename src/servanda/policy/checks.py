"""Does the policy hold together? Every refusal of the language that needs more than one key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy import controls, vocabulary
from servanda.policy.check_published import check_published
from servanda.policy.document import ActivityDoc, PolicyDoc, PromiseDoc, RetainDoc
from servanda.policy.retention import check_retention
from servanda.policy.rights import check_rights
from servanda.policy.transfers import adequacy, same_area
from servanda.policy.types import brief

_WRITTEN = ("activities", "consents", "recipients")
_CONSENT = re.compile(r"consent\(\s*([A-Za-z0-9_.-]+)\s*\)")


def check(doc: PolicyDoc, findings: Findings, today: str) -> None:
    """All semantic findings. `today` (ISO date) decides which adequacy decisions are in force."""
    raw = findings.located.data
    if not _entries(raw, "activities"):
        findings.error(
            ("activities",), "empty-list", "there is no activity", "write at least one", key=True
        )
    _check_zone(doc, findings)
    _check_recipients(doc, findings, raw, today)
    for name, activity in doc.activities.items():
        where: Where = ("activities", name)
        _check_purposes(doc, activity, findings, where)
        for suffix, rule in rules_of(activity):
            _check_events(doc, rule, findings, (*where, "retain", *suffix))
            _check_unless(rule, findings, (*where, "retain", *suffix), raw)
        check_retention(name, activity, rules_of(activity), findings)
    check_rights(doc, findings, today)
    check_published(doc, findings, {k: _entries(raw, k) for k in _WRITTEN})
    known = controls.known(_entries(raw, "activities"), _entries(raw, "rights"))
    for name, promise in doc.promises.items():
        _check_promise(promise, findings, ("promises", name), known)


def rules_of(activity: ActivityDoc) -> list[tuple[Where, RetainDoc]]:
    """The retention rules with their place under `retain`: one mapping, or a list."""
    if isinstance(activity.retain, list):
        return [((index,), rule) for index, rule in enumerate(activity.retain)]
    return [((), activity.retain)]


def consent_purpose(unless: str) -> str | None:
    """`consent(marketing)` → `marketing`; None when it is not such a condition."""
    found = _CONSENT.fullmatch(unless.strip())
    return found.group(1) if found else None


def _entries(raw: Any, section: str) -> Mapping[str, Any]:
    """A section as written, entries with structural errors included."""
    found = raw.get(section) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}


def _check_zone(doc: PolicyDoc, findings: Findings) -> None:
    country = vocabulary.country_of(doc.organisation.country)
    if doc.organisation.zone is None and country is not None and country.zone is None:
        findings.error(
            ("organisation", "country"),
            "zone-needed",
            f"{country.name} has several time zones",
            "add `zone:`, for example America/New_York",
        )


def _check_recipients(doc: PolicyDoc, findings: Findings, raw: Any, today: str) -> None:
    written = _entries(raw, "recipients")
    named: set[str] = set()
    for activity in _entries(raw, "activities").values():
        listed = activity.get("recipients") if isinstance(activity, dict) else None
        if isinstance(listed, list):
            named.update(each for each in listed if isinstance(each, str))
    for name, activity in doc.activities.items():
        for index, each in enumerate(activity.recipients):
            if each not in written:
                findings.error(
                    ("activities", name, "recipients", index),
                    "unknown-recipient",
                    f'unknown recipient "{brief(each)}"',
                    did_you_mean(each, written) or "declare it under `recipients:`",
                )
    named.update(each.by for each in doc.cookies.values() if each.by)
    home = vocabulary.country_of(doc.organisation.country)
    for name, recipient in doc.recipients.items():
        where: Where = ("recipients", name)
        if name not in named:
            findings.warning(
                where,
                "unused-recipient",
                f'no activity gives data to "{name}"',
                "name it in an activity, or remove it",
                key=True,
            )
        abroad = vocabulary.country_of(recipient.country)
        if home is None or abroad is None or recipient.transfer is not None:
            continue
        if not same_area(home, abroad) and adequacy(home, abroad, today) is None:
            findings.error(
                (*where, "country"),
                "transfer-without-mechanism",
                f'"{name}" takes data from {home.name} to {abroad.name} without a mechanism',
                f"add `transfer:` ({', '.join(sorted(vocabulary.terms('transfer')))})",
            )


def _check_purposes(
    doc: PolicyDoc, activity: ActivityDoc, findings: Findings, where: Where
) -> None:
    points = _entries(findings.located.data, "consents")
    for index, purpose in enumerate(activity.purposes):
        place: Where = (*where, "purposes", index)
        if purpose == "sell":
            findings.error(
                place,
                "sale-of-data",
                f'activity "{where[1]}" sells data',
                "Servanda does not keep a policy that sells data; remove the purpose",
            )
        elif activity.basis.startswith("consent") and purpose not in points:
            findings.error(
                place,
                "consent-without-point",
                f'"{purpose}" rests on consent, but nobody is asked for it',
                f"add `consents: {{{purpose}: {{point: …}}}}` and say where people choose",
            )


def _check_events(doc: PolicyDoc, rule: RetainDoc, findings: Findings, where: Where) -> None:
    known = {**vocabulary.terms("event"), **_entries(findings.located.data, "events")}
    for place, event in _events(rule, where):
        if event not in known:
            remedy = did_you_mean(event, known, show=0).replace("known: , …", "")
            findings.error(
                place,
                "unknown-event",
                f'unknown event "{brief(event)}"',
                remedy or "declare it under `events:` and say what it means",
            )


def _events(rule: RetainDoc, where: Where) -> Iterator[tuple[Where, str]]:
    if rule.after is not None:
        yield (*where, "after"), rule.after
    for index, floor in enumerate(rule.at_least):
        yield (*where, "at_least", index, "after"), floor.after


def _check_unless(rule: RetainDoc, findings: Findings, where: Where, raw: Any) -> None:
    if rule.unless is None:
        return
    place: Where = (*where, "unless")
    purpose = consent_purpose(rule.unless)
    points, purposes = _entries(raw, "consents"), vocabulary.terms("purpose")
    if purpose is None:
        findings.error(
            place,
            "bad-condition",
            f'"{brief(rule.unless)}" is not a condition',
            "write `consent(PURPOSE)`, for example consent(marketing)",
        )
    elif purpose not in purposes:
        findings.error(
            place,
            "unknown-purpose",
            f'unknown purpose "{brief(purpose)}"',
            did_you_mean(purpose, purposes),
        )
    elif purpose not in points:
        findings.error(
            place,
            "consent-without-point",
            f'the rule turns on consent to "{purpose}", but nobody is asked for it',
            f"add `consents: {{{purpose}: {{point: …}}}}` and say where people choose",
        )


def _check_promise(
    promise: PromiseDoc, findings: Findings, where: Where, known: Mapping[str, str]
) -> None:
    if promise.planned and promise.kept_by:
        findings.error(
            (*where, "planned"),
            "planned-and-kept",
            f'promise "{where[1]}" is planned, yet names what keeps it',
            "remove `planned`, or empty `kept_by` until it is built",
        )
    if not promise.kept_by and not promise.planned and promise.how != "stated":
        findings.error(
            where,
            "promise-unkept",
            f'no control keeps promise "{where[1]}"',
            "name one in `kept_by`, or say `planned: true` or `how: stated`",
            key=True,
        )
    if "@" in promise.owner:
        findings.error(
            (*where, "owner"),
            "owner-is-a-person",
            f'promise "{where[1]}" names an address as its owner',
            "name the job, for example `privacy lead`: the ledger keeps it for good",
        )
    for index, control in enumerate(promise.kept_by):
        if control not in known:
            findings.error(
                (*where, "kept_by", index),
                "unknown-control",
                f'there is no control "{brief(control)}"',
                did_you_mean(control, known),
            )
