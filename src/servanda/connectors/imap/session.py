"""One connection to a mail server, signed in as one user. Not thread-safe: see `pool`."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from servanda.connectors.imap import faults, wire
from servanda.connectors.imap.address import Address
from servanda.connectors.imap.wire import Item
from servanda.kernel.errors import StoreRefused, StoreUnreachable

# imaplib lets a command it does not know only be given in the state it was first given in.
imaplib.Commands["ID"] = ("NONAUTH", "AUTH", "SELECTED")
imaplib.Commands.setdefault("MOVE", ("SELECTED",))

_CONNECT_S = 20.0
_UIDS_ASKED = 50_000  # whose numbers fit on one line that imaplib accepts


@dataclass(frozen=True, slots=True)
class Opened:
    """A selected mailbox. `keywords`: whether new keywords may be set in it."""

    uidvalidity: int
    uidnext: int
    keywords: bool


@dataclass(frozen=True, slots=True)
class Listed:
    name: str  # with / between levels, as people write it
    raw: str  # as commands want it
    flags: frozenset[str]


class Session:
    def __init__(self, store: str, address: Address, user: str, timeout: float) -> None:
        self._store = store
        self._imap = _connected(store, address)
        try:
            with faults.translated(store):
                _sign_in(self._imap, store, address, user)
                self._imap.sock.settimeout(timeout)
                _, data = self._imap.capability()
        except BaseException:
            self.drop()
            raise
        words = b" ".join(each for each in data if each).decode("ascii", "replace")
        self.capabilities = frozenset(words.upper().split())

    def product(self) -> str:
        """What the server calls itself."""
        if "ID" not in self.capabilities:
            return "IMAP server"
        with faults.translated(self._store):
            self._check(self._imap.xatom("ID", "NIL"))
            _, data = self._imap.response("ID")
        items: list[Item] = next(wire.answers(data), [])
        told = wire.pairs(items[0]) if items and isinstance(items[0], list) else {}
        name = told.get("NAME") or b"IMAP server"
        return " ".join(name.decode("utf-8", "replace").split())[:40]

    def alive(self) -> bool:
        with suppress(imaplib.IMAP4.error, OSError):
            return bool(self._imap.noop()[0] == "OK")
        return False

    # ── mailboxes ─────────────────────────────────────────────────────────────────────────────

    def mailboxes(self) -> list[Listed]:
        """The user's own mailboxes that can be opened; nobody else's, and no views of others."""
        with faults.translated(self._store):
            data = self._check(self._imap.list('""', '"*"'))
            found = [_listed(each) for each in wire.answers(data) if len(each) >= 3]
            foreign = self._foreign()
        return sorted(
            (
                each
                for each in found
                if not each.flags & {"\\NOSELECT", "\\NONEXISTENT", "\\ALL", "\\FLAGGED"}
                and not any(each.raw.startswith(prefix) for prefix in foreign)
            ),
            key=lambda each: each.name,
        )

    def _foreign(self) -> tuple[str, ...]:
        """Prefixes under which other people's and shared mailboxes appear."""
        if "NAMESPACE" not in self.capabilities:
            return ()
        data = self._check(self._imap.namespace())
        groups: list[Item] = next(wire.answers(data), [])
        return tuple(
            each[0].decode("utf-8", "replace")
            for group in groups[1:]  # the first is the user's own
            for each in group or ()
            if each[0]
        )

    def select(self, raw: str, *, write: bool) -> Opened:
        """Open a mailbox; without `write` nothing in it can change, not even what is new."""
        with faults.translated(self._store):
            self._check(self._imap.select(wire.quoted(raw), readonly=not write))
            numbers = {}
            for name in ("UIDVALIDITY", "UIDNEXT"):
                _, data = self._imap.response(name)
                numbers[name] = int(data[0]) if data and data[0] else 0
            _, flags = self._imap.response("PERMANENTFLAGS")
        if not numbers["UIDVALIDITY"]:
            raise StoreRefused(
                f'store "{self._store}": the mail server keeps no lasting numbers of messages',
                "such a mailbox cannot be worked on",
            )
        return Opened(
            numbers["UIDVALIDITY"],
            numbers["UIDNEXT"] or 2**32,
            any(b"\\*" in each for each in flags if each),
        )

    # ── messages of the selected mailbox ──────────────────────────────────────────────────────

    def search(self, criteria: str, first: int, last: int) -> Iterator[int]:
        """UIDs from `first` to `last` that the server finds, ascending."""
        for low in range(first, last + 1, _UIDS_ASKED):
            high = min(low + _UIDS_ASKED - 1, last)
            with faults.translated(self._store):
                data = self._check(self._imap.uid("SEARCH", f"UID {low}:{high} {criteria}"))
                uids = sorted(int(n) for each in data if each for n in each.split())
            yield from uids

    def fetch(self, uids: Sequence[int], items: str) -> dict[int, dict[str, Item]]:
        """What the server gives of each message; those that went meanwhile are left out."""
        found: dict[int, dict[str, Item]] = {}
        if not uids:
            return found
        with faults.translated(self._store):
            data = self._check(self._imap.uid("FETCH", wire.uid_set(uids), f"(UID {items})"))
            for answer in wire.answers(data):
                told = wire.pairs(answer[-1]) if answer and isinstance(answer[-1], list) else {}
                if "UID" in told:  # without it: another program changed a flag just now
                    found.setdefault(int(told["UID"]), {}).update(told)
        return found

    def flag(self, uids: Sequence[int], change: str, flags: str) -> None:
        """`change` is + or -. Silent: no answer for each message."""
        with faults.translated(self._store):
            args = (wire.uid_set(uids), f"{change}FLAGS.SILENT", f"({flags})")
            self._check(self._imap.uid("STORE", *args))

    def expunge(self, uids: Sequence[int]) -> None:
        """Remove exactly these, of those that carry \\Deleted. Never a plain EXPUNGE."""
        with faults.translated(self._store):
            self._check(self._imap.uid("EXPUNGE", wire.uid_set(uids)))

    def move(self, uids: Sequence[int], raw: str) -> None:
        """Into another mailbox. Those that went meanwhile are left out. A server that cannot move
        copies; killed in between, there is a copy too many, and never one too few."""
        numbers, target = wire.uid_set(uids), wire.quoted(raw)
        with faults.translated(self._store):
            if "MOVE" in self.capabilities:
                self._check(self._imap.uid("MOVE", numbers, target))
                return
            if "UIDPLUS" not in self.capabilities:
                raise StoreRefused(
                    f'store "{self._store}": the mail server can neither move messages nor remove '
                    "single ones",
                    "use a server with MOVE or UIDPLUS",
                )
            self._check(self._imap.uid("COPY", numbers, target))
        self.flag(uids, "+", "\\Deleted")
        self.expunge(uids)

    def create(self, raw: str) -> None:
        """Make a mailbox, and show it in mail programs."""
        with faults.translated(self._store):
            self._check(self._imap.create(wire.quoted(raw)))
            self._imap.subscribe(wire.quoted(raw))

    def close(self) -> None:
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()

    def drop(self) -> None:
        """Without a word to a server that may not answer."""
        with suppress(OSError):
            self._imap.shutdown()

    def _check(self, answer: tuple[str, list[Any]]) -> list[Any]:
        status, data = answer
        if status != "OK":
            raise faults.refused(self._store, data)
        return data


