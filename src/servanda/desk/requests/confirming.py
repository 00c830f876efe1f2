"""The sender confirms a mail, on a page or by an answer; or staff take it in by hand.

The danger: whoever writes in somebody else's name gets that person's data, or has it erased. What
guards it: what confirms is random (122 bits), goes only to the address the mail came from, and is
kept as a keyed hash; whoever gives it back controls that address, which is what a code by mail
proves too. A page must ask for a click (POST): programs that look at links confirm nothing.

The request is dated by the day its mail arrived, for the law's clock runs from receipt; asking to
confirm moves no date. Tests: tests/desk/requests/test_inbox_confirm.py.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from servanda import state
from servanda.desk import post
from servanda.desk.portal import links
from servanda.desk.requests import arrivals, identity, telling
from servanda.desk.requests.book import Book, need
from servanda.kernel.errors import UsageError
from servanda.state.models import MailArrival, OutboxMail

State = MailArrival.State
BY = "the sender"
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another one
_GROUPS, _SIZE = 5, 5
_TOKEN = re.compile(
    rf"(?<![\w/%-])[{_LETTERS}]{{{_SIZE}}}(?:-[{_LETTERS}]{{{_SIZE}}}){{4}}(?![\w-])"
)
_QUOTED = re.compile(r"confirm(?:/|%2f)", re.IGNORECASE)  # our own link, however it is rewritten
_MOST = 5  # of what may be a token in one mail
_NOTE = 2_000  # characters of an answer that are kept


def new_token() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_SIZE)) for _ in range(_GROUPS))


def hashed(book: Book, token: str) -> str:
    return book.vault.mark("arrival token", "".join(token.split()).upper())


def tokens_in(text: str) -> list[str]:
    """What may be a token, in the words of an answer.

    Many programs put our whole mail under an answer without marking it, so that "it was not me"
    would confirm. So only what stands before our link counts: templates have it before the token.
    """
    own = _QUOTED.split(text, maxsplit=1)[0]
    return list(dict.fromkeys(_TOKEN.findall(own.upper())))[:_MOST]


def shown(book: Book, token: str, *, now: datetime | None = None) -> arrivals.Pending | None:
    """What the page of a link may show before it asks to confirm. None: nothing waits for it."""
    row = MailArrival.objects.filter(token=hashed(book, token), state=State.PENDING).first()
    if row is None or row.expires_at <= (now or datetime.now(UTC)):
        return None
    return next((each for each in arrivals.pending(book) if each.id == row.id), None)


def confirm(book: Book, token: str, *, note: str = "", now: datetime | None = None) -> str:
    """Open the request, its sender verified; its number. Again: the same number, nothing more.

    Blank where no word of the mail names a right: then staff are shown that it is confirmed, and
    take it in. UsageError for what confirms nothing. `note`: what an answer said beside it.
    """
    moment = now or datetime.now(UTC)
    with state.transaction():
        rows = MailArrival.objects.select_for_update().exclude(token="")
        row = rows.filter(token=hashed(book, token)).first()
        if (
            row is None
            or row.expires_at <= moment
            or row.state not in (State.PENDING, State.OPENED)
        ):
            raise UsageError("there is nothing to confirm any more", "write to us again")
        if row.state == State.OPENED:  # by an earlier click, or staff took it in meanwhile
            ref = str(row.request_id or "")
            if row.confirmed_at is None and ref:
                _confirmed(book, row, moment)
                identity.confirmed(book, ref, by=BY, note=note[:_NOTE], now=moment)
            return ref
        if row.confirmed_at is None:
            _confirmed(book, row, moment)
        if not row.right:
            return ""
        return _opened(book, row, row.right, BY, moment, note)


def take_in(
    book: Book,
    id_: int,
    *,
    by: str,
    right: str | None = None,
    place: str | None = None,
    tenant: str | None = None,
    now: datetime | None = None,
) -> str:
    """Staff open the request without waiting for its sender; its number. Nobody is verified by
    that, unless the sender had confirmed. The link keeps working until its time is over."""
    need(by)
    moment = now or datetime.now(UTC)
    with state.transaction():
        row = arrivals.waiting(id_)
        chosen = right or row.right
        if not chosen:
            raise UsageError("no word in it names a right", "say which one with --right")
        return _opened(book, row, chosen, by, moment, "", place, tenant)


def _opened(
    book: Book,
    row: MailArrival,
    right: str,
    by: str,
    now: datetime,
    note: str,
    place: str | None = None,
    tenant: str | None = None,
) -> str:
    ref = arrivals.opened(book, row, right, by, now, place, tenant)
    if row.confirmed_at is not None:
        identity.confirmed(book, ref, by=BY, note=note[:_NOTE], now=now)
    telling.tell(book, ref, "received", link=follow_link(book, links.make(book, ref)), now=now)
    return ref


def _confirmed(book: Book, row: MailArrival, now: datetime) -> None:
    """What asked for it has surely arrived, and is of no use any more."""
    row.confirmed_at = now
    row.save(update_fields=["confirmed_at"])
    mails = OutboxMail.objects.filter(about=arrivals.about(row.id))
    post.withdraw(arrivals.about(row.id))
    mails.filter(state=OutboxMail.State.UNSURE).update(
        state=OutboxMail.State.SENT, sent_at=now, error=""
    )


def confirm_link(book: Book, token: str) -> str:
    return f"{book.settings.address}/privacy/confirm/{token}"


def follow_link(book: Book, secret: str) -> str:
    """Where a person follows a request: the page of its link."""
    return f"{book.settings.address}/privacy/follow/{secret}/"
