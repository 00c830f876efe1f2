"""What is on record: of one person, one record, or all since a place in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from servanda.desk.consents import people, standing
from servanda.desk.consents.standing import Standing
from servanda.desk.requests.book import Book
from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.seal import SealBroken
from servanda.state.connection import guard
from servanda.state.models import ConsentMark, ConsentRecord, ConsentSubject

_GIVEN = '"g'  # how a consent that was given begins in a standing
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A record. `data`: what the ledger holds a commitment of, as it was signed; `salt` is empty
    once its time is over."""

    id: str
    subject: str
    at: datetime
    index: int
    data: Mapping[str, Any]
    raw: bytes
    salt: bytes
    noted: bool

    @property
    def states(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.data["states"]
        return found


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever a mark belongs to. `identities`: empty where only the mark is known."""

    subject: str
    standing: Standing
    identities: tuple[tuple[str, str], ...]


def person(book: Book, mark: str) -> Person | None:
    """None where nothing of them is kept."""
    with guard():
        row = ConsentMark.objects.filter(mark=mark).first()
    if row is None:
        return None
    try:
        found = [(kind, value) for kind, value in people.opened(book, row.subject)[1]]
    except SealBroken:  # a browser has no key
        found = []
    return Person(row.subject, standing.load(row.standing), tuple(found))


def of(subject: str, limit: int = 50, before: int | None = None) -> list[Kept]:
    """The records of one person or browser, the newest first."""
    found = ConsentRecord.objects.filter(subject=subject).order_by("-entry")
    if before is not None:
        found = found.filter(entry__lt=before)
    with guard():
        return [_kept(row) for row in found[:limit]]


def one(id_: str) -> Kept | None:
    """None where there is none, or its time is over."""
    with guard():
        row = ConsentRecord.objects.filter(id=id_).first()
    return None if row is None or not row.salt else _kept(row)


def after(kept: Kept) -> list[Kept]:
    """What the same person or browser said later, oldest first: what became of this record."""
    rows_ = ConsentRecord.objects.filter(subject=kept.subject, entry__gt=kept.index)
    with guard():
        return [_kept(row) for row in rows_.order_by("entry")[:500]]


def since(index: int, limit: int = 1000) -> list[Kept]:
    """Records of persons from that place in the ledger on, oldest first."""
    found = ConsentRecord.objects.filter(entry__gte=index).exclude(salt=b"").order_by("entry")
    with guard():
        return [_kept(row) for row in found[:limit]]


def identities(book: Book, subjects: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Who they are, of those whose key is there: with one query."""
    wanted = list(dict.fromkeys(subjects))
    found: dict[str, list[tuple[str, str]]] = {}
    with guard():
        kept = ConsentSubject.objects.filter(id__in=wanted, destroyed_at=None)
        sealed = [(row.id, bytes(row.wrapped), bytes(row.data)) for row in kept]
    for id_, wrapped, data in sealed:
        key = keyring.unwrap(book.master, wrapped)
        plain = sealing.unseal(key, data, people.place(id_, "identities"))
        found[id_] = [(kind, value) for kind, value in orjson.loads(plain)]
    return found


def mailboxes(book: Book) -> Iterator[str]:
    """E-mail addresses of everybody who consents to anything now, some hundreds at a time."""
    last = ""
    while True:
        with guard():
            given = ConsentMark.objects.filter(standing__contains=_GIVEN, subject__gt=last)
            subjects = list(
                given.order_by("subject").values_list("subject", flat=True).distinct()[:_AT_ONCE]
            )
        if not subjects:
            return
        last = subjects[-1]
        for told in identities(book, subjects).values():
            yield from dict.fromkeys(value for kind, value in told if kind == "email")


def note(book: Book, kept: Kept) -> str:
    """The words about how it was given; blank where there are none, or nobody can read them."""
    with guard():
        sealed = ConsentRecord.objects.filter(id=kept.id).values_list("note", flat=True).first()
    if not sealed:
        return ""
    try:
        key, _ = people.opened(book, kept.subject)
        return sealing.unseal(key, bytes(sealed), people.place(kept.id, "note")).decode()
    except SealBroken:
        return ""


def _kept(row: ConsentRecord) -> Kept:
    raw = row.data.encode()
    return Kept(
        row.id,
        row.subject,
        row.at,
        row.entry,
        orjson.loads(raw),
        raw,
        bytes(row.salt),
        bool(row.note),
    )
