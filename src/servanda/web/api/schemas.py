"""Shapes that several calls share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from ninja import Path, Query, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints, model_validator

from servanda.desk.intake import counts
from servanda.desk.intake.checking import CARD_NEXT, CARD_WHY, texts
from servanda.kernel import cards
from servanda.kernel.errors import ServandaError
from servanda.runtime import hub

_LARGEST = 2**63 - 1

Number = Annotated[int, Path(ge=0, le=_LARGEST)]
"""Part of a path. What has no such number is answered with 404."""
Place = Annotated[int | None, Query(ge=0, le=_LARGEST)]
"""Where a list goes on."""
Limit = Annotated[int, Query(ge=1, le=200)]
Asked = Annotated[str, Query(max_length=200)]
Line = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Count = Annotated[int, Query(ge=0, le=_LARGEST)]


class In(Schema):
    """What a call takes. A field nobody knows is an error, not silence; so is a card number, but
    where `cards_counted`: there the gate says so itself."""

    model_config = ConfigDict(extra="forbid")
    cards_counted: ClassVar[bool] = False

    @model_validator(mode="after")
    def _no_cards(self) -> Self:
        for name in type(self).model_fields if not self.cards_counted else ():
            if any(cards.there(each) for each in texts(getattr(self, name))):
                counts.refused(counts.CALLS, ["card"])
                raise ValueError(f"{name}: {CARD_WHY}; {CARD_NEXT}")
        return self


class Wrong(Schema):
    """Every error looks so. `next`: what to do about it."""

    error: str
    next: str | None = None


WRONG = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 503), Wrong)
"""What any call may answer besides what it promises."""


class DoneOut(Schema):
    """`done`: what was done, in words."""

    done: str


class StateOut(Schema):
    """Where a request stands now. Nothing of a person."""

    ref: str
    state: str


class JobOut(Schema):
    """Work the server does. `told`: how far it is."""

    id: int
    kind: str
    about: str
    by: str
    state: str
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    told: dict[str, Any]
    error: str


def file_of(*types: str) -> dict[str, Any]:
    """What the description says of a call that gives a file (`openapi_extra`)."""
    schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    content = {each: {"schema": schema} for each in types or ("application/octet-stream",)}
    return {"responses": {200: {"description": "The file", "content": content}}}


def with_offset(moment: datetime) -> datetime:
    """A moment without an offset is meant where the organisation is."""
    try:
        found = moment if moment.tzinfo else moment.replace(tzinfo=hub.workspace().zone)
        return found.astimezone(UTC)
    except (OverflowError, ValueError):
        raise HttpError(422, "There is no such moment.") from None


@contextmanager
def standing_in_the_way() -> Iterator[None]:
    """What refuses here does so because of where things stand, not because of how it was asked."""
    try:
        yield
    except ServandaError as error:
        raise InTheWay(error) from None


class InTheWay(HttpError):
    """409, with the words of what stood in the way."""

    def __init__(self, error: ServandaError) -> None:
        super().__init__(409, error.what)
        self.remedy = error.remedy
