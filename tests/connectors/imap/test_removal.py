"""Removing messages from a real Dovecot while others use it, and being interrupted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from servanda.connectors.imap import removal, session
from servanda.connectors.imap.session import Session
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.predicate import Compare, Not, OneOf, all_of
from servanda.stores.mapping import SetNull
from servanda.stores.port import RedactRows, Work
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

pytestmark = pytest.mark.services


def filled(dovecot: Dovecot, old: int = 3, new: int = 3) -> str:
    user = person(dovecot)
    for number in range(old + new):
        dovecot.deliver(user, letter(number), OLD if number < old else NEW, flags="\\Seen")
    return user


def test_only_what_is_due_goes_and_the_rest_stays_byte_for_byte(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    before = dovecot.messages(user)
    with opened(dovecot.url(user)) as store:
        assert sweep(store, deletion(), rows_per_window=2) == 3
    assert dovecot.messages(user) == before[3:]
    assert len(before) == 6


def test_many_numbers_are_asked_for_in_pieces(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_UIDS_ASKED", 2)
    monkeypatch.setattr(removal, "_AT_ONCE", 2)
    user = filled(dovecot, old=5, new=2)
    before = dovecot.messages(user)
    with opened(dovecot.url(user)) as store:
        assert store.tally(INBOX, EXPIRED).count == 5
        assert sweep(store, deletion(), rows_per_window=3) == 5
    assert dovecot.messages(user) == before[5:]


def test_what_others_marked_as_deleted_is_not_ours_to_remove(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    with dovecot.mail_program(user) as colleague:
        colleague.select("INBOX")
        colleague.uid("STORE", "2,5", "+FLAGS", "(\\Deleted)")
    marked = dovecot.messages(user)[4]
    assert b"\\Deleted" in marked
    with opened(dovecot.url(user)) as store:
        assert sweep(store, deletion()) == 3
    left = dovecot.messages(user)
    assert len(left) == 3
    assert left[1] == marked


def test_a_mailbox_numbered_anew_is_left_alone(dovecot: Dovecot) -> None:
    user = person(dovecot)
    for number in range(3):
        dovecot.deliver(user, letter(number), OLD, folder="Case")
    work = deletion(mapped("Case"))
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window:
            keys = window.keys
            with dovecot.mail_program(user) as colleague:
                colleague.delete("Case")
            for number in range(3):  # other messages, old ones too, under the same numbers
                dovecot.deliver(user, letter(number + 10), OLD, folder="Case")
            before = dovecot.messages(user, "Case")
            with pytest.raises(Drift, match="numbered anew"):
                window.commit()
        with pytest.raises(Drift, match="numbered anew"):
            store.open(work, bounds, EXPIRED)
        with pytest.raises(Drift, match="can no longer be told apart"):
            store.present(work, keys)
    assert dovecot.messages(user, "Case") == before


def test_a_mailbox_that_was_renamed_is_not_taken_for_empty(dovecot: Dovecot) -> None:
    user = person(dovecot)
    for number in range(3):
        dovecot.deliver(user, letter(number), OLD, folder="Case")
    work = deletion(mapped("Case"))
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window:
            keys = window.keys
        with dovecot.mail_program(user) as colleague:
            colleague.rename("Case", "Closed")
        with pytest.raises(Drift, match="renamed"):
            store.present(work, keys)
        with pytest.raises(Drift, match='no mailbox "Case"'):
            store.tally(mapped("Case"), EXPIRED)
    assert len(dovecot.messages(user, "Closed")) == 3


def test_a_message_that_is_no_longer_meant_stays(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    collection = mapped("INBOX", kept="keyword:kept")
    work = deletion(collection, all_of([EXPIRED, Not(Compare("kept", "=", True))]))
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, work.target) as window:
            assert window.keys.count == 3
            with dovecot.mail_program(user) as colleague:
                colleague.select("INBOX")
                colleague.uid("STORE", "2", "+FLAGS", "(kept)")
            with pytest.raises(StoreRefused, match="1 of 3 records"):
                window.commit()
        assert store.present(work, window.keys).count == 1
    left = dovecot.messages(user)
    assert len(left) == 4
    assert b"letter 1" in left[0]
    assert b"\\Deleted" not in left[0]


def test_a_message_that_others_removed_meanwhile_is_no_error(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    work = deletion()
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(work, 100)
        with store.open(work, bounds, EXPIRED) as window:
            with dovecot.mail_program(user) as colleague:
                colleague.select("INBOX")
                colleague.uid("STORE", "2", "+FLAGS", "(\\Deleted)")
                colleague.expunge()
            dovecot.deliver(user, letter(9), NEW)
            window.commit()
        assert store.present(work, window.keys).count == 0
    assert len(dovecot.messages(user)) == 4


def test_a_hold_takes_back_the_mark_of_an_interrupted_run(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = filled(dovecot)
    work = deletion()
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(work, 100)
        with monkeypatch.context() as patched:
            patched.setattr(Session, "expunge", _power_cut)
            with (
                pytest.raises(RuntimeError, match="power cut"),
                store.open(work, bounds, EXPIRED) as window,
            ):
                window.commit()
        marked = dovecot.messages(user)
        assert sum(b"\\Deleted" in each for each in marked) == 3
        held = all_of([EXPIRED, Not(OneOf("subject", ("letter 0", "letter 2")))])
        with store.open(work, bounds, held) as window:
            assert window.keys.count == 1
            window.commit()
    left = dovecot.messages(user)
    assert len(left) == 5
    assert not any(removal.MARK.encode() in each or b"\\Deleted" in each for each in left)


def _power_cut(connection: Session, uids: Sequence[int]) -> None:
    raise RuntimeError("power cut")


def test_messages_are_not_rewritten(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    before = dovecot.messages(user)
    work = Work(INBOX, RedactRows((("subject", SetNull()),)), EXPIRED)
    with opened(dovecot.url(user)) as store:
        with pytest.raises(StoreRefused, match="cannot be overwritten"):
            store.split(work, 100)
        with pytest.raises(StoreRefused, match="cannot be overwritten"):
            store.open(work, {}, EXPIRED)
    assert dovecot.messages(user) == before


def test_without_uidplus_nothing_is_marked(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = filled(dovecot)
    before = dovecot.messages(user)
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(deletion(), 100)
    found = Session.__init__

    def without(connection: Session, *args: object) -> None:
        found(connection, *args)  # type: ignore[arg-type]
        connection.capabilities -= {"UIDPLUS"}

    monkeypatch.setattr(Session, "__init__", without)
    with opened(dovecot.url(user)) as store:
        with pytest.raises(StoreRefused, match="UIDPLUS"):
            store.split(deletion(), 100)
        with pytest.raises(StoreRefused, match="UIDPLUS"):
            store.open(deletion(), bounds, EXPIRED)
    assert dovecot.messages(user) == before


def test_a_user_who_may_not_delete_is_told_so(dovecot: Dovecot) -> None:
    user = filled(dovecot)
    with opened(dovecot.url(user)) as store:
        (bounds,) = store.split(deletion(), 100)
        with store.open(deletion(), bounds, EXPIRED) as window:
            folder = dovecot.maildir(user)
            for each in (folder, folder / "cur", folder / "new"):
                each.chmod(0o500)
            try:
                with pytest.raises(StoreRefused) as refused:
                    window.commit()
            finally:
                for each in (folder, folder / "cur", folder / "new"):
                    each.chmod(0o700)
    assert "client.example" not in str(refused.value)
    assert len(dovecot.messages(user)) == 6
