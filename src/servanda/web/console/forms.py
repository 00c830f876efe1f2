"""Forms: what each declared form takes, what was refused of late, and the HTML to copy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk.intake import receipts
from servanda.desk.roles import May, may
from servanda.runtime import declared, hub
from servanda.web.kit.access import member_of, page

_WORDS = {
    "undeclared": "fields that are not declared",
    "missing": "something was missing",
    "card": "card numbers",
    "sensitive": "sensitive data without explicit consent",
    "age": "age, or no parent’s consent",
    "source": "no source or basis",
    "unsourced": "taken without a source: this must not be",
    "children": "taken of a child: this must not be",
}
_PLACES = {
    "enquiry": "Enquiry form",
    "portal": "Privacy portal",
    "mail": "Mail",
    "console": "Console and command line",
    "api": "Other calls of the API",
}


@page(May.SETTINGS)
def forms(request: HttpRequest) -> HttpResponse:
    workspace = hub.workspace()
    shown = [
        {"it": each, "refused": [(_WORDS.get(k, k), n) for k, n in each.refused.items()]}
        for each in declared.forms(workspace)
    ]
    places = [(_PLACES[name], many) for name, many in declared.elsewhere(workspace).items()]
    told = {
        "forms": shown,
        "places": places,
        "days": declared.DAYS,
        "below": workspace.policy.children_below,
        "key": receipts.public(workspace.master),
        "address": workspace.settings.web.address,
        "may_edit": may(member_of(request).role, May.EDIT_SETTINGS),
        "may_report": may(member_of(request).role, May.REQUEST),
    }
    return render(request, "console/forms.html", told)


urls = [path("forms/", forms, name="forms")]
