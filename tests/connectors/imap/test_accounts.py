"""Whose mailboxes are touched: several users through a master, and nobody else's."""

from __future__ import annotations

import imaplib
import os
import re
import signal
import socket
from pathlib import Path

import pytest

from servanda.connectors.imap import ImapStore, reading, session
from servanda.connectors.imap.address import Address
from servanda.kernel.errors import StoreBusy, StoreRefused, StoreUnreachable, UsageError
from servanda.kernel.predicate import Everything
from servanda.stores.mapping import Limit
from tests.connectors.imap.mailboxes import (
    EXPIRED,
    INBOX,
    NEW,
    OLD,
    deletion,
    letter,
    mapped,
    opened,
    person,
    sweep,
)
from tests.services.dovecot import Dovecot
from tests.services.ports import HOST, free_port

pytestmark = pytest.mark.services


def test_the_master_user_sweeps_those_named_and_nobody_else(dovecot: Dovecot) -> None:
    support, sales, boss = (person(dovecot, each) for each in ("support", "sales", "boss"))
    for user in (support, sales, boss):
        for number in range(3):
            dovecot.deliver(user, letter(number), OLD if number < 2 else NEW)
    before = {user: dovecot.messages(user) for user in (support, sales, boss)}
    collection = mapped("INBOX", user="user")
    with opened(dovecot.master_url(support, sales)) as store:
        rows = store.rows(collection, EXPIRED, ["user", "url"])
        assert {row[0] for row in rows} == {support, sales}
        assert sweep(store, deletion(collection), rows_per_window=1) == 4
    assert dovecot.messages(support) == before[support][2:]
    assert dovecot.messages(sales) == before[sales][2:]
    assert dovecot.messages(boss) == before[boss]


def test_folders_are_named_or_all_below_one(dovecot: Dovecot) -> None:
    user = person(dovecot)
    folders = ("INBOX", "Archive/2023", "Archive/2024/März & mehr", "Archives", "Sent")
    for folder in folders:
        name = "Archive/2024/M&AOQ-rz &- mehr" if "März" in folder else folder
        for number in range(2):
            dovecot.deliver(user, letter(number), OLD, folder=name)
    with opened(dovecot.url(user)) as store:
        assert store.shape().table("INBOX")
        for patterns, count in (
            (("inbox",), 2),
            (("Archive/*",), 4),
            (("Archive/2024/März & mehr",), 2),
            (("*",), 10),
            (("Sent", "Archives"), 4),
        ):
            assert store.tally(mapped(*patterns), EXPIRED).count == count, patterns
        shape = store.shape()
        assert shape.product == "Dovecot"
        assert store.shape() == shape  # over a connection that has a mailbox open
        assert {"INBOX", "Archive/2024/März & mehr"} <= {table.name for table in shape.tables}
        assert all(table.private for table in shape.tables)
        assert sweep(store, deletion(mapped("Archive/2024/*"))) == 2
        assert store.tally(mapped("*"), Everything()).count == 8


def test_reading_changes_nothing_not_even_what_is_new(dovecot: Dovecot) -> None:
    user = person(dovecot)
    for number in range(3):
        dovecot.deliver(user, letter(number), OLD)
    with opened(dovecot.url(user)) as store:
        assert store.tally(mapped("INBOX", message="message"), Everything()).count == 3
        list(store.rows(mapped("INBOX", message="message"), Everything(), ["message", "body"]))
        store.split(deletion(), 100)
    with dovecot.mail_program(user) as owner:
        owner.select("INBOX")
        assert owner.response("RECENT") == ("RECENT", [b"3"])
        assert owner.uid("SEARCH", "UNSEEN") == ("OK", [b"1 2 3"])


def test_a_wrong_password_and_a_server_that_is_not_there(dovecot: Dovecot) -> None:
    user = person(dovecot)
    wrong = re.sub(r":[0-9a-f]+@", ":guess@", dovecot.url(user))
    for url, why in (
        (wrong, "the sign-in was refused"),
        (f"imap://ann:secret@{HOST}:{free_port()}", "connection refused"),
        ("imap://ann:secret@mail.invalid", "name"),
    ):
        with opened(url) as store, pytest.raises(StoreUnreachable, match=why) as error:
            store.tally(INBOX, EXPIRED)
        assert not re.search("guess|secret|support|ann", str(error.value))


