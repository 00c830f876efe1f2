"""Small checked texts that the models of both languages share.

A check raises `PydanticCustomError(code, …)`; `structure` turns it into a located diagnostic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict, JsonValue
from pydantic_core import PydanticCustomError

from servanda import law
from servanda.kernel.errors import printable
from servanda.kernel.period import Period, PeriodError
from servanda.kernel.suggest import did_you_mean
from servanda.policy import vocabulary

Item = TypeVar("Item")

_LOOSE = {"GB": "uk", "US": "usa"}  # what people write for a country's code
NOT_PERSONAL = "not_personal"  # stands for no category
PERIOD_PATTERN = (
    r"^\s*[0-9]{1,6}\s+(hour|day|week|month|year)s?"
    r"((\s*,\s*|\s+and\s+|\s+)[0-9]{1,6}\s+(hour|day|week|month|year)s?)*\s*$"
)


class Doc(BaseModel):
    """Base of everything a person writes: no unknown keys, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def refuse(code: str, what: str, remedy: str) -> PydanticCustomError:
    """The error of a check, to be raised inside a validator."""
    return PydanticCustomError(code, "{what}", {"what": what, "remedy": remedy})


def brief(text: object) -> str:
    """A person's word as shown in a message: one line, at most 60 characters."""
    shown = printable(" ".join(str(text).split()))
    return shown if len(shown) <= 60 else shown[:57] + "..."


def check_period(text: str) -> str:
    try:
        Period.parse(text)
    except PeriodError as error:
        what, _, remedy = str(error).partition("; ")
        raise refuse("bad-period", what, remedy) from error
    return text


def _date(text: str) -> str:
    try:
        if len(text) != 10:
            raise ValueError("not ten characters")
        date.fromisoformat(text)
    except ValueError as error:
        what = f'"{brief(text)}" is not a date'
        raise refuse("bad-date", what, "write year-month-day, for example 2026-03-31") from error
    return text


def _zone(text: str) -> str:
    zones = available_timezones()
    if text not in zones:
        remedy = did_you_mean(text, zones, show=0).replace("known: , …", "")
        what = f'unknown time zone "{brief(text)}"'
        raise refuse("unknown-zone", what, remedy or "for example Europe/London")
    return text


def _country(text: str) -> str:
    if vocabulary.country_of(text) is None:
        known = vocabulary.countries()
        said = text.strip().lower()
        near = [c.code for c in known.values() if said in (c.name.lower(), _LOOSE.get(c.code))]
        remedy = f'did you mean "{near[0]}"?' if near else "write an ISO code: GB, GB-NIR, KE"
        raise refuse("unknown-country", f'unknown country "{brief(text)}"', remedy)
    return text


def _jurisdiction(text: str) -> str:
    return text if text in ("EU", "EEA") else _country(text)


def _right(text: str) -> str:
    if text not in law.RIGHTS:
        alias = law.ALIASES.get(text.strip().lower())
        remedy = f'did you mean "{alias}"?' if alias else did_you_mean(text, law.RIGHTS)
        raise refuse("unknown-right", f'unknown right "{brief(text)}"', remedy)
    return text


def _meant(text: str, known: list[str]) -> str:
    """The remedy for an unknown id: without its prefix, as the end of one, or a near miss."""
    bare = text.partition(".")[2]
    ends = [each for each in known if each.endswith(f".{text}")]
    if bare in known or len(ends) == 1:
        return f'did you mean "{bare if bare in known else ends[0]}"?'
    return did_you_mean(text, known)


def _known(kind: vocabulary.Kind, code: str, what: str, *more: str) -> Callable[[str], str]:
    """Refuse what is neither a term of the vocabulary nor one of `more`."""

    def check(text: str) -> str:
        known = {*vocabulary.terms(kind), *more}
        if text not in known:
            raise refuse(code, f'unknown {what} "{brief(text)}"', _meant(text, [*known, *more]))
        return text

    return check