def _connected(store: str, address: Address) -> imaplib.IMAP4:
    """Encrypted, or to this machine itself."""
    try:
        context = ssl.create_default_context(cafile=address.authority or None)
    except OSError:
        raise StoreRefused(
            f'store "{store}": its file of a certificate authority cannot be read',
            "check the path after ca=",
        ) from None
    with faults.translated(store):
        try:
            return _encrypted(store, address, context)
        except TimeoutError:
            raise StoreUnreachable(store, "it does not answer") from None


def _encrypted(store: str, address: Address, context: ssl.SSLContext) -> imaplib.IMAP4:
    where = (address.host, address.port)
    if address.implicit_tls:
        return imaplib.IMAP4_SSL(*where, ssl_context=context, timeout=_CONNECT_S)
    imap = imaplib.IMAP4(*where, timeout=_CONNECT_S)
    if address.local:
        return imap
    try:
        if "STARTTLS" not in imap.capabilities:
            raise StoreUnreachable(store, "it offers no encryption")
        imap.starttls(ssl_context=context)
    except BaseException:
        with suppress(OSError):
            imap.shutdown()
        raise
    return imap


def _sign_in(imap: imaplib.IMAP4, store: str, address: Address, user: str) -> None:
    login = address.login_for(user)
    secret = f"\0{login}\0{address.password}".encode()
    try:
        if "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda _: secret)
        else:
            imap.login(login, address.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if faults.code_of(error) in ("UNAVAILABLE", "INUSE", "LIMIT"):
            raise faults.refused(store, error) from None
        raise StoreUnreachable(store, "the sign-in was refused") from None


def _listed(answer: list[Item]) -> Listed:
    flags, delimiter, raw = answer[:3]
    name = wire.decoded_name(raw)
    if delimiter and delimiter != b"/":
        name = name.replace(delimiter.decode(), "/")
    upper = frozenset(each.decode("ascii", "replace").upper() for each in flags or ())
    return Listed(name, raw.decode("utf-8", "replace"), upper)
