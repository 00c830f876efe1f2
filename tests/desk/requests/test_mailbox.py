"""A real mailbox is read, each message once, and nothing in it changes."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from servanda.desk.requests import intake
from servanda.kernel.errors import UsageError
from tests.desk.requests.desk_world import NOW, make
from tests.desk.requests.mails import eml
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services


def test_each_message_once_and_none_changed(
    sqlite_state: str, tmp_path: Path, dovecot: Dovecot
) -> None:
    desk = make(tmp_path)
    user = dovecot.user(f"privacy-{secrets.token_hex(4)}@msp.example")
    for message in (
        eml(message="one"),
        eml(message="bounce", Auto_Submitted="auto-replied"),
        eml("max@example.test", "Hello", "How are you?", message="two"),
        eml("sam@example.test", "Data", "Send me a copy of my data", message="three"),
    ):
        dovecot.deliver(user, message, NOW)
    before = dovecot.messages(user)
    url = dovecot.url(user)
    first = list(intake.take_all(desk.book, intake.read_mailbox(url, "INBOX"), by="ann", now=NOW))
    assert [each.outcome for each in first] == ["opened", "ignored", "unclear", "opened"]
    assert [view.right for view in desk.listed()] == ["erasure", "access"]
    again = list(intake.take_all(desk.book, intake.read_mailbox(url, "INBOX"), by="ann", now=NOW))
    assert [each.outcome for each in again] == ["known", "ignored", "unclear", "known"]
    assert dovecot.messages(user) == before
    with pytest.raises(UsageError, match='did you mean "INBOX"'):
        list(intake.read_mailbox(url, "INBO"))
