"""Put acts into the state and the ledger: one transaction, whatever their number.

The danger: two acts of one person at the same moment, of which the later does not know the
earlier, so that a withdrawal is overwritten. What guards it: the ledger's lock is taken before
anything is read (tests/desk/consents/test_recording.py lets threads and processes race).

A second danger: somebody names another one's address beside their own, and agrees for them. What
guards it: only the first identity is whom an act is about. One that is somebody else's already
takes no consent from it, only a no.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from servanda import ledger, state
from servanda.desk.consents import standing, stops
from servanda.desk.consents.acts import EVERYWHERE, Checked
from servanda.desk.consents.people import People
from servanda.desk.consents.standing import Standing, Word
from servanda.desk.requests.book import Book
from servanda.kernel.canonical import canonical
from servanda.kernel.digest import sha256_hex
from servanda.kernel.seal import commit, new_salt
from servanda.ledger.entries import stamp
from servanda.state import rows
from servanda.state.models import Tree

_READ = "SELECT id, size, frontier, last_at FROM servanda_tree WHERE id = 1"
_LOCK = f"{_READ} FOR UPDATE"
"""SQLite locks everything when a transaction begins."""
_RECORD = ("id", "subject", "at", "entry", "until", "data", "salt", "note")


@dataclass(frozen=True, slots=True)
class Recorded:
    """`states`: what each purpose and channel came to. `index`: its place in the ledger."""

    id: str
    subject: str
    states: Mapping[str, str]
    index: int
    at: datetime


@dataclass(slots=True)
class _Made:
    id: str
    subject: str
    states: dict[str, str]
    data: bytes
    salt: bytes
    until: date | None
    note: bytes


def write(book: Book, acts: Sequence[Checked], now: datetime | None) -> list[Recorded]:
    """Keep them in this order. Joins the caller's transaction. What says that a consent expired
    is left out where it did not."""
    with state.transaction(), rows.piped():
        tree = locked()
        moment = now or datetime.now(UTC)
        people = People(book, acts, moment)  # after the lock: each statement sees its own now
        made: list[_Made] = []
        entries: list[dict[str, Any]] = []
        for act in acts:
            one = _one(book, people, act, moment, made)
            if one.states:  # what would have expired was said anew meanwhile
                made.append(one)
                entries.append(_entry(act, one))
        if not made:
            return []
        places = ledger.append(entries, now=now, tree=tree)
        people.save()
        rows.insert(
            "servanda_consentrecord",
            _RECORD,
            [
                (e.id, e.subject, moment, index, e.until, e.data.decode(), e.salt, e.note)
                for e, index in zip(made, places, strict=True)
            ],
        )
    return [
        Recorded(each.id, each.subject, each.states, index, moment)
        for each, index in zip(made, places, strict=True)
    ]


def locked() -> Tree:
    """Take the ledger's lock within a transaction: whoever writes an act waits."""
    with connection.cursor() as lock:
        lock.execute(_LOCK if connection.vendor == "postgresql" else _READ)
        return Tree(
            **dict(zip(("id", "size", "frontier", "last_at"), lock.fetchone(), strict=True))
        )


def _one(
    book: Book, people: People, checked: Checked, now: datetime, made: Sequence[_Made]
) -> _Made:
    act = checked.act
    subject = people.of(checked)
    today = book.today(now)
    states: dict[str, str] = {}
    ends: list[date] = []
    for purpose, channels in act.choices.items():
        until = checked.until.get(purpose)
        for channel, yes in channels.items():
            has, name = people.standing(checked), f"{purpose}/{channel}" if channel else purpose
            if act.how == standing.EXPIRED and not _over(has, purpose, channel, today):
                continue
            if yes and act.at is not None:
                later = stops.later_no(has, purpose, channel, act.at, subject, made)
                if later is not None:
                    states[name] = later
                    continue
            now_is = _next(has, purpose, channel, yes, act.how, today)
            said = Word(now_is, until if now_is in standing.HOLDING else None, act.edition)
            for each, foreign in people.standings(checked):
                if act.how == standing.EXPIRED and not _over(each, purpose, channel, today):
                    continue
                if not foreign or now_is in standing.STOPPING:
                    _say(each, purpose, channel, said)
            states[name] = now_is
            if said.until:
                ends.append(said.until)
    # A parent's yes ends the wait for one; their no, and how old they say the child is, do not.
    parent = act.how == "parent"
    if standing.HOLDING & set(states.values()) if parent else act.age is not None:
        for each, foreign in people.standings(checked):
            if not foreign:
                standing.set_child(each, checked.child_until)
    id_, salt = secrets.token_hex(16), new_salt()
    return _Made(
        id_,
        subject,
        states,
        canonical(_data(checked, id_, subject, states, now)),
        salt,
        min(ends, default=None),
        people.seal_note(checked, id_) if act.note else b"",
    )


def _next(has: Standing, purpose: str, channel: str, yes: bool, how: str, today: date) -> str:
    """The state that follows."""
    if how in (standing.EXPIRED, standing.INVALIDATED, standing.REQUESTED):
        return how
    said = [w for p, c, w in standing.words(has) if p == purpose and stops.covers(channel, c)]
    if yes:
        holds = any(each.holds(today) for each in said)
        return standing.RENEWED if holds else standing.GIVEN
    before = any(each.state in (*standing.HOLDING, standing.WITHDRAWN) for each in said)
    return standing.WITHDRAWN if before else standing.REFUSED


def _over(has: Standing, purpose: str, channel: str, today: date) -> bool:
    """A consent that was given, and whose last day is past."""
    word = standing.word(has, purpose, channel)
    return word is not None and word.state in standing.HOLDING and word.ended(today)


def _say(has: Standing, purpose: str, channel: str, said: Word) -> None:
    if said.state == standing.REQUESTED:
        standing.count_asked(has, purpose)
        if any(standing.word(has, purpose, each) for each in (channel, EVERYWHERE)):
            return  # asking changes nothing that was said
    elif channel == EVERYWHERE:  # one word for all ends what was said of each
        times = standing.asked(has, purpose)
        has[purpose] = {standing.ASKED: times} if times else {}
    standing.put(has, purpose, channel, said)


def _data(
    checked: Checked, id_: str, subject: str, states: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What is kept, and what the ledger holds a commitment of."""
    act = checked.act
    until = {p: day.isoformat() for p, day in checked.until.items() if day}
    given = {
        "at": stamp(now),
        "said_at": stamp(act.at) if act.at else "",
        "notice": act.notice,
        "edition": act.edition,
        "language": act.language,
        "place": act.place,
        "by": act.by,
        "source": act.source,
        "proof": act.proof,
        "until": until if standing.HOLDING & set(states.values()) else None,
        "gpc": act.gpc or None,
        "form": act.form or None,
    }
    found = {name: value for name, value in given.items() if value not in ("", None, {})}
    return {
        "v": 1,
        "record": id_,
        "subject": subject,
        "who": act.who.kind,
        "states": dict(states),
        "how": act.how,
        **found,
    }


def _entry(checked: Checked, made: _Made) -> dict[str, Any]:
    act = checked.act
    return {
        "kind": "consent.recorded",
        "record": sha256_hex(made.id.encode()),  # the id itself opens the receipt's page
        "commitment": commit(made.data, made.salt),
        "who": act.who.kind,
        "states": made.states,
        "notice": act.notice or None,
        "edition": act.edition,
        "how": act.how,
    }
