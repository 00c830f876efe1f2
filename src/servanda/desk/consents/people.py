"""Whom a batch of acts is about: their marks, what holds for them, and their keys."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from servanda.desk.consents import standing
from servanda.desk.consents.acts import Checked
from servanda.desk.consents.standing import Standing
from servanda.desk.requests.book import Book
from servanda.kernel import identity, keyring
from servanda.kernel import seal as sealing
from servanda.kernel.seal import SealBroken
from servanda.state import rows
from servanda.state.models import ConsentSubject

_MARK = ("mark", "subject", "standing")
_SUBJECT = ("id", "wrapped", "data", "made_at")
_UPDATE = "ON CONFLICT (mark) DO UPDATE SET standing = excluded.standing"


@dataclass(slots=True)
class _Row:
    subject: str
    standing: Standing
    changed: bool = False


@dataclass(slots=True)
class _Key:
    """A person's key and identities. `wrapped`: only of somebody new."""

    key: bytes
    identities: list[list[str]]
    wrapped: bytes = b""
    changed: bool = False


@dataclass(slots=True)
class People:
    """Read under the ledger's lock, and written by `save` within the same transaction."""

    book: Book
    acts: Sequence[Checked]
    now: datetime
    _rows: dict[str, _Row] = field(default_factory=dict)
    _of: dict[str, list[str]] = field(default_factory=dict)  # marks by subject
    _keys: dict[str, _Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = list(dict.fromkeys(mark for act in self.acts for mark in act.marks))
        found = rows.among(
            "SELECT mark, subject, standing FROM servanda_consentmark WHERE mark IN {among}", wanted
        )
        self._take(found)
        people = {
            self._rows[act.marks[0]].subject
            for act in self.acts
            if act.act.who.kind == "person" and act.marks[0] in self._rows
        }
        self._take(
            rows.among(
                "SELECT mark, subject, standing FROM servanda_consentmark WHERE subject IN {among}",
                people,
            )
        )

    def _take(self, found: Any) -> None:
        for mark, subject, text in found:
            if mark not in self._rows:
                self._rows[mark] = _Row(subject, standing.load(text))
                self._of.setdefault(subject, []).append(mark)

    def of(self, checked: Checked) -> str:
        """Whose act it is; somebody new where nobody is known by the first identity."""
        first = self._rows.get(checked.marks[0])
        if checked.act.who.kind == "browser":
            subject = first.subject if first else checked.marks[0][:32]
        else:
            subject = first.subject if first else secrets.token_hex(16)
            if first is None:
                self._new(subject)
        has = self._rows[checked.marks[0]].standing if first else {}
        for mark in checked.marks:
            if mark not in self._rows:
                copy = standing.load(standing.dump(has))
                self._rows[mark] = _Row(subject, copy)
                self._of.setdefault(subject, []).append(mark)
                self._known(subject, checked)
        return subject

    def standing(self, checked: Checked) -> Standing:
        return self._rows[checked.marks[0]].standing

    def standings(self, checked: Checked) -> list[tuple[Standing, bool]]:
        """To be changed: of every mark of that person, and (True) of those who were only named
        beside them."""
        subject = self._rows[checked.marks[0]].subject
        others = [each for each in checked.marks if self._rows[each].subject != subject]
        found = []
        for mark in (*self._of[subject], *others):
            self._rows[mark].changed = True
            found.append((self._rows[mark].standing, mark in others))
        return found

    def seal_note(self, checked: Checked, record: str) -> bytes:
        """Words about an act of a person, under their key."""
        if checked.act.who.kind == "browser":
            return b""
        key = self._key(self._rows[checked.marks[0]].subject)
        return sealing.seal(key.key, checked.act.note.encode(), place(record, "note"))

    def save(self) -> None:
        new = [
            (subject, key.wrapped, self._sealed(subject, key), self.now)
            for subject, key in self._keys.items()
            if key.wrapped
        ]
        rows.insert("servanda_consentsubject", _SUBJECT, new)
        for subject, key in self._keys.items():
            if key.changed and not key.wrapped:
                ConsentSubject.objects.filter(id=subject).update(data=self._sealed(subject, key))
        changed = [
            (mark, row.subject, standing.dump(row.standing))
            for mark, row in self._rows.items()
            if row.changed
        ]
        rows.insert("servanda_consentmark", _MARK, changed, _UPDATE)

    # ── keys ──────────────────────────────────────────────────────────────────────────────────

    def _new(self, subject: str) -> None:
        key = sealing.new_key()
        self._keys[subject] = _Key(key, [], keyring.wrap(self.book.master, key))

    def _known(self, subject: str, checked: Checked) -> None:
        """Keep what an identity is, sealed, so that the person can be told what we have."""
        if checked.act.who.kind == "browser":
            return
        key = self._key(subject)
        for kind, value in checked.act.who.identities:
            pair = [kind, identity.require(kind, value, self.book.region)]
            if pair not in key.identities and self._belongs(subject, kind, value):
                key.identities.append(pair)
                key.changed = True

    def _belongs(self, subject: str, kind: str, value: str) -> bool:
        row = self._rows.get(self.book.mark(kind, value))
        return row is None or row.subject == subject

    def _key(self, subject: str) -> _Key:
        if subject not in self._keys:
            self._keys[subject] = _Key(*opened(self.book, subject))
        return self._keys[subject]

    def _sealed(self, subject: str, key: _Key) -> bytes:
        plain = json.dumps(key.identities).encode()
        return sealing.seal(key.key, plain, place(subject, "identities"))


def opened(book: Book, subject: str) -> tuple[bytes, list[list[str]]]:
    """A person's key, and their identities. SealBroken where the key is destroyed."""
    row = ConsentSubject.objects.filter(id=subject, destroyed_at=None).first()
    if row is None:
        raise SealBroken("this person's consents are past their time, and their key is destroyed")
    key = keyring.unwrap(book.master, bytes(row.wrapped))
    data = sealing.unseal(key, bytes(row.data), place(subject, "identities"))
    return key, json.loads(data)


def nameless(book: Book, marks: Sequence[tuple[str, Standing]], now: datetime) -> None:
    """Keep what still counts of these marks, as somebody new of whom no identity is known."""
    if not marks:
        return
    subject, key = secrets.token_hex(16), sealing.new_key()
    sealed = sealing.seal(key, b"[]", place(subject, "identities"))
    somebody = (subject, keyring.wrap(book.master, key), sealed, now)
    rows.insert("servanda_consentsubject", _SUBJECT, [somebody])
    kept = [(mark, subject, standing.dump(has)) for mark, has in marks]
    rows.insert("servanda_consentmark", _MARK, kept, _UPDATE)


def place(id_: str, part: str) -> bytes:
    return f"consent {id_} {part}".encode()
