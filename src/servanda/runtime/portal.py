"""What the portal needs from the rest: answers are announced, drafts that are over go, faces are
looked at.

The danger: a page the policy promises that nobody can open, and nobody notices. What guards it:
at least once a day each face is fetched as anybody would, and what answered goes into the ledger
(`portal.census`). Tests: tests/runtime/test_portal.py.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from servanda import ledger
from servanda.state.connection import guard

if TYPE_CHECKING:
    from servanda.desk.requests import RequestView
    from servanda.publish.package import Made
    from servanda.runtime.answering import Words
    from servanda.runtime.workspace import Workspace

FACES = {
    "requests": "/privacy/request/",
    "corrections": "/privacy/contact/",
    "policy": "/privacy/policy/",
    "board": "/privacy/board/",
    "enquiries": "/enquiry/",
}
_STARTING = timedelta(minutes=30)
_TIMEOUT_S = 20.0


def said(workspace: Workspace, ref: str, words: Words) -> Words:
    """Of a request with a link the letter tells that the passphrase is shown there."""
    from servanda.desk.portal import links

    if words.passphrase_by != type(words)().passphrase_by:
        return words
    if not links.secret_of(workspace.desk.book, ref):
        return words
    there = "on the page where you fetch it, after a code that we mail you"
    return replace(words, passphrase_by=there)


def offer(workspace: Workspace, view: RequestView, made: Made | None) -> None:
    """Within the transaction of the answer: the package waits to be fetched by whoever has the
    request's link and mailbox, and a mail says that the answer is there."""
    from django.utils.translation import gettext as _
    from django.utils.translation import override

    from servanda.desk.portal import links, opening, parcels
    from servanda.desk.requests import confirming, telling

    def mail(subject: str, text: str) -> None:
        opening.mail(workspace.desk, view.ref, view.contact, "ready", subject, text)

    secret = links.secret_of(workspace.desk.book, view.ref)
    if not secret:
        return
    if made is not None:
        passphrase, file = made.passphrase, made.path.name
        parcels.keep(workspace.desk.book, view.ref, file, passphrase, made.expires)
    if "@" not in view.contact:
        return
    book, language = workspace.desk.book, links.language_of(view.ref)
    link = confirming.follow_link(book, secret)
    if made is not None and language == "en":  # in the company's own words
        until = made.expires.astimezone(workspace.zone).date()
        more = {"link": link, "until": until.isoformat()}
        mail(*telling.said(book, "ready", {**telling.about(book.row(view.ref)), **more}))
        return
    with override(language):
        named = {
            "organisation": workspace.policy.organisation,
            "contact": workspace.policy.contact,
            "number": view.ref,
            "link": link,
        }
        subject = _("We have answered your request (number %(number)s)") % named
        text = _(
            "Hello,\n\n"
            "our answer to your request %(number)s is ready. Read it here, and fetch what belongs "
            "to it; we mail you a code first, so that nobody else can:\n\n"
            "    %(link)s\n\n"
            "%(organisation)s\n%(contact)s\n"
        )
        mail(subject, text % named)


def tidy(workspace: Workspace) -> None:
    """Remove drafts whose hour is over, codes of yesterday, and letters with callers' codes."""
    from servanda.desk.portal import codes, drafts
    from servanda.runtime import customers

    customers.forget_codes(workspace)
    drafts.expire()
    codes.expire()


def census(workspace: Workspace, *, now: datetime | None = None) -> None:
    """As often as evidence wants it: which faces answer, and how much they were used so far. Where
    none does, the server is just starting; only when that goes on is it put down."""
    moment = now or datetime.now(UTC)
    last = ledger.history.last("portal.census")
    often = workspace.settings.often(moment, workspace.zone)
    if last is not None and moment - last.at < often:
        return
    found = up(workspace)
    if found or (last is not None and moment - last.at > often + _STARTING):
        ledger.append([{"kind": "portal.census", "up": found, **_used()}], now=now)


def up(workspace: Workspace) -> list[str]:
    """The faces that answer on this machine, fetched as a visitor fetches them."""
    return sorted(name for name, path in FACES.items() if _answers(workspace, path))


def _answers(workspace: Workspace, path: str) -> bool:
    settings = workspace.settings.web
    host = urlsplit(settings.address).netloc
    headers = {"Host": host, "X-Forwarded-Proto": urlsplit(settings.address).scheme}
    request = urllib.request.Request(f"http://{here(settings.listen)}{path}", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def here(listen: str) -> str:
    """Where this machine reaches what listens there."""
    host, _, port = listen.rpartition(":")
    return f"127.0.0.1:{port}" if host in ("", "0.0.0.0") else listen  # noqa: S104  (compared)


def _used() -> dict[str, int]:
    from servanda.runtime.owndata import BY
    from servanda.state.models import Request

    with guard():
        made = Request.objects.filter(via="form")
        corrected = made.filter(opened_by=BY, right="rectification", events__kind="chosen")
        return {
            "requests": made.count(),
            "corrections": corrected.distinct().count(),
        }
