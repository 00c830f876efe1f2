"""A request that came by telephone, by post or in person is taken in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda import law
from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.policy import vocabulary
from servanda.runtime import hub
from servanda.web.console.requests import places
from servanda.web.console.requests.parts import pairs, said
from servanda.web.kit.access import member_of, page

RIGHTS = {
    "access": "Access: know what we hold, get a copy",
    "portability": "Data to take along",
    "rectification": "Correction",
    "erasure": "Erasure",
    "restriction": "Restriction",
    "object": "Objection",
    "withdraw": "Withdrawal of consent",
    "complaint": "Complaint",
}
_VIA = {"phone": "by telephone", "post": "by post", "mail": "by mail", "staff": "in person"}
_AREA = forms.Textarea(attrs={"rows": 4})


class NewForm(forms.Form):
    right = forms.ChoiceField(label="What is asked for", choices=list(RIGHTS.items()))
    via = forms.ChoiceField(label="How it arrived", choices=list(_VIA.items()))
    received = forms.DateField(
        label="The day it arrived", widget=forms.DateInput(attrs={"type": "date"})
    )
    name = forms.CharField(label="Name", max_length=200, required=False)
    email = forms.CharField(label="E-mail address", max_length=320, required=False)
    phone = forms.CharField(label="Telephone number", max_length=40, required=False)
    more = forms.CharField(
        label="Other identities",
        required=False,
        widget=_AREA,
        help_text="One a line, as stores.yaml names them: customer = 4711. More addresses and "
        "numbers too: email = …, phone = ….",
    )
    place = forms.ChoiceField(label="Where the person lives", required=False)
    tenant = forms.ChoiceField(label="Whose customer’s data it is about", required=False)
    contact = forms.CharField(label="Where to answer", max_length=500, required=False)
    text = forms.CharField(label="What they wrote or said", required=False, widget=_AREA)
    corrections = forms.CharField(
        label="What is to be corrected",
        required=False,
        widget=_AREA,
        help_text="Of a correction: one a line, name = Ann Lee or crm.people.name = Ann Lee.",
    )
    purpose = forms.ChoiceField(
        label="To which use they object, or whose consent ends", required=False
    )
    age = forms.IntegerField(
        label="Age, where it was told", min_value=0, max_value=130, required=False
    )
    parent_consents = forms.BooleanField(label="A parent consented to what we do", required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        tenants = [(each.id, each.name or each.id) for each in hub.workspace().tenants]
        purposes = [(term.id, term.label) for term in vocabulary.terms("purpose").values()]
        self._choices("place", places.choices(hub.workspace().policy))
        self._choices("tenant", [("", "ours"), *tenants])
        self._choices("purpose", [("", "every use"), *purposes])
        if not tenants:
            del self.fields["tenant"]

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@page(May.REQUEST, scope="requests", methods=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    desk = hub.workspace().desk
    form = NewForm(request.POST or None, initial={"received": desk.book.today()})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            ref = desk.new(
                told["right"],
                [
                    *[(kind, told[kind]) for kind in ("email", "phone") if told[kind]],
                    *pairs(told["more"]),
                ],
                received=told["received"],
                via=told["via"],
                place=told["place"] or None,
                tenant=told.get("tenant") or None,
                name=told["name"],
                text=told["text"],
                contact=told["contact"],
                corrections=pairs(told["corrections"]),
                purpose=told["purpose"] if told["right"] in ("object", "withdraw") else "",
                age=told["age"],
                parent_consents=told["parent_consents"],
                by=member_of(request).by,
            )
        except UsageError as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, f"Request {ref} is taken in.")
            return redirect("request", ref=int(ref))
    status = 400 if request.method == "POST" else 200
    known = {"rights": law.RIGHTS, "form": form}
    return render(request, "console/requests/new.html", known, status=status)


urls = [path("requests/new/", new, name="request_new")]
