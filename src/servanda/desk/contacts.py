"""Who may speak for a customer: the contact list, sealed, and changed only on record.

The danger: a stranger on the list, or the list in strangers' hands. What guards it: each contact is
sealed under a key of its own, which is overwritten when they are taken off; their codeword is
kept as a salted, keyed scrypt hash; every change is evidence, by numbers alone.
Tests: tests/desk/test_contacts.py.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

from django.db.models import Q

from servanda import ledger, state
from servanda.desk.intake.freetext import refuse_cards, refuse_cards_among
from servanda.desk.requests.vault import scrub
from servanda.kernel import identity, seal
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.state.connection import guard
from servanda.state.models import Contact, ContactMark, Customer

SHORTEST_CODEWORD = 6
_ROOT = "contacts"
_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 64 << 20}


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a contact. `authorised_by`: who of the customer said that they may."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""
    authorised_by: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A contact, its seal opened."""

    id: int
    details: Details
    since: date
    until: date | None
    has_codeword: bool
    added_by: str

    def speaks(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)

    @property
    def masked_phone(self) -> str:
        """Its last three digits."""
        return f"••• {self.details.phone[-3:]}" if self.details.phone else ""

    @property
    def masked_email(self) -> str:
        name, at, host = self.details.email.partition("@")
        return f"{name[:1]}•••{at}{host}" if at else ""


