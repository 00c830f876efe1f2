"""What the mail server is asked may find too much, and never too little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servanda.connectors.imap import ImapStore
from servanda.connectors.imap.box import Box
from servanda.connectors.imap.search import Searcher, Searches
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import (
    NOTHING,
    All,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Everything,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
)
from servanda.stores.mapping import Clock, Column
from servanda.stores.records import Reader
from tests.connectors.imap.mailboxes import letter, mapped, opened, person
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services

MIDNIGHT = datetime(2025, 3, 1, tzinfo=UTC)
COLLECTION = replace(
    mapped("*", cc="cc", kept="keyword:kept", sent="date", size="size"),
    clocks=(Clock("received", Column("internaldate")), Clock("sent", Column("date"))),
)
ODD = (
    {"Date": "Fri, 28 Feb 2025 23:30:00 -1000", "To": "Support <support@msp.example>"},
    {"Date": "Sat, 1 Mar 2025 00:30:00 +1300", "From": '"Doe, Jo" <JO.DOE@Client.Example>'},
    {"Date": "no date at all", "From": "jo.doe@client.example (Jo)", "Cc": "ann@client.example"},
    {"Date": "1 Mar 2025", "To": "team: jo.doe@client.example, bo@client.example;"},
    {"Date": "Sat, 01 Mar 25 10:00:00 EST", "From": "Zoë Ødegård <zoe@client.example>"},
    {"From": "not an address", "To": "undisclosed-recipients:;"},
    {"Date": "Fri, 01 Jan 2038 00:00:00 +0000", "From": "late@client.example"},
    {"Date": "Wed, 31 Dec 1969 23:00:00 +0000", "From": "early@client.example"},
    {"Date": "Tue, 01 Jan 1901 00:00:00 +0000", "From": "jo.doe @ client.example"},
    {"To": "a@x.example,\r\n b@y.example,\r\n ann@client.example", "From": "<@relay:c@z.example>"},
)


@pytest.fixture(scope="module")
def odd(shared_mail_server: Dovecot) -> Iterator[ImapStore]:
    """Messages around midnight, in several zones, with headers of every sort."""
    shared_mail_server.start()
    user = person(shared_mail_server)
    for number, headers in enumerate(ODD):
        when = MIDNIGHT + timedelta(hours=number * 5 - 20)
        flags = "kept \\Seen" if number % 3 == 0 else ""
        folder = "INBOX" if number % 2 else "Archive/odd"
        shared_mail_server.deliver(
            user, letter(number, **headers), when, folder=folder, flags=flags
        )
    with opened(shared_mail_server.url(user)) as store:
        yield store


FIELDS = ["from", "from_name", "to", "cc", "subject", "message_id", "folder", "body"]
TEXTS = [
    "jo.doe@client.example",
    "ann@client.example",
    "client",
    "ANN@client",
    "zoe",
    "Zoë Ødegård",
    "<letter-3@client.example>",
    "letter-",
    "INBOX",
    "odd",
    "not an address",
    "",
    "b@y.example",
    'quo"te\\',
    "line\r\nbreak",
]
instants = st.integers(-10_000, 10_000).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes))
leaves: st.SearchStrategy[Predicate] = st.one_of(
    st.just(Everything()),
    st.just(NOTHING),
    st.builds(ClockBy, st.sampled_from(["received", "sent"]), instants),
    st.builds(ClockMissing, st.sampled_from(["received", "sent"])),
    st.builds(Contains, st.sampled_from(FIELDS), st.sampled_from(TEXTS)),
    st.builds(
        Compare, st.sampled_from(FIELDS), st.sampled_from(["=", "!=", "<"]), st.sampled_from(TEXTS)
    ),
    st.builds(
        OneOf, st.sampled_from(FIELDS), st.lists(st.sampled_from(TEXTS), max_size=3).map(tuple)
    ),
    st.builds(Missing, st.sampled_from([*FIELDS, "size"])),
    st.builds(Compare, st.just("kept"), st.just("="), st.booleans()),
    st.builds(Compare, st.just("size"), st.sampled_from(["<", ">"]), st.integers(100, 300)),
)
predicates = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


@given(where=predicates)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_server_leaves_out_nothing_that_is_meant(odd: ImapStore, where: Predicate) -> None:
    collection = COLLECTION
    names = ["url", *FIELDS, "kept", "size", "received", "sent"]
    # Without a condition every message is read and nothing is asked of the server.
    every = [
        dict(zip(names, row, strict=True)) for row in odd.rows(collection, Everything(), names)
    ]
    assert len(every) == len(ODD)
    meant = {row["url"] for row in every if _is(where, row)}
    assert {row[0] for row in odd.rows(collection, where, ["url"])} == meant
    assert odd.tally(collection, where).count == len(meant)


def _is(where: Predicate, row: dict[str, Scalar]) -> bool:
    def moment(event: str, edge: object) -> datetime | None:
        found = row[event]
        assert found is None or isinstance(found, datetime)
        return found

    return evaluate(where, row.__getitem__, moment)


BOX = Box("", "INBOX", "INBOX", uidvalidity=17, uidnext=100)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("where", "may", "must"),
    [
        (ClockBy("received", NOON), "NOT SINCE 3-Mar-2025", "BEFORE 28-Feb-2025"),
        (Not(ClockBy("received", NOON)), "NOT (BEFORE 28-Feb-2025)", "NOT (NOT SINCE 3-Mar-2025)"),
        (
            ClockBy("sent", NOON),
            "OR (NOT SENTSINCE 7-Mar-2025) (SENTSINCE 1-Jan-2037)",
            "",
        ),
        (ClockMissing("received"), "", ""),
        (Contains("from", "Jo@Client.example"), 'HEADER From "example"', ""),
        (Compare("message_id", "=", "<a.bcdef@x>"), 'HEADER Message-ID "bcdef"', ""),
        (Contains("from", "jö@x.example"), "ALL", ""),
        (Contains("subject", "letter"), "ALL", ""),
        (Compare("kept", "=", True), "KEYWORD kept", "KEYWORD kept"),
        (Compare("folder", "=", "INBOX"), "ALL", "ALL"),
        (OneOf("folder", ("Sent",)), "", ""),
        (OneOf("url", (BOX.url(3), BOX.url(4), "/Sent;UIDVALIDITY=1/;UID=9")), *["UID 3:4"] * 2),
        (
            AnyOf((OneOf("to", ("anna@x",)), Compare("kept", "=", False))),
            'OR (HEADER To "anna") (UNKEYWORD kept)',
            "UNKEYWORD kept",
        ),
        (All((Everything(), ClockBy("received", NOON), NOTHING)), "", ""),
    ],
)
def test_what_the_server_is_asked(where: Predicate, may: str, must: str) -> None:
    reader = Reader(COLLECTION, UTC)
    found = Searcher(reader, BOX).of(where)
    assert found == Searches(may, must)


def test_servers_with_a_search_of_their_own_are_not_asked_for_text() -> None:
    reader = Reader(COLLECTION, UTC)
    found = Searcher(reader, BOX, text=False).of(Contains("from", "jo@client.example"))
    assert found == Searches("ALL", "")
