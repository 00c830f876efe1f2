"""A person accepts an edition. Where that is kept is not for this module: a consent record is.

The danger: new terms that count for somebody who never accepted. What guards it: the answer comes
from whoever keeps the records, and where there is none, it is no.
Tests: tests/desk/editions/test_terms.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from servanda.desk.editions.rows import get
from servanda.desk.editions.terms import needs_acceptance
from servanda.kernel.errors import UsageError


class Keeper(Protocol):
    """Who keeps what people accepted. `who`: marks by which a person is found, as keyed hashes."""

    def keep(self, who: Sequence[str], edition: int, sha256: str, now: datetime) -> str:
        """Record it; the record's name. `sha256`: of the text that was accepted."""

    def accepted(self, who: Sequence[str]) -> int:
        """The highest number they accepted and did not take back; 0: none."""


def accept(keeper: Keeper, who: Sequence[str], number: int, now: datetime) -> str:
    """UsageError where there is no such edition, or it asks nobody."""
    row = get(number)
    if not row.asks:
        raise UsageError(
            f"edition {number} does not ask to be accepted", "it binds when its notice is over"
        )
    if not who:
        raise UsageError("nobody is named who accepts", "accept from the page you were sent to")
    return keeper.keep(who, number, row.sha256, now)


def applies(keeper: Keeper, who: Sequence[str], purpose: str, now: datetime) -> bool:
    """Whether the terms let this person's data be used for the purpose now."""
    number = needs_acceptance(purpose, now)
    return number is None or keeper.accepted(who) >= number
