"""Removing messages. This module destroys; nothing here can be undone.

The harm it could do, and what stands against it (tests in tests/connectors/imap/test_removal.py):
- other people's messages: a plain EXPUNGE takes everything anybody has marked as deleted, so only
  UID EXPUNGE is ever sent, for exactly the chosen numbers;
- another message under the same number: the mailbox must still have the UIDVALIDITY under which it
  was chosen, or nothing is done;
- a message that is no longer meant: flags may have changed since, so it is chosen again;
- a message left marked: between the mark and its removal we may be killed, and then a hold may
  come to cover it. Ours carry the keyword `$ServandaGoing` beside \\Deleted; such as are no longer
  chosen lose both again when the window is next committed;
- a lie: a message is gone when the server, asked again, no longer finds its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from servanda.connectors.imap.box import Box
from servanda.connectors.imap.session import Session
from servanda.kernel.errors import StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores.port import Keys

if TYPE_CHECKING:
    from servanda.connectors.imap.shelf import MailShelf

MARK = "$ServandaGoing"
_AT_ONCE = 200  # marked and removed together: what others may see half done


@dataclass(slots=True)
class Removal:
    """A window of messages to be removed; until `commit` nothing has happened."""

    shelf: MailShelf
    box: Box
    span: tuple[int, int]  # the first and last number the window covers
    uids: Sequence[int]
    keys: Keys
    predicate: Predicate

    def commit(self) -> None:
        """Remove all that can be. StoreRefused, with how many remain, if any does."""
        with self.shelf.pool.lent(self.box.user) as session:
            box = self.shelf.here(session, self.box.user, self.box.name, self.box.uidvalidity)
            box = self.shelf.examined(session, box, write=True)
            uids = self._still_wanted(session, box)
            if box.keywords:
                self._unmark(session, set(uids))
            for start in range(0, len(uids), _AT_ONCE):
                self._remove(session, box, uids[start : start + _AT_ONCE])
            left = self._there(session)
        if left:
            raise StoreRefused(
                f"{left} of {self.keys.count} records of {self.shelf.collection.id} "
                "could not be removed (changed while the sweep ran, or kept by the server)",
                "run the sweep again, and look at the user's rights on the mailbox",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.uids = ()

    def _still_wanted(self, session: Session, box: Box) -> list[int]:
        if not self.uids:
            return []
        chosen = set(self.uids)
        now = self.shelf.chosen(session, box, self.predicate, self.uids[0], self.uids[-1])
        return [uid for uid in now if uid in chosen]

    def _unmark(self, session: Session, going: set[int]) -> None:
        """Give back what an interrupted run had marked and this one does not take."""
        marked = session.search(f"KEYWORD {MARK}", *self.span)
        forgotten = [uid for uid in marked if uid not in going]
        if forgotten:
            session.flag(forgotten, "-", f"\\Deleted {MARK}")

    def _remove(self, session: Session, box: Box, uids: Sequence[int]) -> None:
        low, high = uids[0], uids[-1]
        already = set(session.search("DELETED", low, high))
        fresh = [uid for uid in uids if uid not in already]
        if fresh:
            session.flag(fresh, "+", f"\\Deleted {MARK}" if box.keywords else "\\Deleted")
        session.expunge(uids)

    def _there(self, session: Session) -> int:
        if not self.uids:
            return 0
        chosen = set(self.uids)
        return sum(uid in chosen for uid in session.search("ALL", self.uids[0], self.uids[-1]))
