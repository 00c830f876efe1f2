"""Keep an act, so that it is there when we say so: many at once with one commit.

Whoever comes while another commits waits, and is committed with all others who waited
(`together`): one transaction, one append to the ledger, one wait for the disk. `record` returns
after that commit alone.

The danger: an act that was acknowledged and is lost. What guards it: nothing is answered before
the commit, and tests/faults/test_consent_kill.py kills a server under load and counts. One act
that cannot be kept does not harm those beside it: they are then written one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from servanda.desk.consents import counting, writing
from servanda.desk.consents.acts import Act, Checked, checked
from servanda.desk.consents.asking import Gate
from servanda.desk.consents.gate import Question
from servanda.desk.consents.standing import WITHDRAWN
from servanda.desk.consents.together import Line
from servanda.desk.consents.writing import Recorded
from servanda.desk.requests.book import Book
from servanda.state.models import ConsentRecord

__all__ = ["Recorded", "record", "record_all"]


@dataclass(slots=True)
class _Waiting:
    book: Book
    act: Checked
    recorded: Recorded | None = None
    error: BaseException | None = None


def record(book: Book, act: Act, *, now: datetime | None = None) -> Recorded:
    """Keep it. UsageError where it does not fit the policy. Within a transaction of the caller it
    is part of that, and durable with it."""
    waiting = _Waiting(book, checked(book, act, act.at or now or datetime.now(UTC)))
    if connection.in_atomic_block or now is not None:
        return writing.write(book, [waiting.act], now)[0]
    _line.join(waiting)
    if waiting.error is not None:
        raise waiting.error
    assert waiting.recorded is not None
    return waiting.recorded


def record_all(book: Book, acts: Sequence[Act], *, now: datetime | None = None) -> list[Recorded]:
    """Keep many with one commit: all, or none and an error."""
    moment = now or datetime.now(UTC)
    ready = [checked(book, each, each.at or moment) for each in acts]
    return writing.write(book, ready, now)


def _commit(batch: Sequence[_Waiting]) -> None:
    try:
        for book in {id(each.book): each.book for each in batch}.values():  # mostly one
            _together([each for each in batch if each.book is book])
    except BaseException as error:  # this thread is ended
        for each in batch:
            if each.recorded is None:
                each.error = each.error or error
        raise


def _together(batch: list[_Waiting]) -> None:
    try:
        made = writing.write(batch[0].book, [each.act for each in batch], None)
    except Exception as error:
        if len(batch) == 1:
            batch[0].error = error
            return
        for each in batch:
            _together([each])
        return
    for each, recorded in zip(batch, made, strict=True):
        each.recorded = recorded
    _measured(batch)


def _measured(batch: list[_Waiting]) -> None:
    """Ask the gate after each withdrawal whether it counts already; put down where it does not.
    It is committed and will be acknowledged, whatever happens here."""
    with suppress(Exception):
        late = sum(_is_late(each) for each in batch)
        if late:
            counting.late(late)


def _is_late(waiting: _Waiting) -> bool:
    recorded, mark = waiting.recorded, waiting.act.marks[0]
    if recorded is None or waiting.act.act.who.kind != "person":
        return False
    gate = _gate(waiting.book)
    for name, state in recorded.states.items():
        purpose, _, channel = name.partition("/")
        if state != WITHDRAWN:
            continue
        answer = gate.decide(Question(purpose, channel), mark, gate.read(mark))
        if answer.may and answer.reason == "consent":
            newest = ConsentRecord.objects.filter(subject=recorded.subject).latest("entry")
            return newest.entry == recorded.index  # else they said yes again meanwhile
    return False


_line: Line[_Waiting] = Line(_commit)
_newest: tuple[Book, Gate] | None = None


def _gate(book: Book) -> Gate:
    global _newest
    if _newest is None or _newest[0] is not book:
        _newest = (book, Gate(book))
    return _newest[1]
