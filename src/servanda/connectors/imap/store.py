"""A mail account as a store. Not transactional: a window has only chosen until it is committed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from servanda.connectors.imap.address import parse
from servanda.connectors.imap.box import Box
from servanda.connectors.imap.pool import Pool
from servanda.connectors.imap.removal import Removal
from servanda.connectors.imap.shelf import LAST, MailShelf
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.predicate import Predicate
from servanda.stores import records
from servanda.stores.mailfields import KNOWN, TIMES
from servanda.stores.mapping import Collection, Limit
from servanda.stores.port import (
    Bounds,
    Keys,
    Residue,
    Row,
    StoreShape,
    TableShape,
    Tally,
    Window,
    Work,
)

_COLUMNS = tuple((name, "timestamp" if name in TIMES else "text") for name in sorted(KNOWN))


class ImapStore:
    """The mailboxes of one user, or of several through a master user. Implements the port
    `servanda.stores.port.Store`. Signs in on first use; every call has a connection of its own."""

    transactional = False

    def __init__(
        self, name: str, connect: str, *, zone: str, read_only: bool, limit: Limit
    ) -> None:
        self.name = name
        self.read_only = read_only
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

    def tally(self, collection: Collection, where: Predicate, clock: str | None = None) -> Tally:
        return self.tallies(collection, [where], clock)[0]

    def tallies(
        self, collection: Collection, wheres: Sequence[Predicate], clock: str | None = None
    ) -> Sequence[Tally]:
        return self._shelf(collection).tallies(wheres, clock)

    def rows(
        self,
        collection: Collection,
        where: Predicate,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> Iterator[Row]:
        return self._shelf(collection).rows(where, fields, limit)

    def expired_partitions(self, collection: Collection, clock: str, by: datetime) -> Sequence[str]:
        """None: a mailbox is not dropped whole, because every message in it is evidence."""
        return ()

    def split(self, work: Work, rows_per_window: int) -> Sequence[Bounds]:
        return self._shelf(work.collection).split(work, rows_per_window)

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self._may_write()
        shelf = self._shelf(work.collection)
        shelf.only_deletes(work)
        user, folder = bounds["user"], bounds["folder"]
        first, last = bounds["after"] + 1, bounds["upto"] or LAST
        with self._pool.lent(user) as session:
            shelf.can_expunge(session)
            box: Box = shelf.here(session, user, folder, bounds["uidvalidity"])
            box = shelf.examined(session, box)
            uids = list(shelf.chosen(session, box, target, first, last))
            keys = records.packed(shelf.keys(session, box, uids))
        span = (first, min(last, box.uidnext - 1))
        return Removal(shelf, box, span, uids, keys, target)

    def present(self, work: Work, keys: Keys) -> Keys:
        return self._shelf(work.collection).present(keys)

    def put(
        self, collection: Collection | None, batch: str, header: Sequence[str], rows: Iterator[Row]
    ) -> str:
        raise StoreRefused(
            f'store "{self.name}": a mailbox keeps no copies of records',
            "name a folder under `archive_to` or `return_to`",
        )

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

    def _may_write(self) -> None:
        if self.read_only:
            raise StoreRefused(
                f'store "{self.name}" was opened read-only', "this is an error in Servanda"
            )

    def _shelf(self, collection: Collection) -> MailShelf:
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
