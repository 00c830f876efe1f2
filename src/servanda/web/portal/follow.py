"""Follow a request by its link: where it stands, what comes next; more after a code.

The danger: a link that was overheard shows or changes something. What guards it: the link alone
shows number, state and days, which name nobody; everything else asks for a code that goes to the
mailbox of the request, and holds for a quarter of an hour, for this link and browser.
Tests: tests/web/portal/test_follow.py.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from servanda.desk.portal import form as asked
from servanda.desk.portal import links, opening, parcels
from servanda.desk.requests import RequestView
from servanda.desk.requests.states import possible
from servanda.kernel import cards
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.state.models import PortalLink
from servanda.web.kit.access import public
from servanda.web.portal import letters, mailcode, standing, words
from servanda.web.portal.questions import clean_words
from servanda.web.portal.visit import View, Visit, visit_of, visited

HOLDS_S = 15 * 60
_AFTER = ("portal-letters", "portal-cancel", "portal-details", "portal-package")
Shown = Callable[[HttpRequest, PortalLink, RequestView], HttpResponseBase]


def linked(needs_code: bool) -> Callable[[Shown], View]:
    """A page under somebody's link; 404 where there is none such."""

    def wrap(view: Shown) -> View:
        @public
        @require_http_methods(["GET", "POST"])
        @visited
        @functools.wraps(view)
        def inner(request: HttpRequest, secret: str) -> HttpResponseBase:
            link = links.find(secret)
            if link is None:
                raise Http404
            request.secret = secret  # type: ignore[attr-defined]
            if needs_code and not verified(visit_of(request), link):
                name = request.resolver_match.url_name if request.resolver_match else ""
                return redirect(f"{reverse('portal-again', args=[secret])}?for={name}")
            return view(request, link, hub.workspace().desk.get(str(link.request_id)))

        return inner

    return wrap


def verified(visit: Visit, link: PortalLink) -> bool:
    """Whether the code was given back for this link, a short while ago."""
    since = visit.data.get("verified", {}).get(str(link.id), 0)
    return 0 <= time.time() - float(since) < HOLDS_S


@linked(needs_code=False)
def follow(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponse:
    kept = hub.workspace().desk.letters(view.ref)
    told = [(words.LETTERS[kind], when) for kind, when, _c in kept if kind in words.LETTERS]
    context = {
        "view": view,
        "secret": secret_of(request),
        "right": words.right_name(view.right),
        "now": standing.now(view),
        "next": standing.following(view),
        "until": letters.until(view),
        "letters": told,
        "parcel": parcels.standing(view.ref)[0].value,
        "answered": view.state in ("replied", "closed"),
        "may_cancel": possible(view.state, "cancel", view.right),
        "asked": view.waiting_for == "scope",
        "new": "new" in request.GET,
        "reachable": bool(mailbox(view)),
    }
    return render(request, "portal/follow.html", context)


@linked(needs_code=False)
def again(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponse:
    """A fresh code to the mailbox of the request, whose address is not shown."""
    visit, about = visit_of(request), f"link:{link.id}"
    name = request.GET.get("for", "")
    back = reverse("portal-follow", args=[secret_of(request)])
    to = mailbox(view)
    if not to:
        return render(request, "portal/call.html", {"back": back})
    if request.method == "POST" and "code" in request.POST:
        if problem := mailcode.entered(request, about, to):
            return mailcode.page(request, problem=problem, back=back)
        visit.put("verified", {**visit.data.get("verified", {}), str(link.id): time.time()})
        target = name if name in _AFTER else "portal-follow"
        return redirect(target, secret_of(request))
    if request.method == "POST":
        return mailcode.page(request, problem=mailcode.mail(request, about, to), back=back)
    return mailcode.page(request, sent=False, back=back)


@linked(needs_code=True)
def read(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponse:
    """The letters themselves."""
    kept = hub.workspace().desk.letters(view.ref)
    told = [
        (words.capital(str(words.LETTERS[kind])), when, content.decode())
        for kind, when, content in reversed(kept)
        if kind in words.LETTERS
    ]
    context = {"letters": told, "view": view, "secret": secret_of(request)}
    return render(request, "portal/letters.html", context)


@linked(needs_code=True)
def cancel(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            hub.workspace().desk.cancel(view.ref, by=opening.BY)
            return redirect("portal-follow", secret_of(request))
        except UsageError:
            problem = _("This is too late: your request is being carried out already.")
    context = {"view": view, "secret": secret_of(request), "problem": problem}
    return render(request, "portal/cancel.html", context, status=400 if problem else 200)


@linked(needs_code=True)
def details(request: HttpRequest, link: PortalLink, view: RequestView) -> HttpResponse:
    """What we asked for is answered."""
    desk, problem = hub.workspace().desk, ""
    text = request.POST.get("text", "").strip()
    if request.method == "POST":
        try:
            said = clean_words(text)
            if not said or len(said) > asked.LONGEST_TEXT:
                raise ValidationError(_("Write between 1 and 2,000 characters, please."))
            today = desk.book.today()
            desk.event(view.ref, "scope_answered", today, by=opening.BY, note=said)
            return redirect("portal-follow", secret_of(request))
        except ValidationError as error:
            problem = " ".join(error.messages)
        except UsageError:
            problem = _("We are not waiting for an answer any more.")
    context = {"view": view, "secret": secret_of(request), "problem": problem}
    context["text"] = cards.masked(text)
    return render(request, "portal/details.html", context, status=400 if problem else 200)


def mailbox(view: RequestView) -> str:
    """Where codes go: to whom we write, and who was asked for a code once already."""
    known = [value for kind, value in view.identities if kind == "email"]
    return view.contact if "@" in view.contact else next(iter(known), "")


def secret_of(request: HttpRequest) -> str:
    secret: str = request.secret  # type: ignore[attr-defined]
    return secret


urls = [
    path("follow/<str:secret>/", follow, name="portal-follow"),
    path("follow/<str:secret>/code/", again, name="portal-again"),
    path("follow/<str:secret>/letters/", read, name="portal-letters"),
    path("follow/<str:secret>/cancel/", cancel, name="portal-cancel"),
    path("follow/<str:secret>/details/", details, name="portal-details"),
]
