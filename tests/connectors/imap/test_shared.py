"""Mailboxes that other people share with us are theirs, whatever the list shows."""

from __future__ import annotations

import pytest

from tests.connectors.imap.mailboxes import EXPIRED, OLD, deletion, letter, mapped, opened, sweep
from tests.services.dovecot import Dovecot

pytestmark = pytest.mark.services

SHARING = """
mail_plugins = acl
namespace shared {
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%%h/Maildir:LAYOUT=fs
  subscriptions = no
  list = yes
}
plugin {
  acl = vfile
  acl_shared_dict = file:@FOLDER@/mail/shared-mailboxes
}
protocol imap {
  mail_plugins = acl imap_acl
}
"""


def test_shared_mailboxes_are_not_opened() -> None:
    with Dovecot(SHARING) as own:
        support, boss = own.user("support@msp.example"), own.user("boss@msp.example")
        for user in (support, boss):
            for number in range(3):
                own.deliver(user, letter(number), OLD)
        with own.mail_program(boss) as client:
            assert client.setacl("INBOX", support, "lrswipkxte")[0] == "OK"
        with own.mail_program(support) as client:
            _, listed = client.list('""', '"*"')
        assert any(b"shared/boss@msp.example" in each for each in listed if each)
        before = own.messages(boss)
        with opened(own.url(support)) as store:
            assert [table.name for table in store.shape().tables] == ["INBOX"]
            assert store.tally(mapped("*"), EXPIRED).count == 3
            assert sweep(store, deletion(mapped("*"))) == 3
        assert own.messages(boss) == before
        assert len(before) == 3
