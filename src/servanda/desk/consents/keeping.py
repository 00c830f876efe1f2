"""Consents that are over, and records whose time has passed.

    expire(book, now)    what ran out is put down as expired, as an act of its own
    forget(book, keep)   after `keep` without consent in force: key, marks, salts and notes go

The danger: somebody's no is forgotten and they are written to again. What guards it: without a
record the answer is no as well, and an objection at the desk is kept elsewhere. And the other way
round: a record that outlives its time. tests/desk/consents/test_keeping.py reads the database's
bytes, with the neighbour beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from servanda import state
from servanda.desk.consents import standing, writing
from servanda.desk.consents.acts import Act, Checked, marked
from servanda.desk.consents.standing import Standing
from servanda.desk.requests import vault
from servanda.desk.requests.book import Book
from servanda.kernel.period import Period
from servanda.state import rows
from servanda.state.connection import guard
from servanda.state.models import ConsentMark, ConsentRecord, ConsentSubject

_AT_ONCE = 500
_TABLES = ("servanda_consentsubject", "servanda_consentmark", "servanda_consentrecord")


def expire(book: Book, now: datetime | None = None) -> int:
    """Put down of some hundred people that their consent is over; how many. The gate knew it."""
    moment = now or datetime.now(UTC)
    today = book.today(moment)
    with guard():
        due = ConsentRecord.objects.filter(until__lte=today).order_by("until", "entry")
        found = list(due.values_list("id", "subject")[:_AT_ONCE])
    marks = _marks({subject for _, subject in found})
    with state.transaction():
        acts = [
            act
            for subject in dict.fromkeys(each for _, each in found)
            if (act := _over(marks.get(subject, []), today)) is not None
        ]
        if acts:
            writing.write(book, acts, now)
        # The rows stay as they are; only what finds them is emptied.
        ConsentRecord.objects.filter(id__in=[id_ for id_, _ in found]).update(until=None)
    return len(acts)


def _marks(subjects: set[str]) -> dict[str, list[tuple[str, Standing]]]:
    found: dict[str, list[tuple[str, Standing]]] = {}
    with guard():
        kept = ConsentMark.objects.filter(subject__in=subjects).order_by("mark")
        for mark, subject, text in kept.values_list("mark", "subject", "standing"):
            found.setdefault(subject, []).append((mark, standing.load(text)))
    return found


def _over(marks: Sequence[tuple[str, Standing]], today: date) -> Checked | None:
    """The act that says so; None where meanwhile something else was said."""
    if not marks:
        return None
    mark, has = marks[0]
    choices: dict[str, dict[str, bool]] = {}
    for purpose, channel, word in standing.words(has):
        if word.state in standing.HOLDING and word.ended(today):
            choices.setdefault(purpose, {})[channel] = False
    if not choices:
        return None
    return Checked(Act(marked(mark), choices, standing.EXPIRED), (mark,))


def forget(book: Book, keep: Period, now: datetime | None = None) -> int:
    """Some hundred people or browsers at most; how many. Never in a transaction."""
    moment = now or datetime.now(UTC)
    zone = ZoneInfo(book.policy.zone)
    before = keep.cutoff(moment, zone)
    today = book.today(moment)
    with guard():
        old = (
            ConsentRecord.objects.filter(at__lte=before)
            .exclude(salt=b"")
            .order_by("at")
            .values_list("subject", flat=True)
            .distinct()[: _AT_ONCE * 4]
        )
        wanted = set(old)
        later = ConsentRecord.objects.filter(subject__in=wanted, at__gt=before)
        wanted -= set(later.values_list("subject", flat=True))
    standings = _marks(wanted)
    over = [
        subject
        for subject in sorted(wanted)
        if not any(
            word.holds(today)
            for _, has in standings.get(subject, [])
            for _, _, word in standing.words(has)
        )
    ][:_AT_ONCE]
    for subject in over:
        _destroy(subject, moment)
    if over:
        vault.scrub(*_TABLES)
    return len(over)


def _destroy(subject: str, now: datetime) -> None:
    """The key, what finds them, and what opens the ledger's commitments."""
    with state.transaction():
        rows_ = ConsentSubject.objects.filter(id=subject)
        for row in rows_:  # same length first, so that the old bytes are overwritten where they lie
            rows_.update(wrapped=bytes(len(bytes(row.wrapped))), data=bytes(len(bytes(row.data))))
        rows_.update(wrapped=b"", data=b"", destroyed_at=now)
        ConsentMark.objects.filter(subject=subject).delete()
        records = ConsentRecord.objects.filter(subject=subject)
        for record in records.only("id", "salt", "note"):
            ConsentRecord.objects.filter(id=record.id).update(
                salt=bytes(len(bytes(record.salt))), note=bytes(len(bytes(record.note)))
            )
        records.update(salt=b"", note=b"", until=None)


def erase(book: Book, mark: str, now: datetime | None = None) -> bool:
    """A person's own wish: everything that is theirs goes now. False where nothing is kept."""
    with guard():
        row = ConsentMark.objects.filter(mark=mark).first()
    if row is None:
        return False
    _destroy(row.subject, now or datetime.now(UTC))
    vault.scrub(*_TABLES)
    return True


def kept() -> tuple[int, int]:
    """(records that can still be opened, people and browsers of whom something holds)."""
    with guard():
        records = ConsentRecord.objects.exclude(salt=b"").count()
        found = rows.all_rows("SELECT COUNT(DISTINCT subject) FROM servanda_consentmark")
    return records, int(found[0][0])
