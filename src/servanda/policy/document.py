"""policy.yaml as a person writes it. The descriptions here become the reference and the schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from servanda.policy.published import (
    BannerDoc,
    ChangesDoc,
    Channel,
    ChildrenDoc,
    ContactDoc,
    CookieDoc,
    CookieName,
    FormDoc,
    MessageDoc,
)
from servanda.policy.types import (
    Basis,
    Category,
    CountryCode,
    DateText,
    Doc,
    Jurisdiction,
    Line,
    Once,
    PeriodText,
    Prose,
    Purpose,
    RecipientKind,
    RightId,
    Slug,
    Subject,
    Transfer,
    ZoneName,
)


class Organisation(Doc):
    """Who makes the promises."""

    name: Line = Field(description="The company as the policy names it.")
    country: CountryCode = Field(
        description="Where it is established: an ISO 3166 code, or a part such as `GB-NIR`."
    )
    contact: Line = Field(description="Where people write about privacy: an address or a page.")
    zone: ZoneName | None = Field(
        default=None,
        description="Time zone of all calendar arithmetic. Needed only where the country has "
        "several, for example `America/New_York`.",
    )
    address: Prose = Field(default="", description="The postal address.")
    phone: Line = Field(default="", description="A telephone number for questions of privacy.")
    officer: ContactDoc | None = Field(
        default=None, description="The data protection officer, or who answers as one."
    )
    representatives: dict[Jurisdiction, ContactDoc] = Field(
        default_factory=dict, description="Who represents the company abroad, by place."
    )
    registrations: dict[Jurisdiction, Line] = Field(
        default_factory=dict, description="Numbers in registers of authorities, by place."
    )


class Contract(Doc):
    """What binds a recipient."""

    signed: DateText = Field(description="The day it was signed.")
    review: PeriodText | None = Field(
        default=None, description="How often it is reviewed, for example `12 months`."
    )


class Recipient(Doc):
    """Somebody who gets the data."""

    name: Line = Field(description="The recipient as the policy names it.")
    kind: RecipientKind = Field(description="What it is to us.")
    country: CountryCode = Field(description="Where it keeps the data.")
    contract: Contract | None = Field(default=None, description="What binds it.")
    transfer: Transfer | None = Field(
        default=None,
        description="What allows data to leave the country. Needed for a recipient abroad unless "
        "both lie in one area or an adequacy decision is in force.",
    )


class ConsentPoint(Doc):
    """Where people are asked for consent to one purpose."""

    point: Prose = Field(description="Where and how the person chooses.")
    channels: Annotated[list[Channel], Once] = Field(
        default_factory=list,
        description="By which ways people may be reached, each with a choice of its own.",
    )
    asks_again: PeriodText | None = Field(
        default=None, description="How long a consent counts. Without it: until it is withdrawn."
    )


class FloorDoc(Doc):
    """Keep at least so long. A floor beats a ceiling and an erasure request for what it covers."""

    period: PeriodText = Field(description="How long, for example `7 years`.")
    after: Slug = Field(description="The event that starts the clock.")
    ground: Prose = Field(description="The law or contract that asks for it.")
    covers: Annotated[list[Category], Once] = Field(
        default_factory=list,
        description="Categories of data it covers; `contact` covers `contact.email`. Without it "
        "the floor covers everything.",
    )
    published_exception: Prose | None = Field(
        default=None,
        description="The published sentence that says so, where the floor outlasts a ceiling.",
    )


class RetainDoc(Doc):
    """How long data is kept. Needs `at_most` with `after` and `then`, or `forever`."""

    at_most: PeriodText | None = Field(
        default=None, description="The ceiling: `12 months`, `7 years`, `0 days`."
    )
    after: Slug | None = Field(
        default=None, description="The event that starts the clock of the ceiling."
    )
    then: Literal["delete", "anonymise", "archive", "return"] | None = Field(
        default=None, description="What happens at the ceiling."
    )
    unless: Line | None = Field(
        default=None,
        description="`consent(PURPOSE)`: the ceiling does not bind while the person consents.",
        json_schema_extra={"pattern": r"^consent\([a-z_]+\)$"},
    )
    at_least: list[FloorDoc] = Field(
        default_factory=list, description="Floors, at most four in an activity."
    )
    forever: Prose | None = Field(
        default=None, description="Why the data is kept without a ceiling. Excludes `at_most`."
    )


def _retain_kind(value: Any) -> str | None:
    if isinstance(value, list):
        return "(list)"
    return "(mapping)" if isinstance(value, dict | RetainDoc) else None


Retain = Annotated[
    Annotated[RetainDoc, Tag("(mapping)")] | Annotated[list[RetainDoc], Tag("(list)")],
    Discriminator(
        _retain_kind,
        custom_error_type="wrong-type",
        custom_error_message="a mapping or a list of mappings is expected",
    ),
]


class ActivityDoc(Doc):
    """One processing activity, as in a record of processing."""

    role: Literal["controller", "processor", "joint_controller"] = Field(
        default="controller", description="Whether we decide about the data or a customer does."
    )
    purposes: Annotated[list[Purpose], Once, Field(min_length=1)] = Field(
        description="What the data is used for."
    )
    basis: Basis = Field(description="What makes it lawful.")
    subjects: Annotated[list[Subject], Once, Field(min_length=1)] = Field(
        description="Whose data it is."
    )
    data: Annotated[list[Category], Once, Field(min_length=1)] = Field(
        description="Categories of data; `contact` includes `contact.email`."
    )
    recipients: Annotated[list[Slug], Once] = Field(
        default_factory=list, description="Who gets it: ids under `recipients`."
    )
    source: Line = Field(
        default="",
        description="Where the data comes from, as people are told. Without it: from the person, "
        "and from their use of our services.",
    )
    automated: Prose = Field(
        default="",
        description="A decision about people that is made by machines alone, and the logic of it. "
        "Without it there is none.",
    )
    retain: Retain = Field(
        description="How long it is kept: one rule, or a list of rules of which the earliest binds."
    )


class RightDoc(Doc):
    """What is promised to a person who exercises a right."""

    answer_within: PeriodText | None = Field(
        default=None,
        description="How long an answer takes at most, for example `30 days`. The law's own period "
        "binds where it ends sooner; without this key it is the law's alone.",
    )
    through: Prose | None = Field(
        default=None, description="How to ask, in the policy's words: an address, a form."
    )
    law_sooner: Prose | None = Field(
        default=None,
        description="The published sentence that says so, where a law of the jurisdictions asks "
        "for an answer sooner than `answer_within`.",
    )


class PromiseDoc(Doc):
    """One published sentence, and what keeps it."""

    says: Prose = Field(description="The sentence as published.")
    section: Line = Field(default="", description="The section of the policy it stands in.")
    kept_by: Annotated[list[Line], Once] = Field(
        default_factory=list,
        description="Controls, for example `activities.call-recording.retain`.",
    )
    planned: bool = Field(
        default=False,
        description="True where no control exists yet; shows as *not yet built*.",
    )
    how: Literal["enforced", "probed", "attested", "stated"] = Field(
        default="enforced",
        description="`enforced` by us, `probed` on a system, `attested` by a person with evidence, "
        "or merely `stated`.",
    )
    owner: Line = Field(
        default="",
        description="Who answers for it: a job such as `privacy lead`, never a person's name or "
        "address, since it stands on the board and in the ledger.",
    )


class PolicyDoc(Doc):
    """The whole file."""

    servanda: Literal[1] = Field(description="The version of this language.")
    organisation: Organisation = Field(description="Who makes the promises.")
    jurisdictions: Annotated[list[Jurisdiction], Once] = Field(
        default_factory=list,
        description="Whose law applies: ISO codes, `EU`, `EEA`. Without it: the country.",
    )
    recipients: dict[Slug, Recipient] = Field(
        default_factory=dict, description="Everybody who gets data, by id."
    )
    consents: dict[Purpose, ConsentPoint] = Field(
        default_factory=dict, description="Where people consent, by purpose."
    )
    events: dict[Slug, Prose] = Field(
        default_factory=dict,
        description="Events of your own that start clocks, and what each means.",
    )
    activities: dict[Slug, ActivityDoc] = Field(
        description="Processing activities, by id.", json_schema_extra={"minProperties": 1}
    )
    rights: dict[RightId, RightDoc] = Field(
        default_factory=dict,
        description="The rights the policy promises, by id. Which law applies to whom follows from "
        "`country`, `jurisdictions` and where the person lives.",
    )
    cookies: dict[CookieName, CookieDoc] = Field(
        default_factory=dict, description="Cookies and the like of the company's sites, by name."
    )
    banner: BannerDoc | None = Field(
        default=None, description="How visitors are asked about cookies."
    )
    forms: dict[Slug, FormDoc] = Field(
        default_factory=dict, description="Ways by which data comes in, by id."
    )
    messages: dict[Slug, MessageDoc] = Field(
        default_factory=dict, description="Kinds of messages the company sends, by id."
    )
    children: ChildrenDoc | None = Field(default=None, description="Who counts as a child.")
    security: list[Prose] = Field(
        default_factory=list, description="Measures that protect the data, a sentence each."
    )
    changes: ChangesDoc | None = Field(
        default=None, description="What happens before a changed policy binds."
    )
    promises: dict[Slug, PromiseDoc] = Field(
        default_factory=dict, description="Published promises, by id."
    )


# What a missing key of these models is called, instead of the general "missing-key".
MISSING: dict[tuple[str, str], tuple[str, str, str]] = {
    ("ActivityDoc", "basis"): (
        "activity-without-basis",
        "the activity has no basis",
        "add `basis:`, for example contract, consent, legal_obligation or legitimate_interest",
    ),
    ("ActivityDoc", "retain"): (
        "activity-without-retention",
        "the activity does not say how long data is kept",
        "add `retain:` with at_most, after and then, or `forever:` with the reason",
    ),
}
