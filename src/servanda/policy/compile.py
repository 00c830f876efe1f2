"""From a checked document to the frozen rules everything downstream uses."""

from __future__ import annotations

from servanda.kernel.digest import digest_of
from servanda.kernel.errors import Place
from servanda.kernel.located import Located, Where
from servanda.kernel.period import Period
from servanda.policy import vocabulary
from servanda.policy.checks import consent_purpose, rules_of
from servanda.policy.compile_published import published
from servanda.policy.document import ActivityDoc, FloorDoc, PolicyDoc
from servanda.policy.rules import (
    Activity,
    Ceiling,
    ConsentPoint,
    Floor,
    Forever,
    Policy,
    Promise,
    Recipient,
    Retention,
    Right,
)


def compile_policy(doc: PolicyDoc, located: Located) -> Policy:
    """Only for a document without errors."""
    organisation = doc.organisation
    country = vocabulary.country_of(organisation.country)
    return Policy(
        organisation=organisation.name,
        country=organisation.country,
        zone=organisation.zone or (country.zone if country else None) or "UTC",
        contact=organisation.contact,
        jurisdictions=tuple(doc.jurisdictions) or (organisation.country,),
        activities=tuple(_activity(k, v, located) for k, v in doc.activities.items()),
        recipients=tuple(
            Recipient(
                id=name,
                name=each.name,
                kind=each.kind,
                country=each.country,
                transfer=each.transfer,
                place=_place(located, ("recipients", name)),
                contract_signed=each.contract.signed if each.contract else None,
                contract_review=_period(each.contract.review) if each.contract else None,
            )
            for name, each in doc.recipients.items()
        ),
        promises=tuple(
            Promise(
                id=name,
                says=" ".join(each.says.split()),
                section=each.section,
                kept_by=tuple(each.kept_by),
                planned=each.planned,
                how=each.how,
                place=_place(located, ("promises", name)),
                owner=" ".join(each.owner.split()),
            )
            for name, each in doc.promises.items()
        ),
        rights=tuple(
            Right(
                id=name,
                answer_within=_period(each.answer_within),
                through=" ".join((each.through or "").split()),
                law_sooner=" ".join((each.law_sooner or "").split()),
                place=_place(located, ("rights", name)),
            )
            for name, each in doc.rights.items()
        ),
        consents=tuple(
            ConsentPoint(name, each.point, tuple(each.channels), _period(each.asks_again))
            for name, each in doc.consents.items()
        ),
        **published(doc),
        events=tuple((name, " ".join(says.split())) for name, says in doc.events.items()),
        digest=digest_of(located.data),
        source=located.source,
    )


def _activity(name: str, doc: ActivityDoc, located: Located) -> Activity:
    return Activity(
        id=name,
        role=doc.role,
        purposes=tuple(doc.purposes),
        basis=doc.basis,
        subjects=tuple(doc.subjects),
        data=tuple(doc.data),
        recipients=tuple(doc.recipients),
        retention=_retention(doc),
        place=_place(located, ("activities", name)),
        source=doc.source,
        automated=doc.automated,
    )


def _retention(doc: ActivityDoc) -> Retention:
    rules = [rule for _, rule in rules_of(doc)]
    ceilings = tuple(
        Ceiling(
            Period.parse(rule.at_most),
            rule.after,
            rule.then,
            consent_purpose(rule.unless) if rule.unless else None,
        )
        for rule in rules
        if rule.at_most is not None and rule.after is not None and rule.then is not None
    )
    floors = tuple(_floor(floor) for rule in rules for floor in rule.at_least)
    reasons = [rule.forever for rule in rules if rule.forever is not None]
    return Retention(ceilings, floors, Forever(reasons[0]) if reasons else None)


def _floor(doc: FloorDoc) -> Floor:
    return Floor(
        Period.parse(doc.period), doc.after, doc.ground, tuple(doc.covers), doc.published_exception
    )


def _period(text: str | None) -> Period | None:
    return Period.parse(text) if text else None


def _place(located: Located, where: Where) -> Place:
    return located.place(where, key=True)
