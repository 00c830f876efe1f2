"""The answers become a request, verified where the mailbox was, with a link to follow it.

The danger: a request of somebody who was never asked who they are, or two of one form. What guards
it: the caller says whether the code was given back; that proves the mailbox and nothing else, so
where other identities are named, or somebody acts for another, staff has to look; and the draft
goes in the transaction that opens the request, once.
Tests: tests/web/portal/test_request.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from servanda import state
from servanda.desk.portal import drafts, form, links
from servanda.desk.requests import Desk, RequestView, compose, identity, outbox
from servanda.kernel.errors import UsageError
from servanda.state.models import PortalDraft

BY = "portal"
Letter = Callable[[RequestView, str], tuple[str, str]]
"""Of a request and its link's secret: subject and text of the mail that tells of it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`secret`: of the link. `verified`: by the mailbox."""

    ref: str
    secret: str
    verified: bool


def open_(
    desk: Desk,
    secret: str,
    answers: Mapping[str, Any],
    *,
    confirmed: str,
    language: str,
    letter: Letter,
    now: datetime | None = None,
) -> Opened:
    """`secret`: of the draft. `confirmed`: the mailbox of which the code was given back."""
    book = desk.book
    proven = bool(confirmed) and [tuple(e) for e in answers["identities"]] == [("email", confirmed)]
    acts = answers["relation"] in (form.ANOTHER, form.PARENT)
    with state.transaction():
        if not PortalDraft.objects.filter(id=drafts.name(secret)).delete()[0]:
            raise UsageError("this form is over", "begin again, it does not take long")
        ref = desk.new(
            answers["right"],
            [tuple(each) for each in answers["identities"]],
            received=book.today(now),
            via="form",
            by=BY,
            place=answers.get("place") or None,
            name=answers.get("name", ""),
            text=_text(answers, confirmed),
            contact=confirmed,
            corrections=[tuple(each) for each in answers.get("corrections", ())],
            purpose=answers.get("purpose", ""),
            age=answers.get("age"),
            parent_consents=bool(answers.get("consents")),
            now=now,
        )
        verified = proven and not acts
        if verified:
            identity.confirmed(book, ref, by=BY, now=now)
        link = links.make(book, ref, language, now)
        if confirmed:
            mail(desk, ref, confirmed, "received", *letter(desk.get(ref), link), now=now)
        return Opened(ref, link, verified)


def mail(
    desk: Desk,
    ref: str,
    to: str,
    kind: str,
    subject: str,
    text: str,
    now: datetime | None = None,
) -> None:
    """Within a transaction: a mail about the request."""
    book, moment = desk.book, now or datetime.now(UTC)
    message = compose.ours(book, to, subject, text, now=moment)
    outbox.put(book, book.row(ref), kind, message, moment)


def _text(answers: Mapping[str, Any], confirmed: str) -> str:
    """What staff reads: what the person is to us, what is proven, and what was written."""
    known = "the mailbox is confirmed" if confirmed else "call back: nothing is confirmed"
    return f"({answers['relation']}; {known}) {answers.get('text', '')}".strip()
