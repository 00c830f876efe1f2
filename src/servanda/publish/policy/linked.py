"""The published policy as JSON-LD, in terms of the W3C Data Privacy Vocabulary (2.3).

A `dpv:PrivacyNotice` with a `dpv:Process` for each activity. A term that the vocabulary has not is
our own (`srv:`), with `skos:broader` to the nearest. Names are IRIs under the document itself, so
that nothing is looked up anywhere to read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from servanda.policy.rules import (
    Activity,
    Ceiling,
    ConsentPoint,
    Cookie,
    Floor,
    Form,
    Message,
    Named,
    Policy,
    Recipient,
    Right,
)
from servanda.policy.vocabulary import Kind, terms
from servanda.publish.policy.durations import duration
from servanda.publish.policy.keeping import kept
from servanda.publish.policy.making import Making
from servanda.publish.policy.model import Document
from servanda.publish.policy.parts.rights import deadline, given
from servanda.publish.policy.parts.sharing import protection, used_by
from servanda.publish.policy.words import Wording

Node: TypeAlias = dict[str, Any]

OWN = "urn:servanda:term:"
CONTEXT: Node = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "srv": OWN,
}
_ROLES = {
    "controller": "dpv:DataController",
    "processor": "dpv:DataProcessor",
    "joint_controller": "dpv:JointDataControllers",
}


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
        "dpv:hasJurisdiction": [_place(each) for each in policy.jurisdictions],
        "dpv:hasDataController": _organisation(policy),
        "dpv:hasProcess": [_process(policy, each, wording) for each in policy.activities],
        "dpv:hasRecipient": [_recipient(making, each) for each in policy.recipients],
        "dpv:hasRight": [_right(making, id_) for id_ in (*given(making), "complaint")],
        "dpv:hasOrganisationalMeasure": _texts(
            policy.security, "dpv:TechnicalOrganisationalMeasure"
        ),
        "dpv:hasConsentControl": [_consent(each) for each in policy.consents],
        "srv:hasCookie": [_cookie(policy, each) for each in policy.cookies],
        "srv:hasForm": [_form(each) for each in policy.forms],
        "srv:hasMessage": [_message(each) for each in policy.messages],
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
        return {"dct:created": _day(doc.today.isoformat()), "srv:status": "draft"}
    return {
        "dct:hasVersion": str(edition.number),
        "dct:issued": _day(edition.published.isoformat()),
        "dct:valid": _day(edition.binds.isoformat()),
        "dct:replaces": [
            {
                "dct:hasVersion": str(each.number),
                "dct:issued": _day(each.published.isoformat()),
                "dct:valid": _day(each.binds.isoformat()),
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
            "srv:asksAgain": _lasting(duration(policy.banner.asks_again)),
        }
    if policy.children_below is not None:
        found["srv:parentConsentBelowAge"] = policy.children_below
    if policy.changes:
        changes = policy.changes
        found["srv:changes"] = {
            "srv:review": _lasting(duration(changes.review)) if changes.review else None,
            "srv:notice": _lasting(duration(changes.notice)),
            "srv:tell": list(changes.tell),
            "srv:consent": changes.consent,
            "srv:objection": _lasting(duration(changes.objection)) if changes.objection else None,
        }
    return found


def _organisation(policy: Policy) -> Node:
    return _told(
        {
            "@id": "#us",
            "@type": "dpv:DataController",
            "dpv:hasName": policy.organisation,
            "dpv:hasContact": [each for each in (policy.contact, policy.phone) if each],
            "dpv:hasAddress": policy.address,
            "dpv:hasLocation": _place(policy.country),
            "srv:zone": policy.zone,
            "dpv:hasDataProtectionOfficer": _named(policy.officer, "dpv:DataProtectionOfficer"),
            "dpv:hasRepresentative": [
                {**(_named(each, "dpv:Representative") or {}), "dpv:hasJurisdiction": _place(code)}
                for code, each in policy.representatives
            ],
            "srv:registration": [
                {"dpv:hasJurisdiction": _place(code), "dct:identifier": number}
                for code, number in policy.registrations
            ],
        }
    )


def _named(each: Named | None, kind: str) -> Node | None:
    if each is None:
        return None
    return {"@type": kind, "dpv:hasName": each.name, "dpv:hasContact": each.contact}


def _process(policy: Policy, each: Activity, wording: Wording) -> Node:
    return _told(
        {
            "@id": f"#activity-{each.id}",
            "@type": "dpv:Process",
            "dct:title": each.id,
            "srv:ourRole": {"@id": _ROLES[each.role]},
            "dpv:hasPurpose": _terms("purpose", each.purposes),
            "dpv:hasLegalBasis": _terms("basis", (each.basis,)),
            "dpv:hasDataSubject": _terms("subject", each.subjects),
            "dpv:hasPersonalData": _terms("data", each.data),
            "dpv:hasRecipient": [{"@id": f"#recipient-{id_}"} for id_ in each.recipients],
            "dpv:hasDataSource": each.source,
            "dpv:hasStorageCondition": _storage(policy, each, wording),
            "srv:automatedDecision": each.automated,
        }
    )


def _storage(policy: Policy, each: Activity, wording: Wording) -> list[Node]:
    if each.retention is None:
        return []
    found = [_ceiling(policy, rule) for rule in each.retention.ceilings]
    found += [_floor(policy, rule) for rule in each.retention.floors]
    if each.retention.forever:
        reason = each.retention.forever.reason
        found.append({"@type": "dpv:StorageCondition", "srv:withoutEnd": reason})
    for node, said in zip(found, kept(each, wording), strict=True):
        node["dct:description"] = said
    return found


def _ceiling(policy: Policy, rule: Ceiling) -> Node:
    return _told(
        {
            "@type": "dpv:StorageCondition",
            "srv:limit": "at most",
            "dpv:hasDuration": _lasting(duration(rule.period)),
            "srv:after": _event(policy, rule.event),
            "srv:then": rule.outcome,
            "srv:unlessConsentTo": _terms("purpose", [rule.unless_consent])
            if rule.unless_consent
            else [],
        }
    )


def _floor(policy: Policy, rule: Floor) -> Node:
    return _told(
        {
            "@type": "dpv:StorageCondition",
            "srv:limit": "at least",
            "dpv:hasDuration": _lasting(duration(rule.period)),
            "srv:after": _event(policy, rule.event),
            "srv:ground": rule.ground,
            "dpv:hasPersonalData": _terms("data", rule.covers),
            "srv:publishedException": rule.published_exception,
        }
    )


def _event(policy: Policy, id_: str) -> Node:
    own = dict(policy.events)
    return {"@id": f"{OWN}event-{id_}", "skos:prefLabel": own.get(id_) or _label("event", id_)}


def _recipient(making: Making, each: Recipient) -> Node:
    found = terms("recipient").get(each.kind)
    return _told(
        {
            "@id": f"#recipient-{each.id}",
            "@type": found.iri if found else "dpv:Recipient",
            "dpv:hasName": each.name,
            "srv:kind": _terms("recipient", (each.kind,)),
            "dpv:hasLocation": _place(each.country),
            "srv:transferRestsOn": _terms("transfer", (each.transfer,))
            if each.transfer
            else protection(making, each),
            "srv:contractSigned": _day(each.contract_signed) if each.contract_signed else None,
            "srv:contractReview": _lasting(duration(each.contract_review))
            if each.contract_review
            else None,
            "srv:usedBy": used_by(making, each.id),
        }
    )


def _right(making: Making, id_: str) -> Node:
    promised: Right | None = making.policy.right(id_)
    found = terms("right").get("complain" if id_ == "complaint" else id_)
    told = _told(
        {
            "@type": "dpv:Right",
            "srv:kind": {"@id": found.iri, "skos:prefLabel": found.label} if found else id_,
            "dct:identifier": id_,
            "srv:answerWithin": _lasting(duration(promised.answer_within))
            if promised and promised.answer_within
            else None,
            "srv:through": promised.through if promised else making.policy.contact,
            "srv:lawSooner": promised.law_sooner if promised else "",
            "srv:law": [],
        }
    )
    laws = []
    for place in making.places:
        if rule := deadline(place, id_, making):
            laws.append(
                {
                    "dpv:hasJurisdiction": _place(place.code),
                    "srv:within": rule.long,
                    "dct:source": rule.source,
                }
            )
    return {**told, "srv:law": laws} if laws else told


def _consent(each: ConsentPoint) -> Node:
    return _told(
        {
            "@type": "dpv:ObtainConsent",
            "dpv:hasPurpose": _terms("purpose", (each.purpose,)),
            "dct:description": each.point,
            "srv:channels": list(each.channels),
            "srv:asksAgain": _lasting(duration(each.asks_again)) if each.asks_again else None,
        }
    )


def _cookie(policy: Policy, each: Cookie) -> Node:
    return _told(
        {
            "@type": "https://w3id.org/dpv/tech#Cookie",
            "dpv:hasName": each.name,
            "srv:category": each.category,
            "dct:description": each.purpose,
            "dpv:hasDuration": _lasting(duration(each.lasts)) if each.lasts else "session",
            "srv:setBy": {"@id": f"#recipient-{each.by}" if each.by else "#us"},
            "srv:hosts": list(each.hosts),
        }
    )


def _form(each: Form) -> Node:
    return {
        "@type": "srv:Form",
        "dct:title": each.id,
        "srv:feeds": {"@id": f"#activity-{each.activity}"},
        "srv:fields": [
            {
                "dct:title": field.name,
                "dpv:hasPersonalData": _terms("data", (field.category,)),
                "srv:required": field.required,
                "srv:freeText": field.free,
            }
            for field in each.fields
        ],
        "srv:fromThirdParty": each.third_party,
        "srv:asksAge": each.asks_age,
    }


def _message(each: Message) -> Node:
    return {
        "@type": "srv:Message",
        "dct:title": each.id,
        "srv:kind": each.kind,
        "dpv:hasPurpose": _terms("purpose", (each.purpose,)),
        "dct:description": each.says,
    }


def _terms(kind: Kind, ids: Iterable[str]) -> list[Node]:
    """A term of the vocabulary by its IRI; one that is ours by our own, under the nearest."""
    found: list[Node] = []
    for id_ in ids:
        term = terms(kind)[id_]
        if term.match == "exact":
            found.append({"@id": term.iri, "skos:prefLabel": term.label})
        else:
            own: Node = {"@id": f"{OWN}{kind}-{id_}", "skos:prefLabel": term.label}
            found.append({**own, "skos:broader": {"@id": term.iri}} if term.iri else own)
    return found


def _texts(said: Iterable[str], kind: str) -> list[Node]:
    return [{"@type": kind, "dct:description": each} for each in said]


def _label(kind: Kind, id_: str) -> str:
    found = terms(kind).get(id_)
    return found.label if found else id_


def _place(code: str) -> Node:
    return {"@id": f"loc:{code}"}


def _day(iso: str) -> Node:
    return {"@type": "xsd:date", "@value": iso}


def _lasting(iso: str) -> Node:
    return {"@type": "xsd:duration", "@value": iso}


def _told(node: Node) -> Node:
    """Without what says nothing."""
    return {key: value for key, value in node.items() if value not in ([], "", None)}
