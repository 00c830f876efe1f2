"""Find a person without a request: what lies where. Purpose first, and the search is on record.

The danger, and what guards it: `runtime/anyone.py`. Who is looked for comes in the form's body, for
addresses are written down in too many places. Tests: tests/web/requests/test_find.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk.roles import May
from servanda.kernel.errors import ServandaError
from servanda.runtime import anyone, hub
from servanda.web.console.requests.parts import Pairs, lines, pairs, said
from servanda.web.kit.access import looked, page


def _area(label: str, help_text: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=label, help_text=help_text, widget=widget, required=False, max_length=10_000
    )


class FindForm(forms.Form):
    email = _area("E-mail addresses", "All of one person, one a line.")
    phone = _area("Telephone numbers", "In any notation, one a line.")
    name = _area("Names", "As the stores know them, one a line.")
    more = _area("Other identities", "One a line, as stores.yaml names them: customer = 4711.")
    tenant = forms.ChoiceField(label="On behalf of which customer", required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        tenants = [(each.id, each.name or each.id) for each in hub.workspace().tenants]
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "nobody’s: all records count"), *tenants]
        if not tenants:
            del self.fields["tenant"]

    def identities(self) -> Pairs:
        told = self.cleaned_data
        plain = [(kind, each) for kind in ("email", "phone", "name") for each in lines(told[kind])]
        return [*plain, *pairs(told["more"])]


@page(May.FIND, scope=anyone.SCOPE, methods=("GET", "POST"))
def find(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.POST if request.method == "POST" else None)
    known: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                identities = form.identities()
                looked(request, anyone.LOOKED)
                purpose = request.task.purpose  # type: ignore[attr-defined]
                tenant = form.cleaned_data.get("tenant") or None
                found = anyone.look(hub.workspace(), identities, purpose, tenant)
                known |= {"found": found, "person": found.whole}
                status = 200
            except ServandaError as error:
                form.add_error(None, said(error))
    return render(request, "console/find.html", known, status=status)


urls = [path("find/", find, name="find")]
