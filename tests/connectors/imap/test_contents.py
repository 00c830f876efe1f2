"""Messages as files: exactly as they were delivered, only those asked for, and not even marked."""

from __future__ import annotations

import pytest

from servanda.kernel.predicate import OneOf
from servanda.stores.port import Contents
from tests.connectors.imap.mailboxes import INBOX, NEW, letter, mapped, opened, person
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services


def test_a_message_is_given_as_it_was_delivered(dovecot: Dovecot) -> None:
    user = person(dovecot)
    theirs = letter(3, From="Bob <bob@client.example>")
    for each in (letter(1), letter(2), theirs):
        dovecot.deliver(user, each, NEW)
    with opened(dovecot.url(user), read_only=True) as store:
        assert isinstance(store, Contents)
        where = OneOf("from", ("ann@client.example",))
        held = [
            (each.values, each.content.stream.read(), each.tells)
            for each in store.contents(INBOX, where, ("subject",))
        ]
        unread = store.tally(INBOX, where).count
    assert [values for values, _, _ in held] == [("letter 1",), ("letter 2",)]
    assert [b"Text of letter 1." in body for _, body, _ in held] == [True, False]
    for number, (_, body, tells) in enumerate(held, 1):
        assert body.endswith(letter(number)) and b"bob@" not in body
        assert "body" in tells and "from" in tells
    assert unread == 2
    flagged = mapped(flags="flags")
    with opened(dovecot.url(user)) as store:
        flags = [str(flags) for (flags,) in store.rows(flagged, where, ["flags"])]
    assert len(flags) == 2 and not any("Seen" in each for each in flags)
