"""Rights, consents, cookies, forms and messages."""

from __future__ import annotations

from servanda.policy.rules import ConsentPoint, Cookie, Form, Message, Policy, Right
from servanda.policy.vocabulary import terms
from servanda.publish.policy.dpv.terms import Node, lasting, named, place, told
from servanda.publish.policy.durations import duration
from servanda.publish.policy.making import Making
from servanda.publish.policy.parts.rights import deadline


def right(making: Making, id_: str) -> Node:
    promised: Right | None = making.policy.right(id_)
    found = terms("right").get("complain" if id_ == "complaint" else id_)
    within = promised.answer_within if promised else None
    return told(
        {
            "@type": "dpv:Right",
            "srv:kind": {"@id": found.iri, "skos:prefLabel": found.label} if found else id_,
            "dct:identifier": id_,
            "srv:answerWithin": lasting(duration(within)) if within else None,
            "srv:through": promised.through if promised else making.policy.contact,
            "srv:lawSooner": promised.law_sooner if promised else "",
            "srv:law": [
                {
                    "dpv:hasJurisdiction": place(each.code),
                    "srv:within": rule.long,
                    "dct:source": rule.source,
                }
                for each in making.places
                if (rule := deadline(each, id_, making))
            ],
        }
    )


def consent(each: ConsentPoint) -> Node:
    return told(
        {
            "@type": "dpv:ObtainConsent",
            "dpv:hasPurpose": named("purpose", (each.purpose,)),
            "dct:description": each.point,
            "srv:channels": list(each.channels),
            "srv:asksAgain": lasting(duration(each.asks_again)) if each.asks_again else None,
        }
    )


def cookie(policy: Policy, each: Cookie) -> Node:
    return told(
        {
            "@type": "https://w3id.org/dpv/tech#Cookie",
            "dpv:hasName": each.name,
            "srv:category": each.category,
            "dct:description": each.purpose,
            "dpv:hasDuration": lasting(duration(each.lasts)) if each.lasts else "session",
            "srv:setBy": {"@id": f"#recipient-{each.by}" if each.by else "#us"},
            "srv:hosts": list(each.hosts),
        }
    )


def form(each: Form) -> Node:
    return {
        "@type": "srv:Form",
        "dct:title": each.id,
        "srv:feeds": {"@id": f"#activity-{each.activity}"},
        "srv:fields": [
            {
                "dct:title": field.name,
                "dpv:hasPersonalData": named("data", (field.category,)),
                "srv:required": field.required,
                "srv:freeText": field.free,
            }
            for field in each.fields
        ],
        "srv:fromThirdParty": each.third_party,
        "srv:asksAge": each.asks_age,
    }


def message(each: Message) -> Node:
    return {
        "@type": "srv:Message",
        "dct:title": each.id,
        "srv:kind": each.kind,
        "dpv:hasPurpose": named("purpose", (each.purpose,)),
        "dct:description": each.says,
    }
