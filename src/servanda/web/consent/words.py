"""Channels, purposes and states in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from servanda.desk.consents.acts import COOKIES, TERMS
from servanda.web.portal import words

CHANNELS: Mapping[str, Promise | str] = {
    "": lazy("in any way"),
    "email": lazy("by e-mail"),
    "phone": lazy("by telephone"),
    "post": lazy("by post"),
    "sms": lazy("by text message"),
    "mms": lazy("by picture message"),
}
STATES: Mapping[str, Promise | str] = {
    "given": lazy("yes"),
    "renewed": lazy("yes, again"),
    "refused": lazy("no"),
    "withdrawn": lazy("no longer"),
    "expired": lazy("over: its time has passed"),
    "invalidated": lazy("does not count"),
    "requested": lazy("we asked"),
}
HOW: Mapping[str, Promise | str] = {
    "accept_all": lazy("banner: accept all"),
    "decline_all": lazy("banner: decline all"),
    "chosen": lazy("banner: chosen one by one"),
    "withdrawn": lazy("banner: taken back"),
    "gpc": lazy("your browser's privacy signal"),
    "preferences": lazy("your preferences page"),
    "one_click": lazy("unsubscribe link"),
    "form": lazy("a form"),
    "phone": lazy("by telephone"),
    "paper": lazy("on paper"),
    "in_person": lazy("in person"),
    "parent": lazy("by a parent"),
    "import": lazy("taken over from an older list"),
    "api": lazy("another program of ours"),
    "expired": lazy("its time has passed"),
    "invalidated": lazy("we found that it does not count"),
    "requested": lazy("we asked"),
}
CATEGORIES: Mapping[str, Promise | str] = {
    "functional": lazy("cookies: functions of the site"),
    "performance": lazy("cookies: performance"),
    "analytics": lazy("cookies: statistics"),
    "advertising": lazy("cookies: advertising"),
}


def channel_name(channel: str) -> str:
    return str(CHANNELS[channel])


def purpose_name(purpose: str) -> str:
    if purpose == TERMS:
        return _("our privacy policy")
    if purpose.startswith(COOKIES):
        found = CATEGORIES.get(purpose.removeprefix(COOKIES))
        return str(found) if found else purpose
    return words.term("purpose", purpose)


def said(states: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(purpose, channel, state) of a record, in words."""
    found = []
    for name, state in states.items():
        purpose, _slash, channel = name.partition("/")
        channel_ = channel_name(channel) if channel else ""
        found.append((words.capital(purpose_name(purpose)), channel_, str(STATES[state])))
    return found
