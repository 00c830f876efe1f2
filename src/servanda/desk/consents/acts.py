"""One act: somebody gives, refuses or withdraws consent, and how it came to us.

The danger: a record of a consent that the policy never asks for, or with words in it that name
somebody and stay for ever. What guards it: an act is held against the policy before it is
kept, and every field that goes into the record is a word of ours, a number or a digest.
Tests: tests/desk/consents/test_acts.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from servanda.desk.requests.book import Book
from servanda.kernel.digest import is_digest
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.policy.published import CHANNELS, COOKIE_CATEGORIES
from servanda.policy.rules import Policy
from servanda.state.connection import guard
from servanda.state.models import Edition

MARKETING = ("marketing", "ads_targeted")
"""Purposes that are marketing by themselves, whatever message carries them."""
TERMS = "terms"
"""Acceptance of the terms: a consent with the number of the edition that was accepted."""
COOKIES = "cookies."
"""Categories of the banner are purposes of their own: `cookies.analytics`."""
EVERYWHERE = ""

BANNER = ("accept_all", "decline_all", "chosen", "withdrawn", "gpc")
HOW = (
    *BANNER,
    *("preferences", "one_click", "form", "phone", "paper", "in_person", "parent", "import", "api"),
    *("expired", "invalidated", "requested"),
)
"""How an act came about. The last three are not the person's own."""
_RANDOM = re.compile(r"[0-9a-f]{32}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Who:
    """A person by identities, or a browser by the random number it made. The first identity is
    whom the act is about; others were only named beside it."""

    kind: Literal["person", "browser"]
    identities: tuple[tuple[str, str], ...]
    mark: str = ""


def marked(mark: str) -> Who:
    """A person of whom we have the mark alone, from a link of ours."""
    return Who("person", (), mark)


def person(*identities: tuple[str, str]) -> Who:
    return Who("person", identities)


def browser(id_: str) -> Who:
    """UsageError unless it is 32 hexadecimal digits."""
    if not _RANDOM.fullmatch(id_):
        raise UsageError("that is not the random number of a browser", "32 hexadecimal digits")
    return Who("browser", (("browser", id_),))


@dataclass(frozen=True, slots=True)
class Act:
    """`choices`: purpose → channel → yes or no; the channel "" is all. `notice`: SHA-256 of the
    text that was shown. `note`: words about how it was given, kept sealed. `age`: years, where
    they said so. `form`: whether the form was one that a law prescribes. `proof`: SHA-256 of a
    document that shows it."""

    who: Who
    choices: Mapping[str, Mapping[str, bool]]
    how: str
    notice: str = ""
    edition: int | None = None
    language: str = ""
    place: str = ""
    gpc: bool = False
    note: str = ""
    by: str = ""
    source: str = ""
    proof: str = ""
    age: int | None = None
    form: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An act that fits the policy, with the marks of whom it is about. `until`: by purpose, the
    first day on which a consent given now counts no more."""

    act: Act
    marks: tuple[str, ...]
    until: Mapping[str, date | None] = field(default_factory=dict)
    child_until: date | None = None


def checked(book: Book, act: Act, now: datetime) -> Checked:
    """UsageError for what the policy does not ask for, or cannot be kept."""
    if act.who.kind == "browser":
        marks = [book.vault.mark("browser", act.who.identities[0][1])]
    else:
        marks = [act.who.mark] if act.who.mark else book.marks(act.who.identities)
    if not marks:
        raise UsageError("a consent is somebody's", "name an e-mail address or a phone number")
    _words(act)
    if not act.choices or not all(act.choices.values()):
        raise UsageError("nothing was chosen")
    for purpose, channels in act.choices.items():
        for channel, yes in channels.items():
            _choice(book.policy, act.who, purpose, channel, yes)
    if TERMS in act.choices and act.edition is None:
        raise UsageError("which edition of the terms was accepted?", "give its number")
    if any(act.choices.get(TERMS, {}).values()) and not _asks(act.edition):
        raise UsageError("that version of the policy asks nobody to accept it", "see the versions")
    until = {each: _until(book.policy, each, now) for each in act.choices}
    return Checked(act, tuple(marks), until, _child(book, act, now))


def _choice(policy: Policy, who: Who, purpose: str, channel: str, yes: bool) -> None:
    if channel not in (EVERYWHERE, *CHANNELS):
        raise UsageError(f'there is no channel "{channel[:20]}"', did_you_mean(channel, CHANNELS))
    if purpose == TERMS or purpose in categories():
        if channel or ((purpose == TERMS) and who.kind == "browser"):
            raise UsageError(f"{purpose} has no channels, and is a person's")
        return
    if who.kind == "browser":
        raise UsageError(f'a browser chooses cookies, not "{purpose[:40]}"')
    point = policy.consent(purpose)
    if point is None and yes:
        known = [each.purpose for each in policy.consents]
        raise UsageError(
            f'the policy asks nobody for consent to "{purpose[:40]}"', did_you_mean(purpose, known)
        )
    if point is None and purpose not in declared(policy):
        raise UsageError(f'no activity of the policy has the purpose "{purpose[:40]}"')
    if yes and point is not None and point.channels and channel not in point.channels:
        raise UsageError(
            f"consent to {purpose} is asked for each of {', '.join(point.channels)}",
            "name one of them",
        )


def _asks(number: int | None) -> bool:
    """Whether that edition is there, and counts only for who accepts it."""
    if number is None:
        return False
    with guard():
        return bool(Edition.objects.filter(number=number, asks=True).exists())


def _words(act: Act) -> None:
    for what, text, form in (
        ("language", act.language, _LANGUAGE),
        ("place", act.place, _PLACE),
        ("source", act.source, _SOURCE),
    ):
        if text and not form.fullmatch(text):
            raise UsageError(f"that is no {what}")
    if act.how not in HOW:
        raise UsageError("that is no way in which consent is given", did_you_mean(act.how, HOW))
    if act.how == "expired":
        raise UsageError("only time makes a consent expire", "record a no instead")
    if any(digest and not is_digest(digest) for digest in (act.notice, act.proof)):
        raise UsageError("a digest is 64 hexadecimal digits", "SHA-256 of what was shown")
    if act.edition is not None and not 0 < act.edition < 1_000_000:
        raise UsageError("that is no edition's number")
    if act.age is not None and not 0 <= act.age < 130:
        raise UsageError("that is nobody's age")


def categories() -> tuple[str, ...]:
    """The banner's categories as purposes; `necessary` is not asked."""
    return tuple(COOKIES + each for each in COOKIE_CATEGORIES if each != "necessary")


def declared(policy: Policy) -> frozenset[str]:
    """Every purpose the policy names."""
    found = {purpose for activity in policy.activities for purpose in activity.purposes}
    found |= {each.purpose for each in policy.consents}
    return frozenset(found | {each.purpose for each in policy.messages})


def mailings(policy: Policy, channel: str = EVERYWHERE) -> tuple[str, ...]:
    """The purposes that end when somebody unsubscribes on this channel."""
    messages = {each.purpose for each in policy.messages if each.kind == "marketing"}
    asked = {e.purpose for e in policy.consents if channel in e.channels or not channel}
    named = {each for each in MARKETING if each in declared(policy)}
    return tuple(sorted(messages | asked | named))


def no_to(purposes: Iterable[str], channel: str = EVERYWHERE) -> dict[str, dict[str, bool]]:
    """Choices that end these."""
    return {purpose: {channel: False} for purpose in purposes}


def _until(policy: Policy, purpose: str, now: datetime) -> date | None:
    if purpose in categories():
        period = policy.banner.asks_again if policy.banner else None
    else:
        point = policy.consent(purpose)
        period = point.asks_again if point else None
    zone = ZoneInfo(policy.zone)
    return None if period is None else period.after(now, zone).astimezone(zone).date()


def _child(book: Book, act: Act, now: datetime) -> date | None:
    """The first day on which they are certainly no child any more."""
    below = book.policy.children_below
    if act.age is None or below is None or act.age >= below or act.how == "parent":
        return None
    return book.today(now) + timedelta(days=366 * (below - act.age))