@dataclass(frozen=True, slots=True)
class Codeword:
    """What is kept of one; blank where there is none."""

    hash: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class List:
    """The contact list of a workspace. `region`: whose telephone numbers lack a country."""

    master: Master
    region: str

    # ── customers ─────────────────────────────────────────────────────────────────────────────

    def customers(self, tenants: Iterable[tuple[str, str]]) -> list[Customer]:
        """Every customer by name; those of stores.yaml, (id, name), are on the list by themselves.
        A name that a free customer has already becomes that tenant's."""
        with state.transaction():
            rows = list(Customer.objects.all())
            listed = {row.tenant for row in rows}
            names = {row.name: row for row in rows}
            for id_, told in tenants:
                name = told or id_
                if id_ in listed:
                    continue
                row = names.get(name) or Customer(name=name)
                if row.tenant:  # two customers of one name
                    row = Customer(name=f"{name} ({id_})")
                row.tenant = id_
                row.save()
                names[row.name] = row
        with guard():
            return sorted(Customer.objects.all(), key=lambda each: each.name.casefold())

    def customer(self, number: int) -> Customer:
        with guard():
            found = Customer.objects.filter(id=number).first()
        if found is None:
            raise UsageError("there is no such customer", "see the list of customers")
        return found

    def add_customer(self, name: str) -> Customer:
        wanted = " ".join(name.split())[:200]
        if not wanted:
            raise UsageError("a customer needs a name")
        with state.transaction():
            return Customer.objects.get_or_create(name=wanted)[0]

    # ── contacts ──────────────────────────────────────────────────────────────────────────────

    def of(self, customer: Customer) -> list[Known]:
        """Everybody on the customer's list, past and future ones too."""
        with guard():
            rows = list(customer.contacts.filter(removed_at=None).order_by("id"))
        return sorted(map(self._open, rows), key=lambda each: each.details.name.casefold())

    def get(self, customer: Customer, number: int) -> Known:
        """UsageError for a contact of somebody else."""
        return self._open(self._row(customer, number))

    def recognised(self, customer: Customer, told: str) -> set[int]:
        """Contacts of the customer with this number, address or name."""
        marks = [mark for kind in ("phone", "email", "name") if (mark := self._mark(kind, told))]
        with guard():
            found = ContactMark.objects.filter(mark__in=marks, contact__customer=customer)
            found = found.filter(contact__removed_at=None)
            return set(found.values_list("contact_id", flat=True))

    def there(self, customer: Customer, details: Details) -> bool:
        """Whether somebody of that name, number and address is on the list. UsageError for what is
        no number or address."""
        wanted = self._checked(details)
        found = (self.get(customer, each) for each in self.recognised(customer, wanted.name))
        return any(
            (each.details.phone, each.details.email) == (wanted.phone, wanted.email)
            for each in found
        )

    def add(
        self,
        customer: Customer,
        details: Details,
        *,
        by: str,
        codeword: str | Codeword = "",
        since: date | None = None,
        until: date | None = None,
        now: datetime | None = None,
    ) -> int:
        """Put somebody on the list; their number. UsageError for what is no number or address,
        and for who is on the list already."""
        details = self._checked(details)
        kept = self.hashed(codeword) if isinstance(codeword, str) else codeword
        moment = now or datetime.now(UTC)
        start = since or moment.date()
        if until is not None and until < start:
            raise UsageError("the last day lies before the first", "check both dates")
        with state.transaction():
            if self.there(customer, details):
                raise UsageError("somebody of that name and number is on the list already")
            row = Contact(
                customer=customer,
                wrapped=seal.wrap(root(self.master, _ROOT), seal.new_key()),
                since=start,
                until=until,
                added_by=by,
                added_at=moment,
                data=b"",
            )
            row.save(force_insert=True)
            self._write(row, details)
            row.codeword, row.codeword_salt = kept.hash, kept.salt
            row.save()
            _told(row, "added", by, now)
        return row.id

    def change(
        self,
        customer: Customer,
        number: int,
        *,
        by: str,
        details: Details | None = None,
        codeword: str | None = None,
        until: date | None = None,
        now: datetime | None = None,
    ) -> None:
        """`codeword`: a new one; blank takes it away. `until`: the last day they may speak."""
        kept = None if codeword is None else self.hashed(codeword)
        with state.transaction():
            row = self._row(customer, number)
            if details is not None:
                self._write(row, self._checked(details))
            if kept is not None:
                row.codeword, row.codeword_salt = kept.hash, kept.salt
            if until is not None:
                row.until = until
            row.save()
            _told(row, "codeword" if codeword is not None else "changed", by, now)

    def remove(
        self, customer: Customer, number: int, *, by: str, now: datetime | None = None
    ) -> None:
        """Take somebody off the list: their key is overwritten, and nobody reads them any more."""
        with state.transaction():
            row = self._row(customer, number)
            rows = Contact.objects.filter(id=row.id)
            rows.update(wrapped=bytes(len(row.wrapped)), data=bytes(len(row.data)))
            rows.update(
                wrapped=b"",
                data=b"",
                codeword="",
                codeword_salt=b"",
                removed_at=now or datetime.now(UTC),
            )
            row.marks.all().delete()
            row.codes.all().delete()
            _told(row, "removed", by, now)
        scrub("servanda_contact", "servanda_contactmark")

    def hashed(self, codeword: str) -> Codeword:
        """What is kept of a codeword. Slow on purpose, so never while others wait for a lock."""
        refuse_cards("codeword", codeword)
        word = _folded(codeword)
        if not word:
            return Codeword("", b"")
        if len(word) < SHORTEST_CODEWORD:
            raise UsageError(f"a codeword has {SHORTEST_CODEWORD} letters or more", "two words do")
        salt = seal.new_salt()
        return Codeword(self._hash(word, salt), salt)

    def says(self, customer: Customer, number: int, codeword: str) -> bool:
        """Whether that is the contact's codeword. False where there is none."""
        row = self._row(customer, number)
        given = self._hash(_folded(codeword), bytes(row.codeword_salt) or bytes(16))
        return bool(row.codeword) and hmac.compare_digest(given, row.codeword)

    # ── inside ────────────────────────────────────────────────────────────────────────────────

    def _row(self, customer: Customer, number: int) -> Contact:
        with guard():
            found = Contact.objects.filter(id=number, customer=customer, removed_at=None).first()
        if found is None:
            raise UsageError("there is no such contact on this customer's list")
        return found

    def _open(self, row: Contact) -> Known:
        key = seal.unwrap(root(self.master, _ROOT), bytes(row.wrapped))
        told = json.loads(seal.unseal(key, bytes(row.data), _place(row)))
        return Known(
            row.id, Details(**told), row.since, row.until, bool(row.codeword), row.added_by
        )

    def _write(self, row: Contact, details: Details) -> None:
        key = seal.unwrap(root(self.master, _ROOT), bytes(row.wrapped))
        told = {each.name: getattr(details, each.name) for each in fields(details)}
        row.data = seal.seal(key, json.dumps(told, ensure_ascii=False).encode(), _place(row))
        pairs = (("phone", details.phone), ("email", details.email), ("name", details.name))
        marks = [mark for kind, value in pairs if value and (mark := self._mark(kind, value))]
        row.marks.all().delete()
        ContactMark.objects.bulk_create(ContactMark(contact=row, mark=mark) for mark in marks)

    def _checked(self, details: Details) -> Details:
        name = " ".join(details.name.split())
        if not name or len(name) > 200:
            raise UsageError("a contact needs a name")
        told = (("role", details.role), ("authorised_by", details.authorised_by))
        refuse_cards_among((("name", name), *told))
        phone = identity.require("phone", details.phone, self.region) if details.phone else ""
        email = identity.require("email", details.email) if details.email else ""
        return Details(
            name, details.role.strip()[:100], phone, email, details.authorised_by.strip()[:200]
        )

    def _mark(self, kind: str, value: str) -> str:
        shared = identity.folded(identity.fold_of(kind, self.region), value)
        key = root(self.master, "contact marks")
        told = f"{kind}|{shared}".encode()
        return hmac.new(key, told, hashlib.sha256).hexdigest() if shared else ""

    def _hash(self, word: str, salt: bytes) -> str:
        slow = hashlib.scrypt(word.encode(), salt=salt, dklen=32, **_SCRYPT)
        key = root(self.master, "codewords")
        return hmac.new(key, slow, hashlib.sha256).hexdigest()


def current(known: Sequence[Known], on: date) -> list[Known]:
    """Those who may speak on that day."""
    return [each for each in known if each.speaks(on)]


def active(customer: Customer, on: date) -> int:
    """How many may speak for a customer, without opening any seal."""
    with guard():
        found = customer.contacts.filter(removed_at=None, since__lte=on)
        return found.filter(Q(until=None) | Q(until__gte=on)).count()


def _folded(word: str) -> str:
    """As it is said: case and gaps do not count."""
    return " ".join(word.casefold().split())


def _place(row: Contact) -> bytes:
    return f"contact {row.id}".encode()


def _told(row: Contact, what: str, by: str, now: datetime | None) -> None:
    entry = {
        "kind": "contact.changed",
        "customer": str(row.customer_id),
        "contact": row.id,
        "what": what,
        "by": by,
    }
    ledger.append([entry], now=now)
