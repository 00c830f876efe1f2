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
