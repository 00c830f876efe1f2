"""Does a collection's mapping hold together, and does it carry what the policy's rules need?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.rules import Activity, Policy
from servanda.policy.types import TERMS, brief
from servanda.policy.vocabulary import covers
from servanda.stores.compile import categories, full_fields, identifier, implied_fields
from servanda.stores.document import CollectionDoc
from servanda.stores.ownership_checks import check_parties, check_unlinked
from servanda.stores.parts import ConstantDoc, ExemptDoc, FieldSpec, InDoc


def check_collection(
    doc: CollectionDoc, policy: Policy, findings: Findings, where: Where, today: str
) -> None:
    """Everything that can be said of one collection without looking at the others."""
    fields = full_fields(doc)
    _check_references(doc, fields, findings, where)
    _check_twice(doc, findings, where)
    _check_choices(doc, findings, where)
    _check_meaning(doc, fields, findings, where)
    check_parties(doc, findings, where)
    check_unlinked(doc, findings, where)
    if doc.unlinked is not None:
        check_exemption(doc.unlinked, findings, (*where, "unlinked"), today)
    if doc.exempt is not None:
        check_exemption(doc.exempt, findings, (*where, "exempt"), today)
        if doc.activity is not None:
            findings.error(
                (*where, "exempt"),
                "exempt-and-activity",
                "the collection has an activity and an exemption from its rules",
                "keep one of them",
                key=True,
            )
        return
    if doc.activity is None:
        findings.error(
            where,
            "collection-without-rule",
            f'collection "{brief(where[-1])}" has no rule',
            "name an `activity`, or add `exempt:` with reason, owner and until",
            key=True,
        )
        return
    activity = policy.activity(doc.activity)
    if activity is None:
        findings.error(
            (*where, "activity"),
            "unknown-activity",
            f'unknown activity "{brief(doc.activity)}"',
            did_you_mean(doc.activity, [each.id for each in policy.activities]),
        )
        return
    _check_categories(activity, fields, findings, where)
    _check_rules(activity, doc, findings, where)
    _check_erasable(activity, fields, findings, where)


def check_exemption(doc: ExemptDoc, findings: Findings, where: Where, today: str) -> None:
    """An exemption holds up to and including its last day."""
    if doc.until < today:
        findings.error(
            (*where, "until"),
            "exemption-expired",
            f"the exemption ended on {doc.until}",
            f"{doc.owner} decides: give it a rule, or a new date",
        )


def _check_references(
    doc: CollectionDoc, fields: dict[str, FieldSpec], findings: Findings, where: Where
) -> None:
    known = {*fields, *implied_fields(doc)}
    for place, name in _references(doc):
        if name not in known:
            remedy = did_you_mean(name, fields, show=0).replace("known: , …", "")
            add = f"declare `{brief(name)}` under `fields:` or `not_personal:`"
            findings.error(
                (*where, *place),
                "unknown-field",
                f'"{brief(name)}" is not a declared field',
                f"{remedy} Otherwise {add}" if remedy else add,
            )


def _references(doc: CollectionDoc) -> Iterator[tuple[Where, str]]:
    for index, name in enumerate(doc.key):
        yield ("key", index), name
    for kind, identifiers in doc.identify.items():
        for index, each in enumerate(identifiers):
            inside = ("in",) if isinstance(each, InDoc) else ()
            yield ("identify", kind, index, *inside), identifier(each)
    if doc.tenant is not None and not isinstance(doc.tenant, ConstantDoc):
        yield ("tenant",), doc.tenant
    for index, link in enumerate(doc.links):
        for ours in link.match:
            yield ("links", index, "match", ours), ours
    for party, names in doc.parties.items():
        for index, name in enumerate(names):
            yield ("parties", party, index), name
    for index, name in enumerate(doc.shared):
        yield ("shared", index), name
    for purpose, consent in doc.consent.items():
        yield ("consent", purpose, "field"), consent.field


def _check_twice(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    for kind, identifiers in doc.identify.items():
        whole = {each for each in identifiers if isinstance(each, str)}
        for index, each in enumerate(identifiers):
            if isinstance(each, InDoc) and each.in_ in whole:
                findings.error(
                    (*where, "identify", kind, index, "in"),
                    "duplicate-entry",
                    f'"{brief(each.in_)}" is an identifier as a whole already',
                    "keep `{in: …}` if other words stand beside it, else the plain field",
                )
    for index, name in enumerate(doc.not_personal):
        if name in doc.fields:
            findings.error(
                (*where, "not_personal", index),
                "duplicate-entry",
                f'"{brief(name)}" is a field already',
                "keep one of them",
            )


def _check_choices(doc: CollectionDoc, findings: Findings, where: Where) -> None:
    for purpose, each in doc.consent.items():
        place = (*where, "consent", purpose)
        if purpose == TERMS and (each.yes or each.no is not None):
            findings.error(
                place,
                "terms-by-number",
                "what a person accepted is read as a number: of the policy's edition",
                "name only the field that holds it",
            )
        elif purpose != TERMS and not each.yes:
            findings.error(
                place,
                "missing",
                "nothing says which values mean yes",
                "add `yes:` with the values, as the product writes them",
            )


def _check_meaning(
    doc: CollectionDoc, fields: dict[str, FieldSpec], findings: Findings, where: Where
) -> None:
    for name, spec in fields.items():
        unsaid = isinstance(doc.fields.get(name), FieldSpec) and "is_" not in spec.model_fields_set
        if unsaid:
            findings.error(
                (*where, "fields", name),
                "field-without-category",
                f'"{brief(name)}" does not say what it is',
                "add `is:` with a category, or `is: not_personal`",
                key=True,
            )


def _check_categories(
    activity: Activity, fields: dict[str, FieldSpec], findings: Findings, where: Where
) -> None:
    for name, spec in fields.items():
        for category in categories(spec):
            if not any(covers(each, category) for each in activity.data):
                findings.error(
                    (*where, "fields", name),
                    "category-undeclared",
                    f'"{brief(name)}" holds {category}, which activity "{activity.id}" '
                    "does not declare",
                    "add it to the activity's `data`, or correct the category",
                )


def _check_rules(activity: Activity, doc: CollectionDoc, findings: Findings, where: Where) -> None:
    retention = activity.retention
    if retention is None:
        return
    events = [each.event for each in retention.ceilings]
    events += [each.event for each in retention.floors]
    for event in dict.fromkeys(events):
        if event not in doc.clocks:
            findings.error(
                (*where, "clocks") if doc.clocks else where,
                "clock-missing",
                f'activity "{activity.id}" counts from "{event}", but the collection has no '
                "such clock",
                f"add `clocks: {{{event}: …}}`",
                key=True,
            )
    for ceiling in retention.ceilings:
        purpose = ceiling.unless_consent
        if purpose is not None and purpose not in doc.consent:
            findings.error(
                where,
                "consent-missing",
                f'a rule of activity "{activity.id}" turns on consent to "{purpose}", but the '
                "collection does not say where it is recorded",
                f"add `consent: {{{purpose}: {{field: …, yes: […]}}}}`",
                key=True,
            )
        needed = {"archive": doc.archive_to, "return": doc.return_to}
        if ceiling.outcome in needed and needed[ceiling.outcome] is None:
            findings.error(
                where,
                "destination-missing",
                f'activity "{activity.id}" says `then: {ceiling.outcome}`, but not where to',
                f"add `{ceiling.outcome}_to:` with a store",
                key=True,
            )


def _check_erasable(
    activity: Activity, fields: dict[str, FieldSpec], findings: Findings, where: Where
) -> None:
    """Where a record may stay while a field of it must go, the field says what becomes of it."""
    retention = activity.retention
    if retention is None:
        return
    anonymised = any(each.outcome == "anonymise" for each in retention.ceilings)
    partial = [each for each in retention.floors if each.covers]
    for name, spec in fields.items():
        held = categories(spec)
        if not held or "erase" in spec.model_fields_set:
            continue
        outside: Any = next(
            (f for f in partial if not any(f.covers_category(each) for each in held)), None
        )
        if anonymised or outside is not None:
            why = "is anonymised" if anonymised else "goes while a floor keeps the rest"
            findings.error(
                (*where, "fields", name),
                "erase-missing",
                f'"{brief(name)}" {why}, but does not say what becomes of it',
                "add `erase:` null, blank, pseudonym, {text: …} or {generalise: …}",
            )
