"""A person's own key: made with their first request, and destroyed when its retention ends.

The danger: personal data of the desk that can still be read after its time, or be moved into
another request's row and believed there. What guards it: every sealed text names its request and
part as associated data; the key lies wrapped in one row, which is overwritten before it is
blanked. For finding a person again without plain text there are marks: HMAC-SHA256 of kind and
normal identity under a key of its own (`keyring.root`), which neither an address list nor the
database alone can undo, and which stays the same when the workspace's key is changed.
Tests: tests/desk/requests/test_sealed.py, test_keeping.py.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from servanda.kernel import keyring
from servanda.kernel import seal as sealing
from servanda.kernel.errors import ServandaError
from servanda.kernel.keyring import Master
from servanda.state.connection import guard
from servanda.state.models import Person, PersonMark


class PersonGone(ServandaError):
    """The person's key is destroyed: what it sealed cannot be read any more, by anybody."""


class Vault:
    def __init__(self, master: Master) -> None:
        self._master = master

    def new_person(self, marks: Iterable[str], now: datetime) -> Person:
        """Within the caller's transaction."""
        person = Person.objects.create(
            id=secrets.token_hex(16),
            wrapped=keyring.wrap(self._master, sealing.new_key()),
            salt=sealing.new_salt(),
            made_at=now,
        )
        PersonMark.objects.bulk_create(PersonMark(person=person, mark=mark) for mark in marks)
        return person

    def mark(self, kind: str, value: str) -> str:
        """The keyed hash of an identity in normal form."""
        return hmac.new(self._mark_key(), f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()

    def seal(self, person: Person, number: int, part: str, plain: bytes) -> bytes:
        return sealing.seal(self._key(person), plain, _place(number, part))

    def unseal(self, person: Person, number: int, part: str, sealed: bytes) -> bytes:
        return sealing.unseal(self._key(person), sealed, _place(number, part))

    def _mark_key(self) -> bytes:
        return keyring.root(self._master, "identity marks")

    def _key(self, person: Person) -> bytes:
        if person.destroyed_at is not None:
            raise PersonGone(
                "this request's key is destroyed: its retention has ended",
                "its dates and outcome are still in the evidence",
            )
        return keyring.unwrap(self._master, bytes(person.wrapped))


def destroy(person: Person, now: datetime) -> None:
    """Within the caller's transaction; `scrub` follows after its commit."""
    # Same length first, so that the old bytes are overwritten where they lie.
    rows = Person.objects.filter(id=person.id)
    rows.update(wrapped=bytes(len(bytes(person.wrapped))), salt=bytes(len(bytes(person.salt))))
    rows.update(wrapped=b"", salt=b"", destroyed_at=now)
    PersonMark.objects.filter(person=person).delete()


def scrub(*tables: str) -> None:
    """Let the engine forget the old rows: what is left in free space and in the log."""
    with guard(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in tables:
            cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")


def _place(number: int, part: str) -> bytes:
    return f"request {number} {part}".encode()
