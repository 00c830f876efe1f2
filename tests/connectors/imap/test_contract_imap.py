"""The contract of the connector port, on a real Dovecot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from servanda.connectors.imap import ImapStore
from servanda.kernel.errors import StoreRefused
from servanda.stores.mapping import Clock, Collection, Column, Field, Limit, MailboxLayout
from tests.connectors.contract import RECORDS, Kind, Made, Record, StoreContract
from tests.connectors.imap.mailboxes import encoded, mime, opened, person
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services

ARRIVED = datetime(2026, 1, 1, tzinfo=UTC)
LETTERS = Collection(
    store="mail",
    name="letters",
    source="INBOX",
    activity="support",
    key=("url", "message_id"),
    clocks=(Clock("recorded", Column("date")),),
    fields=(
        Field("url", Column("url")),
        Field("message_id", Column("message_id")),
        Field("person", Column("header:X-Person"), ("name",)),
        Field("note", Column("body"), ("comms",)),
    ),
    mailbox=MailboxLayout(("INBOX",)),
)


class TestMailbox(StoreContract):
    """A message is known by its number, so every kind of key comes to the same."""

    can_redact = False
    can_keep_copies = False

    @pytest.fixture(autouse=True)
    def _server(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot

    def make(self, kind: Kind, records: Sequence[Record]) -> AbstractContextManager[Made]:
        return self.made(records)

    @contextmanager
    def made(self, records: Sequence[Record]) -> Iterator[Made]:
        user = person(self.dovecot)
        for each in records:
            self.dovecot.deliver(user, message(each), ARRIVED)
        url = self.dovecot.url(user)
        with opened(url) as store:
            yield Made(store, LETTERS, lambda: self.raw(user), lambda: reader(url))

    def raw(self, user: str) -> Mapping[int, object]:
        found = {}
        for each in self.dovecot.messages(user):
            number = re.search(rb"^X-Id: (\d+)", each, re.MULTILINE)
            assert number is not None
            found[int(number[1])] = each
        return found

    def test_a_mailbox_keeps_no_copies(self) -> None:
        with self.made(RECORDS) as made, pytest.raises(StoreRefused, match="keeps no copies"):
            made.store.put(made.collection, "batch-1", ("person",), iter([("x",)]))


def message(record: Record) -> bytes:
    made = EmailMessage()
    made.set_content(record.note, cte="quoted-printable")
    made["X-Id"] = str(record.id)
    made["Message-ID"] = f"<record-{record.id}@client.example>"
    if record.recorded is not None:
        made["Date"] = format_datetime(record.recorded)
    return b"X-Person: " + encoded(record.person).encode() + b"\r\n" + mime(made)


def reader(url: str) -> ImapStore:
    return ImapStore("mail", url, zone="UTC", read_only=True, limit=Limit())
