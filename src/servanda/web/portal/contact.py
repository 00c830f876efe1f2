"""Correct one's own contact data: a code, what we have, what it should say, a number.

The danger: see `runtime.owndata`; and an account taken over by a new address that nobody has
confirmed. What guards it: a new e-mail address is mailed a code as well, before anything is
opened. Tests: tests/web/portal/test_contact.py.
"""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from servanda.desk.portal import drafts
from servanda.desk.portal import form as asked
from servanda.kernel.errors import UsageError
from servanda.runtime import hub, owndata
from servanda.web.kit.access import public
from servanda.web.portal import mailcode, words
from servanda.web.portal.visit import Visit, visit_of, visited

_HOLDS_S = 15 * 60


class Mailbox(forms.Form):
    email = forms.EmailField(max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["email"].label = _("Your e-mail address")

    def clean_email(self) -> str:
        try:
            return asked.normal(hub.workspace().desk.book, "email", self.cleaned_data["email"])
        except UsageError:
            raise forms.ValidationError(
                _("This cannot be right. Please look at it again.")
            ) from None


class Values(forms.Form):
    """One field for each value we have."""

    def __init__(self, found: owndata.Found, data: QueryDict | None) -> None:
        super().__init__(data, label_suffix="")
        self.found = found
        for n, own in enumerate(found.values):
            self.fields[f"v{n}"] = forms.CharField(
                max_length=300,
                label=words.capital(words.term("data", own.category)),
                initial=own.value,
            )

    def clean(self) -> dict[str, Any]:
        book = hub.workspace().desk.book
        for n, own in enumerate(self.found.values):
            value = self.cleaned_data.get(f"v{n}")
            if value is None or value == own.value:
                continue
            kind = {"contact.email": "email", "contact.phone": "phone"}.get(own.category)
            if kind != "phone" and asked.card_refused(value):
                self.add_error(f"v{n}", _("This cannot be right. Please look at it again."))
            if kind:
                try:
                    normal = asked.normal(book, kind, value)
                    self.cleaned_data[f"v{n}"] = normal if kind == "email" else value
                except UsageError:
                    self.add_error(f"v{n}", _("This cannot be right. Please look at it again."))
        if len({new for category, _b, new in self.changes() if category == "contact.email"}) > 1:
            raise forms.ValidationError(_("Change to one new e-mail address at a time, please."))
        return self.cleaned_data

    def changes(self) -> list[list[str]]:
        """(category, value there, new value)."""
        given = [
            (own, self.cleaned_data.get(f"v{n}", own.value))
            for n, own in enumerate(self.found.values)
        ]
        return [[own.category, own.value, new] for own, new in given if new != own.value]


@public
@require_http_methods(["GET", "POST"])
@visited
def contact(request: HttpRequest) -> HttpResponse:
    """First the mailbox; a code goes there, whoever it belongs to."""
    visit = visit_of(request)
    form = Mailbox(request.POST if request.method == "POST" else None)
    if form.is_valid():
        to = form.cleaned_data["email"]
        visit.put("own", {"email": to})
        problem = mailcode.mail(request, _about(visit), to)
        visit.data["own"]["problem"] = problem
        return redirect("portal-contact-code")
    return render(request, "portal/contact.html", {"form": form})


@public
@require_http_methods(["GET", "POST"])
@visited
def code(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    own = visit.data.get("own", {})
    back = reverse("portal-contact")
    if "email" not in own:
        return redirect("portal-contact")
    if request.method == "POST" and "code" in request.POST:
        if problem := mailcode.entered(request, _about(visit), own["email"]):
            return mailcode.page(request, problem=problem, back=back, to=own["email"])
        visit.put("own", {"email": own["email"], "since": time.time()})
        return redirect("portal-contact-edit")
    problem = own.pop("problem", "")
    visit.changed = True
    if request.method == "POST":
        problem = mailcode.mail(request, _about(visit), own["email"])
    return mailcode.page(request, problem=problem, back=back, to=own["email"])


@public
@require_http_methods(["GET", "POST"])
@visited
def edit(request: HttpRequest) -> HttpResponse:
    visit, workspace = visit_of(request), hub.workspace()
    own = _proven(visit)
    if own is None:
        return redirect("portal-contact")
    found = owndata.look(workspace, own["email"])
    form = Values(found, request.POST if request.method == "POST" else None)
    nothing = ""
    if found.values and form.is_valid():
        own["changes"] = form.changes()
        own.pop("confirmed", None)
        visit.changed = True
        if own["changes"]:
            return _next(request, visit, own)
        nothing = _("You changed nothing.")
    context = {"form": form, "found": found, "nothing": nothing}
    return render(request, "portal/contact_edit.html", context, status=400 if form.errors else 200)


@public
@require_http_methods(["GET", "POST"])
@visited
def new_mailbox(request: HttpRequest) -> HttpResponse:
    """The new address is the person's too: it is mailed a code of its own."""
    visit = visit_of(request)
    own = _proven(visit)
    to = _new_mailbox(own) if own else ""
    if own is None or not to:
        return redirect("portal-contact")
    back = reverse("portal-contact-edit")
    if request.method == "POST" and "code" in request.POST:
        if problem := mailcode.entered(request, f"new{_about(visit)}", to):
            return mailcode.page(request, problem=problem, back=back, to=to)
        own["confirmed"] = to
        visit.changed = True
        return _next(request, visit, own)
    problem = own.pop("problem", "")
    visit.changed = True
    if request.method == "POST":
        problem = mailcode.mail(request, f"new{_about(visit)}", to)
    return mailcode.page(request, problem=problem, back=back, to=to)


def _next(request: HttpRequest, visit: Visit, own: dict[str, Any]) -> HttpResponse:
    """Confirm the new mailbox where there is one, else open the request."""
    workspace, to = hub.workspace(), _new_mailbox(own)
    if to and own.get("confirmed") != to:
        own["problem"] = mailcode.mail(request, f"new{_about(visit)}", to)
        visit.changed = True
        return redirect("portal-contact-new")
    new = {(category, before): value for category, before, value in own["changes"]}
    found = owndata.look(workspace, own["email"])
    changes = {e: new[e.category, e.value] for e in found.values if (e.category, e.value) in new}
    if len(changes) != len(new):
        raise UsageError(_("Your data changed meanwhile."), _("Look at it again."))
    language = get_language() or "en"
    done = owndata.correct(workspace, own["email"], changes, language=language)
    visit.ended = True
    return redirect(f"{reverse('portal-follow', args=[done.secret])}?new")


def _new_mailbox(own: dict[str, Any]) -> str:
    changes = own.get("changes", ())
    found: list[str] = [value for category, _b, value in changes if category == "contact.email"]
    return found[0] if found else ""


def _proven(visit: Visit) -> dict[str, Any] | None:
    """What is kept of a visitor who gave the code back, a short while ago."""
    own: dict[str, Any] = visit.data.get("own", {})
    return own if 0 <= time.time() - float(own.get("since", 0)) < _HOLDS_S else None


def _about(visit: Visit) -> str:
    return f"own:{drafts.name(visit.secret)[:40]}"


urls = [
    path("contact/", contact, name="portal-contact"),
    path("contact/code/", code, name="portal-contact-code"),
    path("contact/edit/", edit, name="portal-contact-edit"),
    path("contact/new/", new_mailbox, name="portal-contact-new"),
]
