"""Intake: a request becomes a row, a person with a key of their own, dates, and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from servanda import law, ledger, state
from servanda.desk.requests import children, routing, suppression
from servanda.desk.requests.book import Book, dates, need
from servanda.desk.requests.view import Told
from servanda.kernel import identity
from servanda.kernel.canonical import canonical
from servanda.kernel.errors import UsageError
from servanda.kernel.seal import commit
from servanda.kernel.suggest import did_you_mean
from servanda.policy import vocabulary
from servanda.state.models import Request

VIA = ("form", "mail", "post", "phone", "staff")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it arrives. `place`: where the person lives; None where that is not known.

    `message`: the Message-ID of the mail it came by. `born` and `age`: where they were told.
    """

    right: str
    told: Told
    received: date
    via: str
    place: str | None = None
    tenant: str | None = None
    message: str = ""
    born: date | None = None
    age: int | None = None
    parent_consents: bool = False


def arrived(book: Book, arrival: Arrival, by: str, now: datetime | None = None) -> str:
    """Open the request and return its number. UsageError, and nothing opened, where it is none."""
    arrival = _checked(book, arrival, now)
    need(by)
    child = children.why(book, arrival)
    with state.transaction():
        row = _opened(book, arrival, by, now, because="", child=child)
        if child and arrival.right != "erasure":
            _opened(
                book,
                replace(arrival, right="erasure", message=""),
                by,
                now,
                because="child",
                child=child,
                origin=row,
            )
    return str(row.id)


def child_found(book: Book, arrival: Arrival, by: str, now: datetime | None = None) -> str:
    """Data of a child was found here without a parent's consent: an erasure is opened. UsageError
    where an age was told at which nobody is a child."""
    arrival = _checked(book, replace(arrival, right="erasure"), now)
    need(by)
    child = children.why(book, arrival)
    if not child and (arrival.age is not None or arrival.born is not None):
        raise UsageError("at that age nobody is a child here", "open an ordinary request")
    with state.transaction():
        row = _opened(book, arrival, by, now, because="child", child=child or children.FOUND)
    return str(row.id)


def identities_of(book: Book, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """In normal form, each once; UsageError where there is none."""
    found = tuple(
        dict.fromkeys((kind, identity.require(kind, value, book.region)) for kind, value in pairs)
    )
    if not found:
        raise UsageError(
            "a request needs an identity to find the person by", "give --email, --phone or --id"
        )
    return found


def _checked(book: Book, arrival: Arrival, now: datetime | None) -> Arrival:
    right = law.right_id(arrival.right)
    if arrival.via not in VIA:
        raise UsageError(
            f'"{arrival.via[:20]}" is no way to arrive', did_you_mean(arrival.via, VIA)
        )
    place = place_of(arrival.place)
    if arrival.tenant is not None:
        routing.check_tenant(book, arrival.tenant)
    if arrival.received > book.today(now):
        raise UsageError("it cannot have arrived after today", "check the date of --received")
    check_purpose(arrival.told.purpose)
    told = replace(arrival.told, identities=identities_of(book, arrival.told.identities))
    return replace(arrival, right=right, place=place, told=told)


def check_purpose(purpose: str) -> None:
    """UsageError for one that no policy can name; blank means every purpose."""
    known = vocabulary.terms("purpose")
    if purpose and purpose not in known:
        raise UsageError(f'there is no purpose "{purpose[:40]}"', did_you_mean(purpose, known))


def place_of(code: str | None) -> str | None:
    """The code as the law's tables write it, or a country of which no law is known here."""
    if not code:
        return None
    wanted = code.strip().upper()
    known = law.near(wanted)
    misspelt = known is not None and known.law.parts and "-" in wanted and not known.part
    if misspelt or (known is None and vocabulary.country_of(wanted) is None):
        raise UsageError(f'no place has the code "{code[:40]}"', did_you_mean(wanted, law.codes()))
    return known.code if known is not None and known.part else wanted


def _opened(
    book: Book,
    arrival: Arrival,
    by: str,
    now: datetime | None,
    *,
    because: str,
    child: str,
    origin: Request | None = None,
) -> Request:
    moment = now or datetime.now(UTC)
    told = replace(arrival.told, child=child)
    person = book.vault.new_person(book.marks(told.identities), moment)
    row = Request(
        person=person,
        right=arrival.right,
        state="received",
        place=arrival.place or "",
        tenant=arrival.tenant,
        via=arrival.via,
        received=arrival.received,
        opened_at=moment,
        opened_by=by,
        message=book.vault.mark("message", arrival.message) if arrival.message else "",
        because=because,
        origin=origin,
    )
    row.save(force_insert=True)
    book.write(row, told)
    book.set_dates(row)
    row.save()
    suppression.begin(book, row, told, moment)
    entry = {
        "kind": "request.received",
        "request": str(row.id),
        "right": row.right,
        "place": row.place or None,
        "via": row.via,
        "received": row.received.isoformat(),
        "tenant": row.tenant,
        "person": commit(canonical([list(pair) for pair in told.identities]), bytes(person.salt)),
        "because": because or None,
        "by": by,
        **dates(row),
    }
    ledger.append([entry], now=now)
    if row.tenant is not None:
        routing.hand_on(row, by, now)
        row.save()
    return row
