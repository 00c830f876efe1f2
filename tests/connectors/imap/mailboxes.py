"""Messages for these tests, put in as delivery does, and the collection that maps them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from typing import Any

from servanda.connectors.imap import ImapStore
from servanda.kernel.predicate import ClockBy, Predicate
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit, MailboxLayout
from servanda.stores.port import DeleteRows, Work
from tests.services.dovecot import Dovecot

CUTOFF = datetime(2025, 6, 1, tzinfo=UTC)
OLD, NEW = datetime(2024, 3, 1, 9, tzinfo=UTC), datetime(2025, 8, 1, 9, tzinfo=UTC)
EXPIRED: Predicate = ClockBy("received", CUTOFF)

INBOX = Collection(
    store="mail",
    name="inbox",
    source="INBOX",
    activity="support",
    key=("url", "message_id"),
    clocks=(Clock("received", Column("internaldate")),),
    fields=(
        Field("url", Column("url")),
        Field("message_id", Column("message_id")),
        Field("folder", Column("folder")),
        Field("from", Column("from"), ("contact.email",)),
        Field("from_name", Column("from_name"), ("name",)),
        Field("to", Column("to"), ("contact.email",)),
        Field("subject", Column("subject"), ("comms",)),
        Field("body", Column("body"), ("comms",)),
    ),
    identify=(("email", ("from", "to")),),
    mailbox=MailboxLayout(("INBOX",)),
)


def mapped(*folders: str, **columns: str) -> Collection:
    """The inbox in other folders and with more fields: `mapped("*", size="size")`."""
    fields = tuple(Field(name, Column(column)) for name, column in columns.items())
    layout = MailboxLayout(folders or ("INBOX",))
    return replace(INBOX, fields=(*INBOX.fields, *fields), mailbox=layout, source=layout.folders[0])


def person(dovecot: Dovecot, name: str = "support") -> str:
    """Somebody new, whom no other test knows."""
    return dovecot.user(f"{name}-{secrets.token_hex(4)}@msp.example")


def letter(number: int, **headers: str) -> bytes:
    """A plain message; `_` in a header's name stands for `-`."""
    given = {"From": "Ann Client <ann@client.example>", "Subject": f"letter {number}", **headers}
    lines = [f"{name.replace('_', '-')}: {encoded(value)}" for name, value in given.items()]
    lines += [f"Message-ID: <letter-{number}@client.example>", "", f"Text of letter {number}."]
    return "\r\n".join(lines).encode() + b"\r\n"


def encoded(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=900).encode()


def mime(message: EmailMessage) -> bytes:
    return message.as_bytes().replace(b"\n", b"\r\n")


@contextmanager
def opened(url: str, **options: Any) -> Iterator[ImapStore]:
    given = {"zone": "UTC", "read_only": False, "limit": Limit(), **options}
    store = ImapStore("mail", url, **given)
    try:
        yield store
    finally:
        store.close()


def deletion(collection: Collection = INBOX, target: Predicate = EXPIRED) -> Work:
    return Work(collection, DeleteRows(), target, "received")


def sweep(store: ImapStore, work: Work, rows_per_window: int = 100) -> int:
    """Run all windows; how many went."""
    gone = 0
    for bounds in store.split(work, rows_per_window):
        with store.open(work, bounds, work.target) as window:
            window.commit()
            gone += window.keys.count
            assert store.present(work, window.keys).count == 0
    return gone
