"""A caller is checked before anything of a customer is told to them; each check is on record.

The danger: data told to whoever sounds sure of themselves, or a codeword guessed by trying. What
guards it: only a check that was passed within the hour, by the member who made it, opens the
customer's page (`verified_until`); codewords and codes may be tried a few times an hour, and each
try is counted before its answer; refusals are recorded as well. Entries name customers and
contacts by number. Tests: tests/desk/test_callers.py.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial

from django.db.models import Count, Q

from servanda import ledger, state
from servanda.desk import onecode
from servanda.desk.contacts import Known, List
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.state.connection import guard
from servanda.state.models import CallerCheck, CallerCode, Customer

How = CallerCheck.How
LASTS = timedelta(hours=1)
CODE_LASTS = timedelta(minutes=15)
TRIES = 5
_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """Of all checks since some day."""

    checks: int
    refused: int

    @property
    def percent(self) -> int:
        return round(100 * self.refused / self.checks) if self.checks else 0


def called_back(
    contacts: List,
    customer: Customer,
    contact: int,
    *,
    verified: bool,
    by: str,
    now: datetime | None = None,
) -> bool:
    """Somebody rang the number on file, and heard whether it was the contact who had called."""
    known = _speaking(contacts, customer, contact, now)
    if not known.details.phone:
        raise UsageError("there is no number on file to call back", "check in another way")
    return _checked(customer, contact, How.CALL_BACK, verified, by, now)


def codeword(
    contacts: List,
    customer: Customer,
    contact: int,
    word: str,
    *,
    by: str,
    now: datetime | None = None,
) -> bool:
    """Whether the caller said the codeword of the contact."""
    known = _speaking(contacts, customer, contact, now)
    if not known.has_codeword:
        raise UsageError("no codeword was agreed with this contact", "check in another way")
    with state.transaction():  # counted and answered under one lock, so that none is tried beside
        Customer.objects.select_for_update().get(id=customer.id)
        _not_too_often(contact, now)
        verified = contacts.says(customer, contact, word)
        return _checked(customer, contact, How.CODEWORD, verified, by, now)


def send_code(
    contacts: List,
    customer: Customer,
    contact: int,
    *,
    send: Callable[[Known, str], None],
    by: str,
    now: datetime | None = None,
) -> None:
    """Send a one-time code to the address on file; it replaces an earlier one. `send` is given the
    contact and the code, and the code is nowhere kept."""
    known = _speaking(contacts, customer, contact, now)
    if not known.details.email:
        raise UsageError("there is no address on file to send a code to", "check in another way")
    moment = now or datetime.now(UTC)
    code, kept = onecode.fresh(
        partial(_hash, contacts.master), lasts=CODE_LASTS, tries=TRIES, now=moment, length=_LENGTH
    )
    with state.transaction():
        _not_too_often(contact, now)
        sent = CallerCode.objects.filter(contact_id=contact)
        if sent.filter(made_at__gt=moment - LASTS).count() >= TRIES:
            raise UsageError("many codes were sent to this contact within the hour", "wait a while")
        onecode.end(sent, moment)
        CallerCode.objects.create(contact_id=contact, by=by, **kept)
    send(known, code)


def code(
    contacts: List,
    customer: Customer,
    contact: int,
    told: str,
    *,
    by: str,
    now: datetime | None = None,
) -> bool:
    """Whether that is the code which was sent."""
    _speaking(contacts, customer, contact, now)
    moment = now or datetime.now(UTC)
    with state.transaction():
        mine = CallerCode.objects.filter(contact_id=contact, by=by)
        found, verified = onecode.tried(mine, told, partial(_hash, contacts.master), now=moment)
        if found is None:
            raise UsageError("there is no code of yours that is still open", "send one")
        return _checked(customer, contact, How.CODE, verified, by, now)


def unknown(customer: Customer, *, by: str, now: datetime | None = None) -> bool:
    """The caller is not on the list: refused."""
    return _checked(customer, None, How.UNKNOWN, False, by, now)


def verified_until(customer: Customer, by: str, now: datetime | None = None) -> datetime | None:
    """Until when this member may tell a caller about the customer; None where they may not. A
    refusal after it ends it."""
    moment = now or datetime.now(UTC)
    with guard():
        mine = CallerCheck.objects.filter(customer=customer, by=by, at__gt=moment - LASTS)
        last = mine.order_by("-id").first()
    if last is None or not last.verified or last.contact is None:
        return None
    if last.contact.removed_at is not None:
        return None
    return last.at + LASTS


def recent(
    customer: Customer | None = None, *, before: int | None = None, limit: int = 50
) -> list[CallerCheck]:
    """The newest checks first."""
    found = CallerCheck.objects.select_related("customer").order_by("-id")
    if customer is not None:
        found = found.filter(customer=customer)
    if before is not None:
        found = found.filter(id__lt=before)
    with guard():
        return list(found[:limit])


def rate(since: datetime) -> Rate:
    with guard():
        found = CallerCheck.objects.filter(at__gte=since).aggregate(
            checks=Count("id"), refused=Count("id", filter=Q(verified=False))
        )
    return Rate(found["checks"], found["refused"])


def message(sender: str, organisation: str, to: str, code: str) -> EmailMessage:
    """The mail that carries a code."""
    from servanda.desk.requests import compose

    minutes = int(CODE_LASTS.total_seconds()) // 60
    text = (
        f"Somebody who is on the telephone with us says that they are you. If you are, read out\n"
        f"this code; it counts for {minutes} minutes, and once:\n\n    {code}\n\n"
        "If you did not call, tell nobody this code, and please let us know.\n\n"
        f"{organisation}\n"
    )
    return compose.mail(sender, organisation, to, "Your code for the call", text)


def _speaking(contacts: List, customer: Customer, contact: int, now: datetime | None) -> Known:
    known = contacts.get(customer, contact)
    if not known.speaks((now or datetime.now(UTC)).date()):
        raise UsageError("this contact may not speak for the customer now", "see their dates")
    return known


def _not_too_often(contact: int, now: datetime | None) -> None:
    since = (now or datetime.now(UTC)) - LASTS
    tried = CallerCheck.objects.filter(
        contact_id=contact, verified=False, how__in=(How.CODEWORD, How.CODE), at__gt=since
    )
    if tried.count() >= TRIES:
        raise UsageError(
            "it was tried wrongly too often within the hour", "call back the number on file"
        )


def _checked(
    customer: Customer,
    contact: int | None,
    how: CallerCheck.How,
    verified: bool,
    by: str,
    now: datetime | None,
) -> bool:
    entry = {
        "kind": "caller.checked",
        "customer": str(customer.id),
        "contact": contact,
        "how": how.value,
        "outcome": "verified" if verified else "refused",
        "by": by,
    }
    with state.transaction():
        CallerCheck.objects.create(
            customer=customer,
            contact_id=contact,
            how=how,
            verified=verified,
            by=by,
            at=now or datetime.now(UTC),
        )
        ledger.append([entry], now=now)
    return verified


def _hash(master: Master, salt: bytes, code: str) -> str:
    key = root(master, "callers' codes")
    return hmac.new(key, salt + code.encode(), hashlib.sha256).hexdigest()