def _once(items: list[Item]) -> list[Item]:
    seen: list[Item] = []
    for item in items:
        if item in seen:
            raise refuse("duplicate-entry", f'"{brief(item)}" is listed twice', "keep one")
        seen.append(item)
    return items


def _listed(kind: vocabulary.Kind, *more: str) -> JsonDict:
    ids: list[JsonValue] = [*more, *sorted(vocabulary.terms(kind))]
    return {"enum": ids}


def _line(text: str) -> str:
    """One line that says something."""
    if not text.strip():
        raise refuse("bad-text", "the text is empty", "write it, or leave the key out")
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise refuse("bad-text", "the text holds a control character", "keep it on one plain line")
    if len(text) > 500:
        raise refuse("bad-text", "the text is longer than 500 characters", "shorten it")
    return text


def _prose(text: str) -> str:
    """A paragraph: line breaks and tabs are fine."""
    if not text.strip():
        raise refuse("bad-text", "the text is empty", "write it, or leave the key out")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text):
        raise refuse("bad-text", "the text holds a control character", "remove it")
    return text


def _slug(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        what = f'"{brief(text)}" cannot be an id'
        raise refuse("bad-id", what, "use letters, digits, - and _, at most 64")
    return text


Slug = Annotated[str, AfterValidator(_slug)]
Line = Annotated[str, AfterValidator(_line), Field(json_schema_extra={"minLength": 1})]
Prose = Annotated[str, AfterValidator(_prose), Field(json_schema_extra={"minLength": 1})]
PeriodText = Annotated[
    str, AfterValidator(check_period), Field(json_schema_extra={"pattern": PERIOD_PATTERN})
]
DateText = Annotated[
    str,
    AfterValidator(_date),
    Field(json_schema_extra={"pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
ZoneName = Annotated[str, AfterValidator(_zone)]
RightId = Annotated[
    str,
    AfterValidator(_right),
    Field(json_schema_extra={"enum": [*law.RIGHTS]}),
]
CountryCode = Annotated[
    str, AfterValidator(_country), Field(json_schema_extra={"pattern": "^[A-Z]{2}(-[A-Z0-9]+)?$"})
]
Jurisdiction = Annotated[str, AfterValidator(_jurisdiction)]
Category = Annotated[
    str,
    AfterValidator(_known("data", "unknown-category", "category of data")),
    Field(json_schema_extra=_listed("data")),
]
CategoryOrNone = Annotated[
    str,
    AfterValidator(_known("data", "unknown-category", "category of data", NOT_PERSONAL)),
    Field(json_schema_extra=_listed("data", NOT_PERSONAL)),
]
Purpose = Annotated[
    str,
    AfterValidator(_known("purpose", "unknown-purpose", "purpose")),
    Field(json_schema_extra=_listed("purpose")),
]
TERMS = "terms"
"""Not a purpose: that a person accepted an edition of the policy."""
Choice = Annotated[
    str,
    AfterValidator(_known("purpose", "unknown-purpose", "purpose", TERMS)),
    Field(json_schema_extra=_listed("purpose", TERMS)),
]
Basis = Annotated[
    str,
    AfterValidator(_known("basis", "unknown-basis", "basis")),
    Field(json_schema_extra=_listed("basis")),
]
Subject = Annotated[
    str,
    AfterValidator(_known("subject", "unknown-subject", "kind of person")),
    Field(json_schema_extra=_listed("subject")),
]
Transfer = Annotated[
    str,
    AfterValidator(_known("transfer", "unknown-transfer", "transfer mechanism")),
    Field(json_schema_extra=_listed("transfer")),
]
RecipientKind = Annotated[
    str,
    AfterValidator(_known("recipient", "unknown-recipient-kind", "kind of recipient")),
    Field(json_schema_extra=_listed("recipient")),
]
Once = AfterValidator(_once)
