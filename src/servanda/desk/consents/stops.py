"""A yes that comes late, and a no that was said after it.

The danger: an old list is imported, or a form arrives late, and its yes undoes what the person
withdrew since. What guards it: a yes that says when it was given is held against every no on
record; where the no is the later one, or nothing shows when it was said, the no stays
(tests/desk/consents/test_late.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Protocol

import orjson

from servanda.desk.consents import standing
from servanda.desk.consents.acts import EVERYWHERE
from servanda.desk.consents.standing import Standing
from servanda.ledger.entries import stamp
from servanda.state.models import ConsentRecord


class Written(Protocol):
    """A record of the same batch, not yet in the database."""

    subject: str
    data: bytes


def covers(channel: str, other: str) -> bool:
    return channel in (EVERYWHERE, other) or other == EVERYWHERE


def later_no(
    has: Standing,
    purpose: str,
    channel: str,
    at: datetime,
    subject: str,
    batch: Iterable[Written],
) -> str | None:
    """The state that stays where a no was said after `at`; None where the yes counts. Under the
    ledger's lock."""
    stopped = [
        word.state
        for named, other, word in standing.words(has)
        if named == purpose and covers(channel, other) and word.state in standing.STOPPING
    ]
    own = standing.word(has, purpose, channel)
    if not stopped or (channel and own is not None and own.state in standing.HOLDING):
        return None  # nothing to undo, or they said yes to this channel since
    said = list(_said(purpose, channel, subject, batch))
    return None if said and max(said) < stamp(at) else stopped[0]


def _said(purpose: str, channel: str, subject: str, batch: Iterable[Written]) -> Iterator[str]:
    """When each no was said."""
    kept = ConsentRecord.objects.filter(subject=subject).values_list("data", flat=True)
    pending = (each.data for each in batch if each.subject == subject)
    for raw in chain[str | bytes](kept, pending):
        told = orjson.loads(raw)
        if _stops(told["states"], purpose, channel):
            yield str(told.get("said_at") or told["at"])


def _stops(states: Mapping[str, str], purpose: str, channel: str) -> bool:
    for name, state in states.items():
        named, _, other = name.partition("/")
        if named == purpose and covers(channel, other) and state in standing.STOPPING:
            return True
    return False
