"""The parts of policy.yaml that only the published text, the banner and the gates need."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from servanda.policy.types import (
    Category,
    Doc,
    Line,
    Once,
    PeriodText,
    Prose,
    Purpose,
    Slug,
    check_period,
    refuse,
)

COOKIE_CATEGORIES = ("necessary", "functional", "performance", "analytics", "advertising")
CHANNELS = ("email", "phone", "post", "sms", "mms")
SESSION = "session"

CookieCategory = Literal["necessary", "functional", "performance", "analytics", "advertising"]
Channel = Literal["email", "phone", "post", "sms", "mms"]


def _cookie(text: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", text):
        raise refuse(
            "bad-cookie",
            "that cannot be the name of a cookie",
            "write it as the browser shows it; `*` stands for any letters, for example `_ga_*`",
        )
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}", text):
        raise refuse(
            "bad-host", "that is not a host name", "write it alone, for example www.example.com"
        )
    return text


def _lasts(text: str) -> str:
    return text if text == SESSION else check_period(text)


CookieName = Annotated[str, AfterValidator(_cookie)]
Host = Annotated[str, AfterValidator(_host)]
Lasts = Annotated[str, AfterValidator(_lasts)]


class ContactDoc(Doc):
    """Somebody people or an authority may turn to."""

    name: Line = Field(description="A name or a job, as it is published.")
    contact: Line = Field(description="An address or a number.")


class CookieDoc(Doc):
    """One cookie, or anything else a page keeps on or reads from a visitor's device."""

    category: CookieCategory = Field(
        description="`necessary` is set without asking; each other category waits for a choice."
    )
    purpose: Prose = Field(description="What it is for, as people are told.")
    lasts: Lasts = Field(description="`session`, or a period such as `13 months`.")
    by: Slug | None = Field(
        default=None, description="Who sets it: an id under `recipients`. Without it: we do."
    )
    hosts: Annotated[list[Host], Once] = Field(
        default_factory=list,
        description="Hosts whose scripts, frames or pixels set it. What a page loads from these "
        "waits for the choice.",
    )


class BannerDoc(Doc):
    """How visitors of the company's sites are asked."""

    sites: Annotated[list[Host], Once] = Field(
        default_factory=list, description="The company's sites that carry the banner."
    )
    asks_again: PeriodText = Field(
        default="6 months", description="After how long a visitor is asked again."
    )


class FieldDoc(Doc):
    """One field of a form."""

    holds: Category = Field(description="Category of data.")
    required: bool = Field(default=False, description="Whether the form is refused without it.")
    free: bool = Field(
        default=False,
        description="Whether people write there what they like. Card numbers are refused in every "
        "field that is not `pay.card_number`; free text is searched for them as well.",
    )


def _short(value: Any) -> Any:
    return {"holds": value} if isinstance(value, str) else value


class FormDoc(Doc):
    """A form, an import or another way by which data comes in. What it does not declare is
    refused."""

    activity: Slug = Field(description="The activity it feeds: an id under `activities`.")
    fields: dict[
        Slug,
        Annotated[FieldDoc, BeforeValidator(_short, json_schema_input_type=Category | FieldDoc)],
    ] = Field(
        description="Fields by name: a category, or `{holds:, required:, free:}`.",
        json_schema_extra={"minProperties": 1},
    )
    third_party: bool = Field(
        default=False,
        description="Whether the data comes from somebody else than the person. Each record then "
        "needs its source and basis, or is refused.",
    )
    asks_age: bool = Field(
        default=False,
        description="Whether people say their age there; below `children.below` it is refused "
        "without a parent's consent.",
    )


class ChildrenDoc(Doc):
    """Below which age people are children here."""

    below: Annotated[int, Field(ge=1, le=21)] = Field(
        description="Data of somebody younger is not taken without a parent's consent."
    )


class ChangesDoc(Doc):
    """What happens before a changed policy binds."""

    review: PeriodText | None = Field(
        default=None, description="How often the policy is reviewed, for example `12 months`."
    )
    notice: PeriodText = Field(
        default="0 days", description="How long before it binds a material change is told."
    )
    tell: Annotated[list[Literal["banner", "email", "portal"]], Once] = Field(
        default=["banner", "portal"],
        description="By which ways a material change is told.",
    )
    consent: bool = Field(
        default=False,
        description="Whether a material change binds only those who accepted it.",
    )
    objection: PeriodText | None = Field(
        default=None,
        description="How long customers may object to a new processor before it gets data.",
    )


class MessageDoc(Doc):
    """A kind of message the company sends."""

    kind: Literal["service", "marketing"] = Field(
        description="Service messages need no consent to marketing; marketing does."
    )
    purpose: Purpose = Field(description="The purpose it is sent for.")
    says: Prose = Field(description="What it tells, as people are told.")