def test_the_certificate_is_checked(dovecot: Dovecot) -> None:
    user = person(dovecot)
    dovecot.deliver(user, letter(1), OLD)
    plain = dovecot.url(user)
    tls = plain.replace("imap:", "imaps:").replace(f":{dovecot.port}", f":{dovecot.tls_port}")
    with opened(tls) as store, pytest.raises(StoreUnreachable, match="certificate"):
        store.tally(INBOX, EXPIRED)
    with opened(f"{tls}/?ca={dovecot.certificate}") as store:
        assert store.tally(INBOX, EXPIRED).count == 1
    with opened(f"{tls}/?ca=/nowhere.pem") as store, pytest.raises(StoreRefused, match="ca="):
        store.tally(INBOX, EXPIRED)


def test_elsewhere_a_connection_is_encrypted_or_none(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person(dovecot)
    dovecot.deliver(user, letter(1), OLD)
    monkeypatch.setattr(Address, "local", property(lambda self: False))
    with opened(dovecot.url(user)) as store, pytest.raises(StoreUnreachable, match="certificate"):
        store.tally(INBOX, EXPIRED)
    with opened(f"{dovecot.url(user)}/?ca={dovecot.certificate}") as store:
        assert store.tally(INBOX, EXPIRED).count == 1
    monkeypatch.setattr(imaplib.IMAP4, "_get_capabilities", _nothing_offered)
    with opened(dovecot.url(user)) as store, pytest.raises(StoreUnreachable, match="no encryption"):
        store.tally(INBOX, EXPIRED)


def _nothing_offered(client: imaplib.IMAP4) -> None:
    client.capabilities = ("IMAP4REV1",)


def test_a_server_that_went_and_came_back() -> None:
    with Dovecot() as own:
        user = person(own)
        for number in range(3):
            own.deliver(user, letter(number), OLD)
        with opened(own.url(user)) as store:
            assert store.tally(INBOX, EXPIRED).count == 3
            own.kill()
            with pytest.raises(StoreUnreachable):
                store.tally(INBOX, EXPIRED)
            own.start()
            assert store.tally(INBOX, EXPIRED).count == 3


def test_a_server_that_stops_in_the_middle_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MESSAGES", 1)  # so that it is asked several times
    with Dovecot() as own:
        user = person(own)
        for number in range(3):
            own.deliver(user, letter(number), OLD)
        with opened(own.url(user), limit=Limit(statement_timeout_s=0.5)) as store:
            stream = store.rows(INBOX, EXPIRED, ["body"])
            next(stream)
            _signal_imap(user, signal.SIGSTOP)
            try:
                with pytest.raises(StoreBusy, match="did not answer in time"):
                    next(stream)
                assert store.tally(INBOX, EXPIRED).count == 3  # over another connection
            finally:
                _signal_imap(user, signal.SIGCONT)


def test_a_server_that_only_greets_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_CONNECT_S", 0.3)
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        url = f"imap://ann:secret@{HOST}:{port}"
        with opened(url) as store, pytest.raises(StoreUnreachable, match="does not answer"):
            store.tally(INBOX, EXPIRED)


def _signal_imap(user: str, number: int) -> None:
    """To the processes that serve this user, found by what they say they do."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if line.startswith(b"dovecot/imap") and user.encode() in line:
            os.kill(int(entry.name), number)


@pytest.mark.parametrize(
    "url",
    [
        "imaps://mail.example",
        "imaps://ann@mail.example",
        "imaps://ann:secret@mail.example/INBOX",
        "imaps://ann:secret@mail.example/?user=x",
        "imaps://ann:secret%0d%0a@mail.example",
        "imaps://ann:secret@mail.example:port",
    ],
)
def test_addresses_that_cannot_be_read(url: str) -> None:
    with pytest.raises(UsageError) as error:
        ImapStore("mail", url, zone="UTC", read_only=False, limit=Limit())
    assert "secret" not in str(error.value)
