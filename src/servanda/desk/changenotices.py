"""Tell people of a change before it counts: by banner, portal and mail, each person once.

    begin("edition:3", ("portal", "email"), "14 days", "Europe/London", now)
    queue(book, "edition:3", people, letter)    # as often as it is called, nobody is told twice
    settle("edition:3", "Europe/London")        # once no mail is on its way any more: it is told

The danger: somebody is mailed twice, or a change counts as told that was not. What guards it: the
mark of an address and its mail are written in one transaction; from there the outbox's own rules
hold; and a way counts as told only when everybody is listed, no mail waits, and one arrived.
Tests: tests/desk/editions/test_notices.py, tests/faults/test_notice_kill.py.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from servanda import ledger, state
from servanda.desk import post
from servanda.desk.requests import outbox
from servanda.desk.requests.book import Book
from servanda.desk.requests.compose import writable
from servanda.kernel import identity
from servanda.kernel.errors import UsageError
from servanda.kernel.keyring import Master, root
from servanda.kernel.period import Period
from servanda.state.connection import guard
from servanda.state.models import ChangeMail, ChangeNotice, OutboxMail

KIND = "policy-change"
_AT_ONCE = 50
_ON_ITS_WAY = (outbox.State.WAITING, outbox.State.SENDING)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to tell. `customer`: for whom they speak, if for one."""

    address: str
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def begin(about: str, ways: Sequence[str], window: str, zone: str, now: datetime) -> None:
    """Within the caller's transaction: this is to be told, by these ways."""
    ZoneInfo(zone)
    for way in ways:
        ChangeNotice.objects.create(about=about, way=way, window=window, begun_at=now)


def told(
    about: str,
    way: str,
    zone: str,
    at: datetime,
    *,
    reached: int = 0,
    failed: int = 0,
    now: datetime | None = None,
) -> None:
    """Within the caller's transaction: it is told by this way; put on record, once."""
    notice = ChangeNotice.objects.select_for_update().get(about=about, way=way)
    if notice.told_at is not None:
        return
    window = Period.parse(notice.window) if notice.window else Period()
    notice.told_at, notice.counts_from = at, window.after(at, ZoneInfo(zone))
    notice.reached, notice.failed = reached, failed
    notice.save()
    entry = {
        "kind": "policy.told",
        "about": about,
        "way": way,
        "reached": reached,
        "failed": failed,
        "counts_from": notice.counts_from.astimezone(UTC).isoformat(),
    }
    ledger.append([entry], now=now)


def waiting() -> list[str]:
    """What is still to be told by mail."""
    with guard():
        rows = ChangeNotice.objects.filter(way="email", told_at=None).order_by("id")
        return list(rows.values_list("about", flat=True))


def queue(
    book: Book,
    about: str,
    people: Iterable[Addressee],
    letter: Callable[[Addressee], Letter],
    *,
    apart: bool = False,
    now: datetime | None = None,
) -> int:
    """Put down the mails of who has none yet; how many. Then the list is closed: whoever comes
    later reads the newer policy anyway. `apart`: who speaks for two customers is told of each."""
    with guard():
        notice = ChangeNotice.objects.filter(about=about, way="email", listed_at=None).first()
    if notice is None:
        return 0
    made = 0
    todo = iter(people)
    while some := list(islice(todo, _AT_ONCE)):
        by_mark = {_whose(book, each, apart): each for each in some if writable(each.address)}
        with state.transaction():
            known = ChangeMail.objects.filter(notice=notice, mark__in=by_mark)
            done = set(known.values_list("mark", flat=True))
            for key, each in by_mark.items():
                if key not in done:
                    found = letter(each)
                    number = post.send(
                        book, KIND, each.address, found.subject, found.text, about=about, now=now
                    )
                    ChangeMail.objects.create(notice=notice, mark=key, mail_id=number)
                    made += 1
    with state.transaction():
        moment = now or datetime.now(UTC)
        ChangeNotice.objects.filter(id=notice.id, listed_at=None).update(listed_at=moment)
    return made


def settle(about: str, zone: str, *, now: datetime | None = None) -> bool:
    """Whether everybody was told by mail by now; the first time that is so, it goes on record. Not
    while a mail waits; nor where all of them failed: then somebody has to look."""
    moment = now or datetime.now(UTC)
    with state.transaction():
        rows = ChangeNotice.objects.select_for_update().filter(about=about, way="email")
        notice = rows.first()
        if notice is None or notice.told_at is not None:
            return notice is not None
        if notice.listed_at is None:
            return False
        counts = count(about)
        if counts["waiting"] or (counts["failed"] and not counts["reached"]):
            return False
        sent = OutboxMail.objects.filter(changemail__notice=notice, sent_at__isnull=False)
        last = sent.order_by("-sent_at").values_list("sent_at", flat=True).first()
        at = max(notice.listed_at, last) if last else moment
        told(about, "email", zone, at, reached=counts["reached"], failed=counts["failed"], now=now)
    return True


def count(about: str) -> Counter[str]:
    """Mails by what became of them: `reached`, `waiting`, `failed`; `bounced` are among failed."""
    with guard():
        rows = OutboxMail.objects.filter(changemail__notice__about=about)
        states = list(rows.values_list("state", "bounced_at"))
    found: Counter[str] = Counter()
    for state_, bounced_at in states:
        if bounced_at is not None:
            found["bounced"] += 1
            found["failed"] += 1
        elif state_ in _ON_ITS_WAY:
            found["waiting"] += 1
        else:
            found["reached" if state_ == outbox.State.SENT else "failed"] += 1
    return found


def notices(about: str) -> list[ChangeNotice]:
    """Way by way."""
    with guard():
        return list(ChangeNotice.objects.filter(about=about).order_by("id"))


def _whose(book: Book, each: Addressee, apart: bool) -> str:
    return mark(book.master, each.address, f"{each.customer}|" if apart else "")


def mark(master: Master, address: str, whose: str = "") -> str:
    """The keyed hash of an address; spellings of one address share it."""
    try:
        known = identity.require("email", address)
    except UsageError:
        known = address.strip()
    shared = identity.folded(identity.fold_of("email", ""), known) or known.casefold()
    key = root(master, "policy notices")
    return hmac.new(key, f"{whose}{shared}".encode(), hashlib.sha256).hexdigest()
