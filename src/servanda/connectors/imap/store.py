"""A mail account as a store. Not transactional: a window has only chosen until it is committed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from servanda.connectors.imap.address import parse
from servanda.connectors.imap.pool import Pool
from servanda.connectors.imap.shelf import MailShelf
from servanda.kernel.errors import Drift
from servanda.kernel.predicate import Predicate
from servanda.stores.mailfields import KNOWN, TIMES
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import Held, Residue, StoreShape, TableShape
from servanda.stores.shelved import ShelvedStore

_COLUMNS = tuple((name, "timestamp" if name in TIMES else "text") for name in sorted(KNOWN))


class ImapStore(ShelvedStore):
    """The mailboxes of one user, or of several through a master user. Signs in on first use;
    every call has a connection of its own."""

    def __init__(
        self, name: str, connect: str, *, zone: str, read_only: bool, limit: Limit
    ) -> None:
        super().__init__(name, read_only=read_only)
        self._zone = ZoneInfo(zone)
        self._address = parse(connect)
        self._pool = Pool(
            name, self._address, timeout=limit.statement_timeout_s, most=limit.connections
        )
        self._shelves: dict[int, tuple[Collection, MailShelf]] = {}
        self._lock = threading.Lock()

    def shape(self) -> StoreShape:
        """A table for every mailbox. Their names may be people's, so no record keeps them."""
        names: Counter[str] = Counter()
        product = ""
        for user in self._address.accounts:
            with self._pool.lent(user) as session:
                product = product or session.product()
                names.update({each.name: 1 for each in session.mailboxes()})
        return StoreShape(
            product,
            tuple(
                TableShape(each, _COLUMNS, ("uidvalidity", "uid"), private=True)
                for each in sorted(names)
            ),
        )

    def contents(
        self, collection: Collection, where: Predicate, fields: Sequence[str]
    ) -> Iterator[Held]:
        """The messages as they were sent. A message tells all that is known of it."""
        return self.shelf(collection).contents(where, fields)

    def aftercare(self, collections: Sequence[Collection]) -> Sequence[Residue]:
        """Nothing can be cleaned up from outside; what is known to remain is said."""
        return (
            Residue("index caches of the mail server", "it purges them, or an administrator does"),
            Residue("attachments stored once for many messages", "no message refers to them"),
            Residue("snapshots and backups of the mail store", "their own retention ends"),
            Residue("copies in mail programs", "they synchronise"),
        )

    def close(self) -> None:
        self._pool.close()

    def shelf(self, collection: Collection) -> MailShelf:
        if collection.mailbox is None:
            raise Drift(
                f"{collection.id} does not say which mailboxes belong to it",
                "give it `mailbox: {folders: [INBOX]}`",
            )
        with self._lock:
            kept = self._shelves.get(id(collection))
            if kept is None:
                shelf = MailShelf(
                    self._pool, self._address, collection, collection.mailbox, self._zone
                )
                kept = self._shelves[id(collection)] = (collection, shelf)
            return kept[1]
