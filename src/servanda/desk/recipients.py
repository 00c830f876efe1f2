"""Who gets data, and from when: a new processor waits until customers could object.

    recipients.active("cloud", now)    # ask before anything is given

The danger: data goes to a new processor that a customer objected to, or never heard of. What guards
it: a recipient is active only once somebody activated it, that is refused while the window is open,
while it is not told by every way, or while an objection stands; and an unknown one is not active.
Tests: tests/desk/editions/test_recipients.py.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servanda import ledger, state
from servanda.desk import changenotices
from servanda.desk.requests.book import need
from servanda.kernel import seal
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.state.connection import guard
from servanda.state.models import Customer, Edition, RecipientObjection, RecipientProposal

if TYPE_CHECKING:
    from servanda.policy.rules import Changes, Policy, Recipient

WATCHED = ("processor", "subprocessor")
OUTCOMES = ("withdrawn", "accommodated")
_WAYS = ("portal", "email")
_ROOT = "recipient objections"


@dataclass(frozen=True, slots=True)
class View:
    """`until`: the end of the window; None where there is none, or it is not told yet.
    `objections`: those that stand. `state`: active, told (window open), untold, objected, ready."""

    row: RecipientProposal
    until: datetime | None
    objections: Sequence[RecipientObjection]
    state: str


def about(number: int) -> str:
    """What notices and mails of a proposal are found by."""
    return f"recipient:{number}"


def active(recipient: str, now: datetime) -> bool:
    """Whether it may be given data. Where no policy was ever published, nothing is watched yet."""
    with guard():
        row = RecipientProposal.objects.filter(recipient=recipient, ended_at=None).first()
        if row is None:
            return not Edition.objects.exists() and not RecipientProposal.objects.exists()
    return row.activated_at is not None and row.activated_at <= now


def noticed(
    policy: Policy,
    promise: Changes | None,
    moment: datetime,
    *,
    first: bool,
    now: datetime | None = None,
) -> None:
    """Within the caller's transaction: compare with what a policy names that is published. Those of
    the `first` one are active; a processor that comes later is proposed where that was promised."""
    live = {row.recipient: row for row in RecipientProposal.objects.filter(ended_at=None)}
    for id_, row in live.items():
        named = next((each for each in policy.recipients if each.id == id_), None)
        if named is None or not _same(row, named):
            row.objections.filter(settled_at=None).update(outcome="ended", settled_at=moment)
            row.ended_at = moment
            row.save(update_fields=["ended_at"])
    for each in policy.recipients:
        if each.id in live and _same(live[each.id], each):
            continue
        window = promise.objection if promise and each.kind in WATCHED and not first else None
        _propose(each, policy.zone, str(window) if window else "", moment, now)


def _same(row: RecipientProposal, each: Recipient) -> bool:
    return (row.name, row.kind, row.country) == (each.name, each.kind, each.country)


def _propose(
    each: Recipient, zone: str, window: str, moment: datetime, now: datetime | None
) -> None:
    row = RecipientProposal.objects.create(
        recipient=each.id,
        name=each.name,
        kind=each.kind,
        country=each.country,
        window=window,
        proposed_at=moment,
        activated_at=None if window else moment,
        activated_by="" if window else "published",
    )
    kind = "recipient.proposed" if window else "recipient.activated"
    entry = {"kind": kind, "recipient": each.id, "proposal": row.id, "by": "published"}
    ledger.append([{**entry, "window": window}], now=now)
    if window:
        changenotices.begin(about(row.id), _WAYS, window, zone, moment)
        changenotices.told(about(row.id), "portal", zone, moment, now=now)


# ── what is there ─────────────────────────────────────────────────────────────────────────────


def listed(now: datetime) -> list[View]:
    """Every recipient of the newest edition, those that wait first."""
    with guard():
        rows = list(
            RecipientProposal.objects.filter(ended_at=None).prefetch_related("objections__customer")
        )
    found = [_view(row, now) for row in rows]
    return sorted(found, key=lambda each: (each.state == "active", each.row.name.casefold()))


def open_(now: datetime) -> list[View]:
    """Those that customers can still object to."""
    return [each for each in listed(now) if each.state in ("told", "untold", "objected")]


def one(number: int, now: datetime) -> View:
    """UsageError where there is no such proposal, or it is over."""
    return _view(_row(number), now)


def _row(number: int) -> RecipientProposal:
    with guard():
        row = RecipientProposal.objects.filter(id=number, ended_at=None).first()
    if row is None:
        raise UsageError("there is no such recipient", "see the list of recipients")
    return row


def _view(row: RecipientProposal, now: datetime) -> View:
    standing = [each for each in row.objections.all() if each.settled_at is None]
    if row.activated_at is not None:
        return View(row, None, standing, "active")
    times = [each.counts_from for each in changenotices.notices(about(row.id))]
    known = [each for each in times if each is not None]
    until = max(known) if len(known) == len(times) and known else None
    if standing:
        state_ = "objected"
    elif until is None:
        state_ = "untold"
    else:
        state_ = "ready" if until <= now else "told"
    return View(row, until, standing, state_)


# ── what is done ──────────────────────────────────────────────────────────────────────────────


def object_(
    master: Master,
    number: int,
    customer: int,
    words: str,
    *,
    by: str,
    now: datetime | None = None,
) -> int:
    """A customer objects; the objection's number. The same customer's again changes nothing."""
    need(by)
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = RecipientProposal.objects.select_for_update().filter(id=number, ended_at=None).first()
        if row is None:
            raise UsageError("there is no such recipient", "see the list of recipients")
        view = _view(row, moment)
        if view.state in ("active", "ready"):
            raise UsageError("the time to object is over", "write to us: we answer all the same")
        whose = Customer.objects.filter(id=customer).first()
        if whose is None:
            raise UsageError("there is no such customer", "see the list of customers")
        before = row.objections.filter(customer=whose, settled_at=None).first()
        if before is not None:
            return before.id
        made = RecipientObjection.objects.create(proposal=row, customer=whose, at=moment, by=by)
        key = root(master, _ROOT)
        made.words = seal.seal(key, words.strip()[:4000].encode(), _place(made.id))
        made.save(update_fields=["words"])
        entry = {"kind": "recipient.objected", "recipient": row.recipient, "proposal": row.id}
        told = {"objection": made.id, "customer": str(whose.id), "state": "stands", "by": by}
        ledger.append([{**entry, **told}], now=now)
    return made.id


def words_of(master: Master, objection: RecipientObjection) -> str:
    """What a customer wrote, opened."""
    if not objection.words:
        return ""
    key = root(master, _ROOT)
    return seal.unseal(key, bytes(objection.words), _place(objection.id)).decode()


def settle(number: int, outcome: str, *, by: str, now: datetime | None = None) -> None:
    """An objection stands no more: the customer took it back, or was accommodated."""
    need(by)
    if outcome not in OUTCOMES:
        raise UsageError("say how it was settled", f"one of {', '.join(OUTCOMES)}")
    with state.transaction():
        rows = RecipientObjection.objects.select_for_update(of=("self",))
        row = rows.select_related("proposal").filter(id=number, settled_at=None).first()
        if row is None:
            raise UsageError("there is no such objection that stands", "see the list of recipients")
        row.outcome, row.settled_at, row.settled_by = outcome, now or datetime.now(UTC), by
        row.save(update_fields=["outcome", "settled_at", "settled_by"])
        entry = {"kind": "recipient.objected", "recipient": row.proposal.recipient}
        told = {"objection": row.id, "proposal": row.proposal_id, "state": outcome, "by": by}
        ledger.append([{**entry, **told}], now=now)


def activate(number: int, *, by: str, now: datetime | None = None) -> None:
    """From now on it may be given data. UsageError says what stands in the way."""
    need(by)
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = RecipientProposal.objects.select_for_update().filter(id=number, ended_at=None).first()
        if row is None:
            raise UsageError("there is no such recipient", "see the list of recipients")
        _refuse(_view(row, moment))
        row.activated_at, row.activated_by = moment, by
        row.save(update_fields=["activated_at", "activated_by"])
        entry = {"kind": "recipient.activated", "recipient": row.recipient, "proposal": row.id}
        ledger.append([{**entry, "window": row.window, "by": by}], now=now)


def _refuse(view: View) -> None:
    match view.state:
        case "active":
            raise UsageError(f"{view.row.name} is active already")
        case "objected":
            names = ", ".join(each.customer.name for each in view.objections)
            raise UsageError(f"an objection stands: {names}", "settle it with the customer first")
        case "untold":
            raise UsageError(
                "customers are not told yet by every promised way", "see the mails that wait"
            )
        case "told":
            day = view.until.date().isoformat() if view.until else "later"
            raise UsageError(f"customers may object until {day}", "activate it after that")


# ── the link in a customer's mail ─────────────────────────────────────────────────────────────


def link(master: Master, number: int, customer: int) -> str:
    """What a customer's mail has to object by; good for this proposal and customer alone."""
    return f"{number}-{customer}-{_sign(master, number, customer)}"


def linked(master: Master, token: str) -> tuple[int, int] | None:
    """(proposal, customer) of a link of ours."""
    number, _, rest = token.partition("-")
    customer, _, sign = rest.partition("-")
    if not (number.isascii() and customer.isascii() and number.isdigit() and customer.isdigit()):
        return None
    if len(token) > 80:
        return None
    found = int(number), int(customer)
    return found if hmac.compare_digest(sign, _sign(master, *found)) else None


def _sign(master: Master, number: int, customer: int) -> str:
    key = root(master, "recipient links")
    return hmac.new(key, f"{number}|{customer}".encode(), hashlib.sha256).hexdigest()[:40]


def _place(number: int) -> bytes:
    return f"objection {number}".encode()
