"""The controls this version can judge. A promise is kept by these or is not kept at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FIXED: Mapping[str, str] = {
    "inventory.declared": "every collection maps to a declared category; no undeclared field",
    "policy.basis": "every activity rests on a basis",
    "policy.roles": "every activity says whether we are controller or processor",
    "policy.transfers": "every recipient abroad has a transfer mechanism",
    "policy.no-sale": "no activity sells data",
    "evidence.ledger": "the ledger is whole and signed",
    "requests.refusals": "every refusal, of all or of a part, names its ground in a letter",
    "requests.complaints": "complaints are acknowledged in time; every reply names the regulator",
    "requests.children": "data of a child without a parent's consent are erased in time when found",
    "requests.routing": "a request about a customer's data goes to that customer in time",
    "requests.replay": "what was erased is erased again after a store was restored",
    "access.second-factor": "nobody signs in to the console without a second factor",
    "access.roles": "everybody who may sign in has a role there is, and somebody is the owner",
    "access.purpose": "personal data is read for a declared purpose only, and each read recorded",
    "access.recordings": "only roles that may listen to recordings do, each time for a purpose",
    "callers.verified": "a customer's data is shown to a caller only after the caller was verified",
    "enquiries.erased": "nothing of a person is left in an enquiry that was closed",
    "portal.corrections": "people can correct their contact data themselves, in the portal",
    "publish.current": "the policy in force is the one that is published, with its date",
    "publish.archive": "every version that was published stays readable, unchanged",
    "publish.notices": "a material change is told in time before it binds",
    "publish.acceptance": "a material change binds only those who accepted it",
    "publish.review": "the policy is reviewed as often as it says",
    "publish.officer": "who answers for privacy is named in the policy and in replies",
    "publish.complete": "the policy says what the law of each place wants it to say",
    "publish.standards": "each standard of the law is carried by promises, and their state known",
    "consent.banner": "the sites ask first, and nothing that waits for a choice runs before it",
    "consent.records": "each choice is on record, and can be withdrawn as easily as given",
    "consent.gate": "who asks whether data may be used is told no without a basis or a consent",
    "consent.unsubscribe": "one click ends marketing, in every answer after it",
    "intake.declared": "forms take only the fields that the policy declares",
    "intake.sensitive": "sensitive data is taken only with explicit consent",
    "intake.cards": "card numbers are refused wherever text comes in",
    "intake.age": "data of children is not taken without a parent's consent",
    "intake.sources": "data from others carries its source and basis, or is refused",
    "incidents.register": "incidents are on a list, and somebody looks into each in time",
}


def retention_control(activity: str) -> str:
    """The control that keeps an activity's retention."""
    return f"activities.{activity}.retain"


def right_control(right: str) -> str:
    """The control that keeps the time for answering requests of a right."""
    return f"rights.{right}"


def known(activities: Iterable[str], rights: Iterable[str] = ()) -> dict[str, str]:
    """Every control of a policy with these activities and rights, and what it means."""
    kept = {retention_control(each): f"{each} is kept no longer than said" for each in activities}
    answered = {right_control(each): f"{each} is answered in time" for each in rights}
    return {**FIXED, **kept, **answered}
