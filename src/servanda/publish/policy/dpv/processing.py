"""Activities, how long their data is kept, and who gets it."""

from __future__ import annotations

from servanda.policy.rules import Activity, Ceiling, Floor, Policy, Recipient
from servanda.policy.vocabulary import terms
from servanda.publish.policy.dpv.terms import OWN, Node, day, label, lasting, named, place, told
from servanda.publish.policy.durations import duration
from servanda.publish.policy.keeping import kept
from servanda.publish.policy.making import Making
from servanda.publish.policy.parts.sharing import protection, used_by
from servanda.publish.policy.words import Wording

_ROLES = {
    "controller": "dpv:DataController",
    "processor": "dpv:DataProcessor",
    "joint_controller": "dpv:JointDataControllers",
}


def process(policy: Policy, each: Activity, wording: Wording) -> Node:
    return told(
        {
            "@id": f"#activity-{each.id}",
            "@type": "dpv:Process",
            "dct:title": each.id,
            "srv:ourRole": {"@id": _ROLES[each.role]},
            "dpv:hasPurpose": named("purpose", each.purposes),
            "dpv:hasLegalBasis": named("basis", (each.basis,)),
            "dpv:hasDataSubject": named("subject", each.subjects),
            "dpv:hasPersonalData": named("data", each.data),
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
    return told(
        {
            "@type": "dpv:StorageCondition",
            "srv:limit": "at most",
            "dpv:hasDuration": lasting(duration(rule.period)),
            "srv:after": _event(policy, rule.event),
            "srv:then": rule.outcome,
            "srv:unlessConsentTo": named("purpose", [rule.unless_consent])
            if rule.unless_consent
            else [],
        }
    )


def _floor(policy: Policy, rule: Floor) -> Node:
    return told(
        {
            "@type": "dpv:StorageCondition",
            "srv:limit": "at least",
            "dpv:hasDuration": lasting(duration(rule.period)),
            "srv:after": _event(policy, rule.event),
            "srv:ground": rule.ground,
            "dpv:hasPersonalData": named("data", rule.covers),
            "srv:publishedException": rule.published_exception,
        }
    )


def _event(policy: Policy, id_: str) -> Node:
    own = dict(policy.events)
    return {"@id": f"{OWN}event-{id_}", "skos:prefLabel": own.get(id_) or label("event", id_)}


def recipient(making: Making, each: Recipient) -> Node:
    found = terms("recipient").get(each.kind)
    return told(
        {
            "@id": f"#recipient-{each.id}",
            "@type": found.iri if found else "dpv:Recipient",
            "dpv:hasName": each.name,
            "srv:kind": named("recipient", (each.kind,)),
            "dpv:hasLocation": place(each.country),
            "srv:transferRestsOn": named("transfer", (each.transfer,))
            if each.transfer
            else protection(making, each),
            "srv:contractSigned": day(each.contract_signed) if each.contract_signed else None,
            "srv:contractReview": lasting(duration(each.contract_review))
            if each.contract_review
            else None,
            "srv:usedBy": used_by(making, each.id),
        }
    )
