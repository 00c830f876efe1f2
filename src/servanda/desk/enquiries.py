"""Enquiries of the company's website: taken in, answered, and forgotten when they are dealt with.

The danger: an enquiry whose personal details outlive it, or somebody else's that go with it. What
guards it: closing erases them in one statement for one number, looks whether they are gone in the
same transaction, and tells the ledger how many went; where that word is lost in a crash,
`tell_closed` says it later. An answer that could not be sent goes as well. What nobody closes the
engine deletes after the ceiling of the policy, for the table is a store as any other.
Tests: tests/desk/test_enquiries.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Q

from servanda import ledger, state
from servanda.desk import post
from servanda.desk.intake.counts import ENQUIRY
from servanda.desk.intake.freetext import refuse_cards, refuse_cards_among
from servanda.desk.requests.book import Book
from servanda.kernel import identity
from servanda.kernel.errors import UsageError
from servanda.state.connection import guard
from servanda.state.enquiries.models import Enquiry
from servanda.state.router import ALIAS

PERSONAL = ("name", "email", "phone", "message", "answer")
_CALLED = ("the name", "the e-mail address", "the telephone number", "the message", "our answer")
LONGEST = {"name": 200, "email": 254, "phone": 40, "message": 5_000, "answer": 20_000}
TOPICS = ("question", "quote", "support", "other")
_LINK = re.compile(r"https?://|www\.|\[url|<a ", re.IGNORECASE)
_MOST_LINKS = 2
_TELLING = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counts:
    open: int
    suspect: int
    unanswered: int


def receive(
    *,
    name: str,
    email: str,
    message: str,
    phone: str = "",
    marketing: bool = False,
    topic: str = "question",
    region: str | None = None,
    now: datetime | None = None,
) -> int:
    """Take an enquiry in; its number. UsageError, without what was written, where it is none."""
    told = {"name": name.strip(), "email": email.strip(), "message": message.strip()}
    for field, value in (*told.items(), ("phone", phone)):
        if len(value) > LONGEST[field]:
            raise UsageError(f"the {field} is too long", f"at most {LONGEST[field]:,} characters")
    refuse_cards_among((*told.items(), ("phone", phone)), place=ENQUIRY)
    if not told["name"] or not told["message"]:
        raise UsageError("an enquiry needs a name and a message")
    if topic not in TOPICS:
        raise UsageError("there is no such topic", f"one of {', '.join(TOPICS)}")
    address = identity.require("email", told["email"])
    number = identity.require("phone", phone, region) if phone.strip() else None
    moment = now or datetime.now(UTC)
    with guard(), transaction.atomic(using=ALIAS):
        row = Enquiry.objects.create(
            received_at=moment,
            name=told["name"],
            email=address,
            phone=number,
            message=told["message"],
            marketing="yes" if marketing else "no",
            topic=topic,
            suspect=len(_LINK.findall(told["message"])) > _MOST_LINKS,
        )
    ledger.append([{"kind": "enquiry.received", "enquiry": str(row.pk)}], now=now)
    return int(row.pk)


def counts() -> Counts:
    with guard():
        open_ = Enquiry.objects.filter(closed_at=None)
        found = open_.aggregate(
            all=Count("id"),
            spam=Count("id", filter=Q(suspect=True)),
            waiting=Count("id", filter=Q(answered_at=None, suspect=False)),
        )
    return Counts(found["all"], found["spam"], found["waiting"])


def listed(*, closed: bool = False, before: int | None = None, limit: int = 50) -> list[Enquiry]:
    """The newest first, without anything personal."""
    found = Enquiry.objects.defer(*PERSONAL).filter(closed_at__isnull=not closed).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    with guard():
        return list(found[:limit])


def get(id_: int) -> Enquiry:
    """UsageError where there is none; who calls it has said why."""
    with guard():
        row = Enquiry.objects.filter(id=id_).first()
    if row is None:
        raise UsageError(f"there is no enquiry {id_}", "it may be past its time")
    return row


def personal(row: Enquiry) -> list[str]:
    """What is there of the person, in words: what closing it erases."""
    pairs = zip(PERSONAL, _CALLED, strict=True)
    return [called for field, called in pairs if getattr(row, field) is not None]


def answer(book: Book, id_: int, text: str, *, by: str, now: datetime | None = None) -> int:
    """Answer by mail; the mail's number. It is not closed by that."""
    if not text.strip() or len(text) > LONGEST["answer"]:
        raise UsageError("an answer needs some words, and not too many")
    refuse_cards("the answer", text)
    row = get(id_)
    if row.closed_at is not None or not row.email:
        raise UsageError(f"enquiry {id_} is closed", "its address is gone")
    moment = now or datetime.now(UTC)
    subject = f"Your enquiry to {book.policy.organisation}"
    mail = post.send(book, "enquiry", row.email, subject, text, about=f"enquiry:{id_}", now=now)
    with guard():
        Enquiry.objects.filter(id=id_, closed_at=None).update(answer=text, answered_at=moment)
    ledger.append([{"kind": "enquiry.answered", "enquiry": str(id_), "by": by}], now=now)
    return mail


def close(id_: int, *, by: str, now: datetime | None = None) -> int:
    """It is dealt with: its personal fields go now. How many did. UsageError where it was closed,
    or is held."""
    moment = now or datetime.now(UTC)
    with guard(), transaction.atomic(using=ALIAS):
        row = Enquiry.objects.select_for_update().filter(id=id_, closed_at=None).first()
        if row is None:
            raise UsageError(f"enquiry {id_} is closed already, or is not there")
        there = len(personal(row))
        Enquiry.objects.filter(id=id_).update(
            **dict.fromkeys(PERSONAL), closed_at=moment, erased=there, told=False, marketing="no"
        )
        left = _left(id_)
        if left:
            raise UsageError(f"enquiry {id_} could not be erased", "nothing of it was changed")
    _scrub()
    _tell(id_, by, now)
    return there


def tell_closed(*, now: datetime | None = None) -> int:
    """Put closings into the ledger whose word was lost; how many. Those of this minute are still
    being told by whoever closed them."""
    before = (now or datetime.now(UTC)) - _TELLING
    with guard():
        lost = Enquiry.objects.filter(told=False, closed_at__lt=before).order_by("id")
        ids = list(lost.values_list("id", flat=True)[:500])
    for id_ in ids:
        _tell(id_, "servanda", now)
    return len(ids)


def _tell(id_: int, by: str, now: datetime | None) -> None:
    with guard():
        erased = Enquiry.objects.values_list("erased", flat=True).filter(id=id_).first()
    if erased is None:
        return  # the engine was faster: of what is not there nothing can be left
    entry = {
        "kind": "enquiry.closed",
        "enquiry": str(id_),
        "fields": erased,
        "left": _left(id_),
        "by": by,
    }
    with state.transaction():
        post.abandon(f"enquiry:{id_}")
        ledger.append([entry], now=now)
    with guard():
        Enquiry.objects.filter(id=id_).update(told=True)


def _left(id_: int) -> int:
    """Personal fields that still hold something."""
    row = Enquiry.objects.filter(id=id_).values(*PERSONAL).first()
    return 0 if row is None else sum(value not in (None, "") for value in row.values())


def _scrub() -> None:
    """What was erased is not left in SQLite's log either."""
    if connections[ALIAS].vendor == "sqlite":
        with guard(), connections[ALIAS].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
