"""What mappings of mailboxes and programs compile to."""

from __future__ import annotations

from pathlib import Path

from servanda import stores
from servanda.kernel.predicate import Compare
from servanda.stores.mailfields import covered, is_mail_field
from servanda.stores.mapping import Clock, Column, CommandLayout, JsonPath, MailboxLayout
from tests.stores.test_store_cases import TODAY, the_policy

HERE = Path(__file__).parent


def test_a_mailbox_and_a_program() -> None:
    path = HERE / "cases" / "command-sound.yaml"
    crm, mail = stores.load(path, the_policy(), {}, today=TODAY).require()
    (people,) = crm.collections
    assert people.command == CommandLayout(
        ("people", "--json"), ("rm", "--", "{id}"), ("CRM_TOKEN",)
    )
    assert people.clocks == (Clock("recorded", JsonPath("times", ("made",))),)
    assert (people.source, people.tabular) == ("people", False)
    (inbox,) = mail.collections
    assert inbox.mailbox == MailboxLayout(("INBOX",))
    assert inbox.clocks == (Clock("recorded", Column("keyword-text:closed-"), "date"),)
    assert (inbox.source, inbox.tabular) == ("INBOX", False)
    assert inbox.field_named("keyword:closed").source == Column("keyword:closed")
    assert inbox.where == Compare("keyword:closed", "=", True)


def test_which_mailboxes_are_meant() -> None:
    folders = ("INBOX", "Inbox", "Archive", "Archive/2024", "Archives/x", "archive/2024")
    for patterns, meant in (
        (("inbox",), folders[:2]),
        (("Archive/*",), folders[3:4]),
        (("Archive",), folders[2:3]),
        (("*",), folders),
        (("Archives/*", "Archive"), (folders[2], folders[4])),
    ):
        assert tuple(each for each in folders if covered(each, patterns)) == meant


def test_what_can_be_read_of_a_message() -> None:
    for name in ("from", "to_name", "header:X-Ticket", "keyword:$Done", "keyword-text:closed-"):
        assert is_mail_field(name)
    for name in ("form", "header:", "keyword:ä", "headers:X", ""):
        assert not is_mail_field(name)
