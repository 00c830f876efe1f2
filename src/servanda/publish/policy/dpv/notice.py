"""The published policy as JSON-LD, in terms of the W3C Data Privacy Vocabulary (2.3).

A `dpv:PrivacyNotice` with a `dpv:Process` for each activity. A term that the vocabulary has not is
our own (`srv:`), with `skos:broader` to the nearest. Names are IRIs under the document itself, so
that nothing is looked up anywhere to read it.
"""

from __future__ import annotations

import json

from servanda.policy.rules import Named, Policy
from servanda.publish.policy.dpv import asking
from servanda.publish.policy.dpv.processing import process, recipient
from servanda.publish.policy.dpv.terms import CONTEXT, Node, day, lasting, place, texts, told
from servanda.publish.policy.durations import duration
from servanda.publish.policy.making import Making
from servanda.publish.policy.model import Document
from servanda.publish.policy.parts.rights import given
from servanda.publish.policy.words import Wording


def jsonld(doc: Document) -> str:
    return json.dumps(data(doc), indent=2, ensure_ascii=False) + "\n"


def data(doc: Document) -> Node:
    """The same as plain data."""
    policy, wording = doc.policy, Wording(events=dict(doc.policy.events))
    making = Making(policy, doc.today, doc.edition, wording)
    notice: Node = {
        "@context": CONTEXT,
        "@id": "#notice",
        "@type": "dpv:PrivacyNotice",
        "dct:title": doc.title,
        "dct:language": doc.language,
        **_edition(doc),
        "dpv:hasJurisdiction": [place(each) for each in policy.jurisdictions],
        "dpv:hasDataController": _organisation(policy),
        "dpv:hasProcess": [process(policy, each, wording) for each in policy.activities],
        "dpv:hasRecipient": [recipient(making, each) for each in policy.recipients],
        "dpv:hasRight": [asking.right(making, id_) for id_ in (*given(making), "complaint")],
        "dpv:hasOrganisationalMeasure": texts(
            policy.security, "dpv:TechnicalOrganisationalMeasure"
        ),
        "dpv:hasConsentControl": [asking.consent(each) for each in policy.consents],
        "srv:hasCookie": [asking.cookie(policy, each) for each in policy.cookies],
        "srv:hasForm": [asking.form(each) for each in policy.forms],
        "srv:hasMessage": [asking.message(each) for each in policy.messages],
        "srv:hasPromise": [
            {
                "@id": f"#promise-{each.id}",
                "@type": "dpv:Obligation",
                "dct:identifier": each.id,
                "dct:isPartOf": each.section,
                "dct:description": each.says,
            }
            for each in policy.promises
        ],
        **_asking(policy),
    }
    return {key: value for key, value in notice.items() if value not in ([], "", None)}


def _edition(doc: Document) -> Node:
    edition = doc.edition
    if edition is None:
        return {"dct:created": day(doc.today.isoformat()), "srv:status": "draft"}
    return {
        "dct:hasVersion": str(edition.number),
        "dct:issued": day(edition.published.isoformat()),
        "dct:valid": day(edition.binds.isoformat()),
        "dct:replaces": [
            {
                "dct:hasVersion": str(each.number),
                "dct:issued": day(each.published.isoformat()),
                "dct:valid": day(each.binds.isoformat()),
            }
            for each in edition.earlier
        ],
    }


def _asking(policy: Policy) -> Node:
    """How we ask and tell: banner, children, changes."""
    found: Node = {}
    if policy.banner:
        found["srv:banner"] = {
            "srv:sites": list(policy.banner.sites),
            "srv:asksAgain": lasting(duration(policy.banner.asks_again)),
        }
    if policy.children_below is not None:
        found["srv:parentConsentBelowAge"] = policy.children_below
    if policy.changes:
        changes = policy.changes
        found["srv:changes"] = {
            "srv:review": lasting(duration(changes.review)) if changes.review else None,
            "srv:notice": lasting(duration(changes.notice)),
            "srv:tell": list(changes.tell),
            "srv:consent": changes.consent,
            "srv:objection": lasting(duration(changes.objection)) if changes.objection else None,
        }
    return found


def _organisation(policy: Policy) -> Node:
    return told(
        {
            "@id": "#us",
            "@type": "dpv:DataController",
            "dpv:hasName": policy.organisation,
            "dpv:hasContact": [each for each in (policy.contact, policy.phone) if each],
            "dpv:hasAddress": policy.address,
            "dpv:hasLocation": place(policy.country),
            "srv:zone": policy.zone,
            "dpv:hasDataProtectionOfficer": _named(policy.officer, "dpv:DataProtectionOfficer"),
            "dpv:hasRepresentative": [
                {**(_named(each, "dpv:Representative") or {}), "dpv:hasJurisdiction": place(code)}
                for code, each in policy.representatives
            ],
            "srv:registration": [
                {"dpv:hasJurisdiction": place(code), "dct:identifier": number}
                for code, number in policy.registrations
            ],
        }
    )


def _named(each: Named | None, kind: str) -> Node | None:
    if each is None:
        return None
    return {"@type": kind, "dpv:hasName": each.name, "dpv:hasContact": each.contact}
