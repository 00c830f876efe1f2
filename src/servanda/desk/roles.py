"""Roles, named after jobs, and what each may do. Nobody may more than the role says.

The danger: a right that nobody meant to give. What guards it: a role has what is listed here and
nothing else, an auditor has nothing that shows personal data, and a generated test asks every
page as every role.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    LEAD = "privacy_lead"
    ENGINEER = "engineer"
    SUPPORT = "support"
    AUDITOR = "auditor"
    CUSTOMER = "customer"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class May(StrEnum):
    """What may be done. Those in `PERSONAL` show data of people and ask for a purpose."""

    BOARD = "see the board"
    MAP = "see the data map and the forecast"
    PLANS = "see plans and runs"
    MAKE_PLAN = "make a plan"
    APPROVE = "approve a plan"
    RUN = "run, pause and resume a plan"
    EVIDENCE = "see and download evidence"
    STORES = "see stores"
    HOLDS = "see that there are holds"
    HOLD = "set and release holds"
    REQUESTS = "see that there are requests, and their dates"
    REQUEST = "work on requests"
    DECIDE = "decide requests and act on them"
    ENQUIRIES = "see how many enquiries there are"
    ENQUIRY = "answer and close enquiries"
    CALLERS = "check who may speak for a customer"
    CONTACTS = "change who may speak for a customer"
    CONSENTS = "see how many consents there are"
    CONSENT = "see and record what people consented to"
    GATE = "ask whether people may be written to"
    INCIDENTS = "see incidents"
    INCIDENT = "record and answer incidents"
    PEOPLE = "see members and roles"
    INVITE = "invite members and change roles"
    ACCESS_LOG = "see who read what"
    SETTINGS = "see policy and stores"
    EDIT_SETTINGS = "change policy and stores"
    PUBLISH = "publish the policy, and settle what is told of it"
    TOKENS = "make and revoke API tokens and webhooks"
    INTAKE = "send data through the intake gate"
    RECORDINGS = "listen to recordings"
    FIND = "find what is somebody's, without a request"
    READ = "state a purpose and read data of people"
    OWN_TENANT = "see what concerns their company"


PERSONAL = frozenset(
    (
        *(May.REQUEST, May.DECIDE, May.ENQUIRY, May.CALLERS, May.CONTACTS, May.HOLD),
        *(May.RECORDINGS, May.CONSENT, May.FIND),
    )
)
"""Rights under which data of people is shown."""

_READS = frozenset(
    (
        May.BOARD,
        May.MAP,
        May.PLANS,
        May.EVIDENCE,
        May.STORES,
        May.HOLDS,
        May.REQUESTS,
        May.ENQUIRIES,
        May.CONSENTS,
        May.INCIDENTS,
        May.PEOPLE,
        May.ACCESS_LOG,
        May.SETTINGS,
    )
)

GRANTS: Mapping[Role, frozenset[May]] = {
    Role.OWNER: frozenset(May) - {May.OWN_TENANT},
    Role.LEAD: frozenset(May) - {May.OWN_TENANT, May.INVITE, May.TOKENS},
    Role.ENGINEER: frozenset(
        (
            May.BOARD,
            May.MAP,
            May.PLANS,
            May.MAKE_PLAN,
            May.RUN,
            May.STORES,
            May.HOLDS,
            May.INCIDENTS,
            May.INCIDENT,
            May.SETTINGS,
            May.EVIDENCE,
            May.INTAKE,
        )
    ),
    Role.SUPPORT: frozenset(
        (
            May.BOARD,
            May.REQUESTS,
            May.ENQUIRIES,
            May.ENQUIRY,
            May.CONSENTS,
            May.CONSENT,
            May.CALLERS,
            May.READ,
            May.INCIDENTS,
            May.INCIDENT,
        )
    ),
    Role.AUDITOR: _READS,
    Role.CUSTOMER: frozenset((May.OWN_TENANT,)),
}


def may(role: str, right: May) -> bool:
    """Whether a role has a right. An unknown role has none."""
    try:
        return right in GRANTS[Role(role)]
    except ValueError:
        return False
