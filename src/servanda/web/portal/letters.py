"""What the portal mails, in the reader's language: codes, and that a request arrived. No
personal data beyond the address it goes to."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from servanda.desk.requests import RequestView, confirming, telling
from servanda.runtime import hub
from servanda.web.portal import words


def code(code_: str) -> tuple[str, str]:
    """Subject and text of the mail with a code."""
    named = _who()
    subject = _("Your code for %(organisation)s") % named
    text = _(
        "Hello,\n\n"
        "somebody gave this address on the privacy pages of %(organisation)s. If it was you, this "
        "is your code:\n\n"
        "    %(code)s\n\n"
        "It counts for half an hour, and once. We ask so that nobody else gets or changes your "
        "data. If it was not you, you need not do anything.\n\n"
        "%(organisation)s\n%(contact)s\n"
    )
    return subject, text % {**named, "code": code_}


def received(view: RequestView, secret: str) -> tuple[str, str]:
    """Subject and text of the mail that a request arrived: in English, the company's own words."""
    book = hub.workspace().desk.book
    link = confirming.follow_link(book, secret)
    if (get_language() or "en").startswith("en"):
        said = telling.about(book.row(view.ref))
        return telling.said(book, "received", {**said, "link": link})
    named = {**_who(), "number": view.ref, "link": link, "until": until(view)}
    subject = _("Your request to %(organisation)s (number %(number)s)") % named
    text = _(
        "Hello,\n\n"
        "we have your request. Its number is %(number)s. %(until)s\n\n"
        "Follow it here; keep the address to yourself:\n\n"
        "    %(link)s\n\n"
        "%(organisation)s\n%(contact)s\n"
    )
    return subject, text % named


def until(view: RequestView) -> str:
    """By when we answer, in a sentence."""
    if view.due is None:
        return _("We answer as soon as we can.")
    return _("We answer by %(day)s, at the latest.") % {"day": words.day(view.due)}


def _who() -> dict[str, str]:
    policy = hub.workspace().policy
    return {"organisation": policy.organisation, "contact": policy.contact}
