"""A consent in the terms of ISO/IEC TS 27560:2023, as the W3C's Data Privacy Vocabulary writes it
(profile `record-eu-gdpr`).

    record(policy, data, later, address=…)

`data` is the record as it is kept; nothing is added that was not known then but what the policy
says of the purpose. Events are those of this record, and of later ones that changed what it says.
Jamaica's additions: whether the form was the prescribed one, and that somebody was asked.

The danger: a record that looks complete and lacks what the standard demands. What guards it:
tests/publish/test_consentrecord.py asks for every mandatory field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from servanda.policy.rules import Activity, Policy
from servanda.policy.vocabulary import terms

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
RECEIPT_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "servanda": "urn:servanda:consent#",
}
_STATES = {
    "given": "dpv:ConsentGiven",
    "renewed": "dpv:RenewedConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "expired": "dpv:ConsentExpired",
    "invalidated": "dpv:ConsentInvalidated",
    "requested": "dpv:ConsentRequested",
}
_COOKIES = "cookies."
_EXPRESSED = ("preferences", "form", "paper", "phone", "in_person", "chosen", "parent")


def record(
    policy: Policy,
    data: Mapping[str, Any],
    later: Sequence[tuple[Mapping[str, Any], str]],
    *,
    address: str,
) -> dict[str, Any]:
    """The record as JSON-LD. `later`: (data, id) of what the same person said afterwards."""
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": PROFILE,
        "dct:identifier": data["record"],
        "dpv:hasDataSubject": {"dct:identifier": data["subject"], "servanda:kind": data["who"]},
        "dpv:hasNotice": _notice(data, address),
        "dpv:hasProcess": [
            _process(policy, purpose, data, address) for purpose in _purposes(data["states"])
        ],
        "dpv:hasDataController": _party(policy),
        "servanda:events": _events(data, data["record"])
        + [event for each, id_ in later for event in _events(each, id_, set(data["states"]))],
        **_more(data),
    }


def _notice(data: Mapping[str, Any], address: str) -> dict[str, Any]:
    edition = data.get("edition")
    return {
        "@type": "dpv:ConsentNotice",
        "servanda:sha256": data.get("notice"),
        "dct:language": data.get("language") or "en",
        "dct:hasVersion": edition,
        "dct:source": f"{address}/privacy/policy/",
    }


def _process(policy: Policy, purpose: str, data: Mapping[str, Any], address: str) -> dict[str, Any]:
    """What the policy says of the purpose: data, recipients, how long, where."""
    activities = [each for each in policy.activities if purpose in each.purposes]
    recipients = _recipients(policy, activities, purpose)
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": _purpose(purpose),
        "servanda:purpose": purpose,
        "dpv:hasLegalBasis": "eu-gdpr:A6-1-a",
        "dpv:hasPersonalData": _data(activities, purpose),
        "dpv:hasCollection": data["how"],
        "dpv:hasRecipientThirdParty": recipients,
        "dpv:hasStorageLocation": sorted({policy.country, *(e["country"] for e in recipients)}),
        "dpv:hasStorageDuration": _retention(policy, activities, purpose),
        "dpv:hasJurisdiction": list(policy.jurisdictions),
        "dpv:hasConsentWithdrawal": f"{address}/consent/",
        "dpv:hasRight": f"{address}/privacy/",
        "servanda:channels": {
            name.partition("/")[2] or "all": _STATES[state]
            for name, state in data["states"].items()
            if name.partition("/")[0] == purpose
        },
    }


def _party(policy: Policy) -> dict[str, Any]:
    """Who asks. Every party has an id, a name, an address, a contact and a type."""
    return {
        "@type": "dpv:DataController",
        "dct:identifier": policy.contact,
        "dpv:hasName": policy.organisation,
        "dpv:hasAddress": policy.address or policy.country,
        "dpv:hasContact": policy.contact,
        "servanda:phone": policy.phone or None,
    }


def _events(
    data: Mapping[str, Any], id_: str, only: set[str] | None = None
) -> list[dict[str, Any]]:
    until = data.get("until") or {}
    found = []
    for name, state in data["states"].items():
        purpose, _, channel = name.partition("/")
        if only is not None and not _touches(name, only):
            continue
        found.append(
            {
                "dct:date": data.get("said_at") or data["at"],
                "servanda:recorded": data["at"],
                "dct:valid": until.get(purpose) or "until withdrawn",
                "dpv:isIndicatedBy": data.get("by", "data subject"),
                "dpv:hasIndicationMethod": data["how"],
                "@type": "dpv:ExpressedConsent"
                if data["how"] in _EXPRESSED
                else "dpv:ExplicitlyExpressedConsent",
                "dpv:hasConsentStatus": _STATES[state],
                "servanda:purpose": purpose,
                "servanda:channel": channel or "all",
                "dct:isPartOf": id_,
            }
        )
    return found


def _touches(name: str, names: set[str]) -> bool:
    """Whether what was said there changes something that was said in these."""
    purpose, _, channel = name.partition("/")
    return any(
        purpose == other.partition("/")[0]
        and (not channel or not other.partition("/")[2] or name == other)
        for other in names
    )


def _more(data: Mapping[str, Any]) -> dict[str, Any]:
    asked = sum(state == "requested" for state in data["states"].values())
    found = {
        "servanda:place": data.get("place"),
        "servanda:prescribed_form": data.get("form"),
        "servanda:ask_count": asked or None,
        "servanda:global_privacy_control": data.get("gpc"),
        "servanda:source": data.get("source"),
        "servanda:proof_sha256": data.get("proof"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _purposes(states: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[0] for name in states))


def _purpose(purpose: str) -> str:
    if purpose.startswith(_COOKIES):
        return "dpv:ServicePersonalisation" if purpose.endswith("functional") else "dpv:Purpose"
    term = terms("purpose").get(purpose)
    return term.iri if term and term.iri else "dpv:Purpose"


def _data(activities: Sequence[Activity], purpose: str) -> list[str]:
    if purpose.startswith(_COOKIES):
        return ["tracking.cookie"]
    return sorted({each for activity in activities for each in activity.data}) or ["contact"]


def _recipients(
    policy: Policy, activities: Sequence[Activity], purpose: str
) -> list[dict[str, str]]:
    ids = {each for activity in activities for each in activity.recipients}
    if purpose.startswith(_COOKIES):
        category = purpose.removeprefix(_COOKIES)
        ids = {each.by for each in policy.cookies if each.category == category and each.by}
    found = [each for each in policy.recipients if each.id in ids]
    return [{"name": each.name, "country": each.country} for each in found]


def _retention(policy: Policy, activities: Sequence[Activity], purpose: str) -> list[str]:
    if purpose.startswith(_COOKIES):
        category = purpose.removeprefix(_COOKIES)
        lasts = [e.lasts for e in policy.cookies if e.category == category]
        return sorted({str(each) if each else "the visit" for each in lasts}) or ["the visit"]
    found = {
        f"{ceiling.period} after {ceiling.event}"
        for each in activities
        if each.retention
        for ceiling in each.retention.ceilings
    }
    return sorted(found) or ["until consent is withdrawn"]
