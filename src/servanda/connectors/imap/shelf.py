"""A collection whose records are messages: counting, reading, cutting into windows.

Choosing never writes: mailboxes are opened with EXAMINE. What is chosen is acted upon in
`removal`.
"""

from __future__ import annotations

from collections.abc import Collection as Columns
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from io import BytesIO

from servanda.connectors.imap.address import Address
from servanda.connectors.imap.box import Box, Place, place_of
from servanda.connectors.imap.mail import Mail, column_of
from servanda.connectors.imap.pool import Pool
from servanda.connectors.imap.reading import mails
from servanda.connectors.imap.removal import Removal
from servanda.connectors.imap.search import NONE, Searcher
from servanda.connectors.imap.session import Session
from servanda.kernel.errors import Drift, StoreRefused
from servanda.kernel.predicate import Predicate, any_of
from servanda.stores import records
from servanda.stores.counting import Count
from servanda.stores.mailfields import covered, is_mail_field, matches
from servanda.stores.mapping import Collection, Column, MailboxLayout
from servanda.stores.port import Bounds, Content, DeleteRows, Held, Keys, Row, Tally, Window, Work
from servanda.stores.records import Reader, Record

LAST = 2**32 - 1  # the greatest number of a message


class MailShelf:
    """One collection of one open store. Holds no state between calls."""

    def __init__(
        self,
        pool: Pool,
        address: Address,
        collection: Collection,
        layout: MailboxLayout,
        zone: tzinfo,
    ) -> None:
        self.pool = pool
        self.address = address
        self.collection = collection
        self.folders = layout.folders
        self.reader = Reader(collection, zone)
        for source in (
            *(field.source for field in collection.fields),
            *(clock.source for clock in collection.clocks),
        ):
            if not is_mail_field(column_of(source)):
                raise Drift(
                    f'{collection.id}: a message has no "{column_of(source)}"',
                    "see the fields of mailboxes in the reference of stores.yaml",
                )

    # ── mailboxes ─────────────────────────────────────────────────────────────────────────────

    def boxes(self, user: str, session: Session) -> list[Box]:
        """Those of the user's mailboxes that belong to the collection."""
        listed = session.mailboxes()
        return [Box(user, e.name, e.raw) for e in listed if covered(e.name, self.folders)]

    def opened(self) -> Iterator[tuple[Session, Box]]:
        """Each mailbox of the collection, open for reading. Drift where one that is named is
        nobody's."""
        unseen = {each for each in self.folders if not each.endswith("*")}
        for user in self.address.accounts:
            with self.pool.lent(user) as session:
                for box in self.boxes(user, session):
                    unseen = {each for each in unseen if not matches(box.name, each)}
                    yield session, self.examined(session, box)
        if unseen:
            raise Drift(
                f'{self.collection.id}: there is no mailbox "{min(unseen)}"',
                "compare `folders` with `servanda inventory`",
            )

    def examined(self, session: Session, box: Box, *, write: bool = False) -> Box:
        found = session.select(box.raw, write=write)
        return replace(
            box, uidvalidity=found.uidvalidity, uidnext=found.uidnext, keywords=found.keywords
        )

    def here(self, session: Session, user: str, folder: str, validity: int) -> Box:
        """A mailbox that windows or evidence name, not yet opened. Drift unless it is the same
        one still: its numbers would name other messages."""
        box = next((b for b in self.boxes(user, session) if b.name == folder), None)
        if box is None or self.examined(session, box).uidvalidity != validity:
            raise Drift(
                f"{self.collection.id}: a mailbox was removed, renamed or numbered anew",
                "make a new plan; what was recorded of it can no longer be told apart",
            )
        return replace(box, uidvalidity=validity)

    # ── messages ──────────────────────────────────────────────────────────────────────────────

    def columns(self, predicates: Iterable[Predicate], names: Iterable[str] = ()) -> set[str]:
        return {column_of(source) for source in self.reader.sources(predicates, names)}

    def found(self, session: Session, box: Box, search: str) -> Iterator[int]:
        if search == NONE:
            return iter(())
        return session.search(search, 1, box.uidnext - 1)

    def searcher(self, session: Session, box: Box) -> Searcher:
        return Searcher(self.reader, box, text="X-GM-EXT-1" not in session.capabilities)

    def read(
        self, session: Session, box: Box, uids: Iterable[int], columns: Columns[str]
    ) -> Iterator[tuple[Mail, Record]]:
        for mail in mails(session, box, uids, columns):
            yield mail, Record(self.reader, mail.value)

    def chosen(
        self, session: Session, box: Box, predicate: Predicate, first: int, last: int
    ) -> Iterator[int]:
        """Numbers of the messages the predicate is true of."""
        ours = self.reader.ours(predicate)
        searches = self.searcher(session, box).of(ours)
        if searches.may == NONE:
            return
        uids = session.search(searches.may, first, min(last, box.uidnext - 1))
        if searches.exact:
            yield from uids
            return
        for mail, record in self.read(session, box, uids, self.columns([predicate])):
            if record.satisfies(ours):
                yield mail.uid

    # ── counting and reading ──────────────────────────────────────────────────────────────────

    def tallies(self, wheres: Sequence[Predicate], clock: str | None) -> list[Tally]:
        ours = [self.reader.ours(where) for where in wheres]
        counts = [Count() for _ in wheres]
        columns = self.columns(wheres, [clock] if clock else [])
        for session, box in self.opened():
            search = self.searcher(session, box).of(any_of(ours))
            uids = self.found(session, box, search.may)
            for _, record in self.read(session, box, uids, columns):
                moment = record.clock(clock, "start") if clock else None
                for count, where in zip(counts, ours, strict=True):
                    if record.satisfies(where):
                        count.add(moment)
        return [count.tally() for count in counts]

    def rows(self, where: Predicate, fields: Sequence[str], limit: int | None) -> Iterator[Row]:
        return records.rows(self.reader, self._records(where, fields), where, fields, limit)

    def contents(self, where: Predicate, fields: Sequence[str]) -> Iterator[Held]:
        columns = self.columns([where], fields) | {"message"}
        ours = self.reader.ours(where)
        tells = tuple(each.name for each in self.collection.fields)
        for session, box in self.opened():
            search = self.searcher(session, box).of(ours)
            for mail, record in self.read(
                session, box, self.found(session, box, search.may), columns
            ):
                if mail.whole and record.satisfies(ours):
                    content = Content(f"{mail.uid}.eml", 0, BytesIO(mail.whole))
                    yield Held(tuple(record.field_or_clock(n) for n in fields), content, tells)

    def _records(self, where: Predicate, fields: Sequence[str]) -> Iterator[Record]:
        columns = self.columns([where], fields)
        for session, box in self.opened():
            search = self.searcher(session, box).of(self.reader.ours(where))
            for _, record in self.read(session, box, self.found(session, box, search.may), columns):
                yield record

    # ── working ───────────────────────────────────────────────────────────────────────────────

    def split(self, work: Work, rows_per_window: int) -> list[Bounds]:
        self.only_deletes(work)
        windows: list[Bounds] = []
        for session, box in self.opened():
            self.can_expunge(session)
            after = last = since = 0
            for uid in self.chosen(session, box, work.target, 1, LAST):
                since += 1
                if since > rows_per_window:
                    windows.append(_bounds(box, after, last))
                    after, since = last, 1
                last = uid
            if since:  # the last window has no end, so that it covers what comes meanwhile
                windows.append(_bounds(box, after, None))
        return windows

    def open(self, work: Work, bounds: Bounds, target: Predicate) -> Window:
        self.only_deletes(work)
        user, folder = bounds["user"], bounds["folder"]
        first, last = bounds["after"] + 1, bounds["upto"] or LAST
        with self.pool.lent(user) as session:
            self.can_expunge(session)
            box = self.here(session, user, folder, bounds["uidvalidity"])
            box = self.examined(session, box)
            uids = list(self.chosen(session, box, target, first, last))
            keys = records.packed(self.keys(session, box, uids))
        span = (first, min(last, box.uidnext - 1))
        return Removal(self, box, span, uids, keys, target)

    def keys(self, session: Session, box: Box, uids: Sequence[int]) -> list[bytes]:
        columns = self.columns([], self.collection.key)
        return [record.key for _, record in self.read(session, box, uids, columns)]

    def present(self, keys: Keys) -> Keys:
        """Those of the messages that are still there. Their mailboxes must be the same still."""
        wanted: dict[tuple[str, str, int], dict[int, bytes]] = {}
        for line in records.unpacked(keys):
            place = self._place(line)
            at = (place.user, place.folder, place.uidvalidity)
            wanted.setdefault(at, {})[place.uid] = line
        still: list[bytes] = []
        for (user, folder, validity), lines in wanted.items():
            with self.pool.lent(user) as session:
                self.here(session, user, folder, validity)
                uids = sorted(lines)
                found = session.search("ALL", uids[0], uids[-1])
                still += [lines[uid] for uid in found if uid in lines]
        return records.packed(still)

    def _place(self, line: bytes) -> Place:
        at = self.collection.key.index(self.url_field())
        return place_of(str(records.values_of(line)[at]))

    def url_field(self) -> str:
        """Which part of the key names the message. Drift where none does."""
        for name in self.collection.key:
            if self.reader.source(name) == Column("url"):
                return name
        raise Drift(
            f"{self.collection.id}: its key does not name a message for good",
            "write `key: [url, message_id]` and declare both as fields",
        )

    def only_deletes(self, work: Work) -> None:
        self.url_field()
        if not isinstance(work.action, DeleteRows):
            raise StoreRefused(
                f"{self.collection.id}: messages cannot be overwritten, only deleted",
                "let the activity's rule say `then: delete`",
            )

    def can_expunge(self, session: Session) -> None:
        if "UIDPLUS" not in session.capabilities:
            raise StoreRefused(
                f"{self.collection.id}: the mail server cannot remove single messages (UIDPLUS)",
                "without it other people's deleted messages would go too: use `mode: verify`",
            )


def _bounds(box: Box, after: int, upto: int | None) -> Bounds:
    return {
        "user": box.user,
        "folder": box.name,
        "uidvalidity": box.uidvalidity,
        "after": after,
        "upto": upto,
    }
