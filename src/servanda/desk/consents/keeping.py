"""Consents that are over, and records whose time has passed.

    expire(book, now)    what ran out is put down as expired, as an act of its own
    forget(book, keep)   after `keep` without consent in force: key, marks, salts and notes go

The danger: somebody's no is forgotten and they are written to again. What guards it: where consent
alone carries a purpose, the answer without a record is no as well; a no to anything else is kept
(`objections`). And the other way round: a record that outlives its time. A third: something is
said while we forget. What guards it: the ledger's lock, under which all is looked at again.
tests/desk/consents/test_keeping.py reads the database's bytes, with the neighbour beside;
test_forgetting.py lets people speak meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from servanda import state
from servanda.desk.consents import objections, people, standing, writing
from servanda.desk.consents.acts import Act, Checked, marked
from servanda.desk.consents.standing import Standing, words
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
        done = writing.write(book, acts, now) if acts else []
        # The rows stay as they are; only what finds them is emptied.
        ConsentRecord.objects.filter(id__in=[id_ for id_, _ in found]).update(until=None)
    return len(done)


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
    before = keep.cutoff(moment, ZoneInfo(book.policy.zone))
    today, last, gone = book.today(moment), "", 0
    while gone < _AT_ONCE:  # those who stay must not stand before those behind them
        with guard():
            old = ConsentRecord.objects.filter(at__lte=before, subject__gt=last).exclude(salt=b"")
            page = list(
                old.order_by("subject").values_list("subject", flat=True).distinct()[:_AT_ONCE]
            )
        if not page:
            break
        last = page[-1]
        standings = _marks(set(page))
        for subject in page:
            if _stays(book, standings.get(subject, []), today):
                continue
            with state.transaction():
                writing.locked()  # whoever says something now waits, or has said it already
                newer = ConsentRecord.objects.filter(subject=subject, at__gt=before).exists()
                if newer or _stays(book, _marks({subject}).get(subject, []), today):
                    continue
                _destroy(subject, moment)
                gone += 1
    if gone:
        vault.scrub(*_TABLES)
    return gone


def _stays(book: Book, marks: Sequence[tuple[str, Standing]], today: date) -> bool:
    """Something holds, or what would become a yes if it were forgotten."""
    return any(
        objections.of(book.policy, has, today) or any(w.holds(today) for _, _, w in words(has))
        for _, has in marks
    )


def _destroy(subject: str, now: datetime) -> None:
    """The key, what finds them, and what opens the ledger's commitments. Within a transaction,
    under the ledger's lock."""
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
    """A person's own wish: everything that is theirs goes now. False where nothing is kept. Only
    an objection stays, of somebody without a name, so that it still counts."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        writing.locked()
        row = ConsentMark.objects.filter(mark=mark).first()
        if row is None:
            return False
        no = [
            (each, rest)
            for each, has in _marks({row.subject})[row.subject]
            if (rest := objections.of(book.policy, has, book.today(moment)))
        ]
        if no and not ConsentRecord.objects.filter(subject=row.subject).exists():
            return False  # nothing but the objection is left of an earlier wish
        _destroy(row.subject, moment)
        people.nameless(book, no, moment)
    vault.scrub(*_TABLES)
    return True


def kept() -> tuple[int, int]:
    """(records that can still be opened, people and browsers of whom something holds)."""
    with guard():
        records = ConsentRecord.objects.exclude(salt=b"").count()
        found = rows.all_rows("SELECT COUNT(DISTINCT subject) FROM servanda_consentmark")
    return records, int(found[0][0])
