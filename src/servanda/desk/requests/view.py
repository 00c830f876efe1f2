"""A request with its seal opened, for the people who may see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from servanda.kernel.predicate import Scalar

Key = tuple[Scalar, ...]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Whatever in a request is personal, or may be. It is sealed as one.

    `identities`: pairs such as ("email", "jo@example.test"). `corrections`: pairs of a category or
    `collection.field`, and the new value. `only`: the records chosen among those of people of the
    same name, by collection. `spare`: pairs of an activity and the ground on which its records
    stay. `purpose`: of an objection or withdrawal; blank means every one.
    """

    identities: Pairs = ()
    name: str = ""
    text: str = ""
    contact: str = ""
    corrections: Pairs = ()
    purpose: str = ""
    only: tuple[tuple[str, Key], ...] = ()
    spare: Pairs = ()
    child: str = ""  # why we think that it is one's; blank otherwise

    def dump(self) -> bytes:
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(data, ensure_ascii=False).encode()

    @classmethod
    def load(cls, raw: bytes) -> Told:
        data: Mapping[str, Any] = json.loads(raw)
        pairs = {
            name: tuple((first, second) for first, second in data[name])
            for name in ("identities", "corrections", "spare")
        }
        only = tuple((collection, tuple(key)) for collection, key in data["only"])
        return cls(**{**data, **pairs, "only": only})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a request."""

    kind: str
    on: date
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """A mail of ours that did not reach the person. `code`: why, such as 5.1.1."""

    kind: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestView:
    """`due` is what binds: the law's cautious date, or the promise where that is earlier.
    `because`: how the dates are counted, step by step."""

    ref: str
    right: str
    state: str
    place: str
    tenant: str | None
    via: str
    received: date
    identities: Pairs
    name: str
    text: str
    contact: str
    corrections: Pairs
    purpose: str
    only: tuple[tuple[str, Key], ...]
    spare: Pairs
    decision: str
    grounds: tuple[str, ...]
    decided_by: str
    statutory_due: date | None
    safe_due: date | None
    due: date | None
    waiting: bool
    because: tuple[str, ...]
    verified: bool
    closed_at: datetime | None
    waiting_for: str = ""
    outcome: str = ""
    child: str = ""
    readable: bool = True
    events: tuple[Happened, ...] = field(default=())
    bounced: tuple[CameBack, ...] = field(default=())

    def days_left(self, today: date) -> int | None:
        """Until the cautious date; negative when it has passed. None where nothing sets one."""
        binding = self.safe_due or self.due
        return None if binding is None else (binding - today).days
