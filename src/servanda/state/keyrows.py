"""What the state itself knows of its master key: which is in force, and the wrapped roots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import IntegrityError, connection, transaction

from servanda import state
from servanda.state.connection import guard
from servanda.state.models import ConsentSubject, EvidenceKey, KeyRoot, KeyState, Person


def named() -> str:
    """The fingerprint of the key in force, with a share of its lock; blank before the first use.

    Only within the transaction that saves what is then wrapped: a rotation that comes meanwhile
    waits for its end.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("wrap within the transaction that saves what was wrapped")
    share = " FOR SHARE" if connection.vendor == "postgresql" else ""  # SQLite locks all at BEGIN
    with guard(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {connection.ops.quote_name('key')} FROM servanda_keystate{share}")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def seen() -> str:
    """The fingerprint of the key in force, without any lock; blank before the first use."""
    with guard():
        return KeyState.objects.values_list("key", flat=True).first() or ""


def register(name: str) -> str:
    """The first use of a state; the name that counts, should another process have been first."""
    try:
        with transaction.atomic():
            KeyState.objects.create(id=1, key=name, since=datetime.now(UTC))
    except IntegrityError:
        return named()
    return name


def sample() -> bytes | None:
    """Something that the key in force must open."""
    with guard():
        for model in (EvidenceKey, Person, ConsentSubject):
            row = model.objects.filter(destroyed_at=None).values_list("wrapped").first()
            if row is not None:
                return bytes(row[0])
    return None


def root(use: str, first: Callable[[], bytes]) -> bytes:
    """The wrapped root, made with `first` where there is none; with the caller's transaction, if
    there is one."""
    with guard():
        row = KeyRoot.objects.filter(use=use).first()
    if row is None:
        with state.transaction():
            row = _made(use, first)
    return bytes(row.wrapped)


def once_sure(remember: Callable[[], None]) -> None:
    """Call it when what was read can no longer be rolled back."""
    transaction.on_commit(remember)


def _made(use: str, first: Callable[[], bytes]) -> KeyRoot:
    wrapped = first()
    try:
        with transaction.atomic():
            return KeyRoot.objects.create(use=use, wrapped=wrapped, made_at=datetime.now(UTC))
    except IntegrityError:  # another process was first
        return KeyRoot.objects.get(use=use)
