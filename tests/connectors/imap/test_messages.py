"""What is read of a message: headers of every sort, parts, attachments, what was forwarded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from servanda.connectors.imap import reading
from servanda.connectors.imap.text import addresses, file_name, header_text
from servanda.connectors.imap.wire import answers, decoded_name, encoded_name, pairs, uid_set
from servanda.kernel.errors import Drift
from servanda.kernel.predicate import ClockBy, ClockMissing, Contains, Everything
from servanda.stores.mapping import Clock, Column
from tests.connectors.imap.mailboxes import CUTOFF, OLD, letter, mapped, mime, opened, person
from tests.services.dovecot import Dovecot

services = pytest.mark.services


def values(dovecot: Dovecot, *messages: bytes, **columns: str) -> list[dict[str, Any]]:
    user = person(dovecot)
    for each in messages:
        dovecot.deliver(user, each, OLD, flags="closed-2025-03-01 \\Seen")
    collection = mapped("INBOX", **columns)
    names = [field.name for field in collection.fields]
    with opened(dovecot.url(user)) as store:
        rows = list(store.rows(collection, Everything(), names))
    return [dict(zip(names, row, strict=True)) for row in rows]


@services
def test_headers(dovecot: Dovecot) -> None:
    (found,) = values(
        dovecot,
        letter(
            1,
            From='"O\'Neill, Ann" <Ann.ONeill@Client.Example>',
            To="support@msp.example, Bo =?utf-8?Q?=C3=98?= <bo@client.example>",
            Subject="Ünïcode 🎈",
            X_Ticket="  RT-42 ",
        ),
        ticket="header:X-Ticket",
        cc="cc",
        size="size",
        flags="flags",
        closed="keyword-text:closed-",
        seen="keyword:\\Seen",
        done="keyword:done",
        arrived="internaldate",
        saved="savedate",
    )
    assert found["from"] == "ann.oneill@client.example"
    assert found["from_name"] == "O'Neill, Ann"
    assert found["to"] == "support@msp.example, bo@client.example"
    assert found["subject"] == "Ünïcode 🎈"
    assert found["message_id"] == "<letter-1@client.example>"
    assert found["ticket"] == "RT-42"
    assert found["cc"] is None
    assert found["closed"] == "2025-03-01"
    assert (found["seen"], found["done"]) == (True, False)
    assert found["arrived"] == OLD
    assert isinstance(found["saved"], datetime)
    assert (datetime.now(UTC) - found["saved"]).total_seconds() < 60
    assert found["size"] > 100


@services
def test_text_of_every_kind_and_names_of_attachments(dovecot: Dovecot) -> None:
    inner = EmailMessage()
    inner["Subject"] = "what was forwarded"
    inner.set_content("Words from inside.")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="inner.pdf")
    outer = EmailMessage()
    outer["Message-ID"] = "<outer@client.example>"
    outer.set_content("Plain words, ünïcode.", charset="iso-8859-1", cte="base64")
    outer.add_alternative(
        "<p>Mr <b>O&#39;Neill</b><!-- hidden --></p>", subtype="html", cte="quoted-printable"
    )
    outer.add_attachment(
        b"x" * 300_000, maintype="image", subtype="png", filename="Zoë Ødegård.png"
    )
    outer.add_attachment(inner)
    found, other = values(dovecot, mime(outer), letter(2), names="attachments")
    for words in ("Plain words, ünïcode.", "Mr O'Neill hidden", "Words from inside."):
        assert words in found["body"]
    assert "xxx" not in found["body"]
    assert found["names"] == "Zoë Ødegård.png, inner.pdf"
    assert (other["body"], other["names"]) == ("Text of letter 2.", "")


@services
def test_strange_messages_are_read_as_far_as_they_go(dovecot: Dovecot) -> None:
    messages = (
        b"Subject: =?utf-8?Q?broken=ZZ?= =?nonsense?B?!!?=\r\nFrom: \xc3\xa4@x\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=none\r\n\r\naGVsb",
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff\xfe latin\r\n",
        b"\r\nno header at all\r\n",
        b"From: a\r\n",
    )
    found = values(dovecot, *messages)
    assert [each["message_id"] for each in found] == [""] * 5
    assert "first" in found[1]["body"]
    assert "hel" in found[1]["body"]
    assert "latin" in found[2]["body"]
    assert found[3]["body"] == "no header at all"


@services
def test_whole_messages_come_as_they_are_and_a_batch_at_a_time(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BYTES", 2_000)
    big = [letter(n) + b"x" * 900 + b"\r\n" for n in range(7)]
    found = values(dovecot, *big, whole="message")
    assert [each["whole"] for each in found] == big
    assert ["x" * 900 in each["body"] for each in found] == [True] * 7


@services
def test_a_search_inside_bodies_and_attachments(dovecot: Dovecot) -> None:
    user = person(dovecot)
    for number in range(3):
        dovecot.deliver(user, letter(number), OLD)
    with opened(dovecot.url(user)) as store:
        where = Contains("body", "OF LETTER 1")
        assert [row[0] for row in store.rows(mapped(), where, ["subject"])] == ["letter 1"]


@services
def test_a_mapping_that_no_mailbox_can_serve(dovecot: Dovecot) -> None:
    user = person(dovecot)
    with opened(dovecot.url(user)) as store:
        with pytest.raises(Drift, match='no "colour"'):
            store.tally(mapped("INBOX", colour="colour"), Everything())
        with pytest.raises(Drift, match='no mailbox "Nowhere"'):
            store.tally(mapped("INBOX", "Nowhere"), Everything())


def test_addresses_that_nobody_can_read_stand_for_themselves() -> None:
    assert addresses(["undisclosed-recipients:;"]) == ("undisclosed-recipients:;", "")
    assert addresses(["Jo <jo@x.example>, broken <, bo@y.example"])[0].endswith("bo@y.example")
    assert header_text("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= plain") == "ab plain"


def test_names_of_attachments() -> None:
    assert file_name({"name": "=?utf-8?Q?=C3=A4.pdf?="}) == "ä.pdf"
    assert file_name({"filename*": "utf-8''%C3%A4.pdf", "name": "a.pdf"}) == "ä.pdf"
    assert file_name({"filename*0*": "utf-8''%C3%A4", "filename*1": "b.pdf"}) == "äb.pdf"
    assert file_name({"charset": "utf-8"}) is None


def test_names_of_mailboxes() -> None:
    for name, raw in (("INBOX", "INBOX"), ("R&D", "R&-D"), ("März 王🎈", "M&AOQ-rz &c4vYPN+I-")):
        assert encoded_name(name) == raw
        assert decoded_name(raw.encode()) == name
    assert decoded_name(b"&broken") == "&broken"


def test_answers_are_taken_apart() -> None:
    data: list[bytes | tuple[bytes, bytes] | None] = [
        (b'1 (UID 5 BODY[HEADER.FIELDS (FROM "X")] {4}', b"a)\r\n"),
        b' FLAGS (\\Seen) X "q\\"")',
    ]
    (found,) = answers(data)
    assert pairs(found[1]) == {
        "UID": b"5",
        'BODY[HEADER.FIELDS (FROM "X")]': b"a)\r\n",
        "FLAGS": [b"\\Seen"],
        "X": b'q"',
    }
    assert uid_set([7, 1, 2, 3, 9, 8]) == "1:3,7:9"


@services
def test_a_clock_of_a_keyword_and_of_a_header(dovecot: Dovecot) -> None:
    user = person(dovecot)
    for number, closed in enumerate(("closed-2024-03-01", "closed-2025-09-01", "")):
        dovecot.deliver(user, letter(number, X_Due="20240301"), OLD, flags=closed)
    collection = replace(
        mapped(),
        clocks=(
            Clock("closed", Column("keyword-text:closed-"), "date"),
            Clock("due", Column("header:X-Due"), "text", "%Y%m%d"),
        ),
    )
    with opened(dovecot.url(user)) as store:
        assert store.tally(collection, ClockBy("closed", CUTOFF), "closed").count == 1
        assert store.tally(collection, ClockMissing("closed")).count == 1
        tally = store.tally(collection, ClockBy("due", CUTOFF), "due")
    assert (tally.count, tally.oldest) == (3, datetime(2024, 3, 1, tzinfo=UTC))
