"""The preference centre: what we may send somebody, and by which way, without an account.

A signed link leads there: from the foot of a mailing, or mailed on request. Whoever has the link
sees and changes choices, and learns no address. The danger: strangers who fill somebody's mailbox
with links, or learn whether we know an address. What guards it: so many for each mailbox and each
caller, and the same words whether we know the address or not
(tests/web/consent/test_preferences.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from servanda.desk.consents import Act, history, links, record, standing
from servanda.desk.consents.acts import MARKETING, marked
from servanda.desk.consents.standing import Standing
from servanda.desk.portal import post
from servanda.desk.requests.book import Book
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.policy.rules import ConsentPoint
from servanda.runtime import acceptance, consents, hub
from servanda.web.consent import words
from servanda.web.kit.access import public
from servanda.web.kit.windows import Window
from servanda.web.portal.visit import caller
from servanda.web.portal.words import capital

_PER_MAILBOX, _PER_CALLER = 3, 30
mailed = Window(3600.0)


class Mailbox(forms.Form):
    email = forms.EmailField(
        label=lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Mail somebody their link."""
    form = Mailbox(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid() and _sent(request, form):
        return render(request, "consent/mailed.html", {"to": form.cleaned_data["email"]})
    status = 400 if form.errors else 200
    return render(request, "consent/ask.html", {"form": form}, status=status)


def _sent(request: HttpRequest, form: Mailbox) -> bool:
    book = hub.workspace().desk.book
    to = form.cleaned_data["email"]
    try:
        mark = book.mark("email", to)
    except UsageError:
        form.add_error("email", _("This cannot be right. Please look at it again."))
        return False
    from_ = f"from {caller(request)}"
    if mailed.wait(mark, _PER_MAILBOX) or mailed.wait(from_, _PER_CALLER):
        form.add_error(None, _("That was asked for several times. Please come back in an hour."))
        return False
    mailed.add(mark, object())
    mailed.add(from_, object())
    post.send(book, to, *_letter(links.preferences(book, mark)))
    return True


def _letter(link: str) -> tuple[str, str]:
    policy = hub.workspace().policy
    named = {"organisation": policy.organisation, "contact": policy.contact, "link": link}
    text = _(
        "Hello,\n\n"
        "here you see and change what %(organisation)s may send you:\n\n"
        "    %(link)s\n\n"
        "The link is good for ninety days. If you did not ask for it, you need not do anything.\n\n"
        "%(organisation)s\n%(contact)s\n"
    )
    return _("What %(organisation)s may send you") % named, text % named


@dataclass(frozen=True, slots=True)
class Box:
    """One question: may we, for this purpose, on this channel?"""

    name: str
    label: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A purpose with its boxes. `why`: where people are asked, in the policy's words."""

    purpose: str
    name: str
    boxes: tuple[Box, ...]


@public
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    workspace = hub.workspace()
    book = workspace.desk.book
    link = links.read(book, "p", token)
    if link is None:
        raise Http404
    if link.over:
        return render(request, "consent/over.html", status=410)
    if request.method == "POST" and "accept" in request.POST:
        _accepted(request, book, link.mark)
        messages.success(request, _("Noted. The new version counts for you from now on."))
        return redirect("consent-preferences", token=token)
    if request.method == "POST":
        _changed(request, book, link.mark)
        messages.success(request, _("Saved. It counts from now on."))
        return redirect("consent-preferences", token=token)
    found = history.person(book, link.mark)
    has = found.standing if found else {}
    kept = history.of(found.subject, 20) if found else []
    told = {
        "offer": acceptance.offer(book, has),
        "groups": groups(book, has),
        "token": token,
        "history": [(each, words.said(each.states), words.HOW[each.data["how"]]) for each in kept],
        "nothing": not any(box.yes for group in groups(book, has) for box in group.boxes),
    }
    return render(request, "consent/preferences.html", told)


def _accepted(request: HttpRequest, book: Book, mark: str) -> None:
    """The number of the version they were shown comes with the form."""
    text = request.POST["accept"]
    if not text.isdecimal() or len(text) > 6:
        raise UsageError(_("There is nothing to accept."))
    acceptance.accept(book, mark, int(text), get_language() or "en")


def groups(book: Book, has: Standing) -> list[Group]:
    """What the policy asks for, and how it stands."""
    today = book.today()
    found = []
    for point in book.policy.consents:
        boxes = tuple(
            Box(_field(point.purpose, channel), _label(channel), _holds(has, point, channel, today))
            for channel in point.channels or ("",)
        )
        found.append(Group(point.purpose, capital(words.purpose_name(point.purpose)), boxes))
    return found


def _holds(has: Standing, point: ConsentPoint, channel: str, today: date) -> bool:
    said = standing.said(has, point.purpose, channel)
    return said is not None and said.holds(today)


def _label(channel: str) -> str:
    return capital(words.channel_name(channel)) if channel else _("Yes, you may")


def _field(purpose: str, channel: str) -> str:
    return f"{purpose}.{channel or 'all'}"


def _changed(request: HttpRequest, book: Book, mark: str) -> None:
    """Everything that is on the page is said, so that a box left empty is a no."""
    stop = "stop" in request.POST
    choices: dict[str, dict[str, bool]] = {}
    for point in book.policy.consents:
        channels = ("",) if stop else point.channels or ("",)
        choices[point.purpose] = {
            each: not stop and _field(point.purpose, each) in request.POST for each in channels
        }
    if stop:
        declared = {p for activity in book.policy.activities for p in activity.purposes}
        choices |= {p: {"": False} for p in MARKETING if p in declared and p not in choices}
    if not choices:
        raise UsageError(_("There is nothing to choose."))
    act = Act(
        marked(mark),
        choices,
        "preferences",
        notice=sha256_hex(notice(book).encode()),
        edition=consents.edition(datetime.now(UTC)),
        language=get_language() or "en",
    )
    record(book, act)


def notice(book: Book) -> str:
    """The words of the questions as they are shown: what the record's `notice` is a digest of."""
    return "\n".join(
        f"{group.name}: {', '.join(box.label for box in group.boxes)}" for group in groups(book, {})
    )


urls = [
    path("", ask, name="consent"),
    path("p/<str:token>", preferences, name="consent-preferences"),
]
