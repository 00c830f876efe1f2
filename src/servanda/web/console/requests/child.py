"""Data of a child was found: whoever sees it says so, and an erasure is opened with its clock."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from servanda.desk.roles import May
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.console.requests.parts import pairs, said
from servanda.web.kit.access import member_of, page


class ChildForm(forms.Form):
    email = forms.CharField(label="E-mail address in the record", max_length=320, required=False)
    phone = forms.CharField(label="Telephone number in the record", max_length=40, required=False)
    more = forms.CharField(
        label="Other identities",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, as stores.yaml names them: customer = 4711.",
    )
    age = forms.IntegerField(label="Age, where it is known", min_value=0, required=False)
    place = forms.CharField(
        label="Where the child lives",
        max_length=40,
        required=False,
        help_text="KE, GB-NIR, US-CA … Empty: nobody knows, so the strictest law counts.",
    )
    text = forms.CharField(
        label="Where you found it, and why you think so",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@page(May.REQUEST, scope="requests", methods=("GET", "POST"))
def child(request: HttpRequest) -> HttpResponse:
    form = ChildForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        known = [(kind, told[kind]) for kind in ("email", "phone") if told[kind]]
        try:
            ref = hub.workspace().desk.child_found(
                [*known, *pairs(told["more"])],
                by=member_of(request).by,
                place=told["place"] or None,
                age=told["age"],
                text=told["text"],
            )
        except UsageError as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, f"Request {ref} is opened: the child’s data is to be erased.")
            return redirect("request", ref=int(ref))
    status = 400 if request.method == "POST" else 200
    return render(request, "console/requests/child.html", {"form": form}, status=status)


urls = [path("requests/child/", child, name="request_child")]
