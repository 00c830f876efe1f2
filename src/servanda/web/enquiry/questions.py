"""The questions of the enquiry form, and what the intake gate has to say of the answers.

Where the policy declares the form (`runtime.intake.enquiry_form`), it takes what is declared and
nothing else: fields that are not declared are not asked for, and refused where somebody sends
them. Card numbers are refused in any case; what was typed stays on the page, and the number does
not. Tests: tests/web/enquiry/test_gate.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from servanda.desk.intake import Submission, counts
from servanda.desk.intake.checking import too_young
from servanda.kernel import cards
from servanda.policy.rules import Form
from servanda.runtime import hub, intake
from servanda.web.enquiry import guard

OURS = ("topic", "ticket", guard.TRAP, "csrfmiddlewaretoken", "age", "parent_consents")
"""Sent with every enquiry, and nothing of the person that is kept."""
NEEDED = ("name", "email", "message")
STORED = (*NEEDED, "phone", "marketing")


class EnquiryForm(forms.Form):
    """`topic` has one choice that is no enquiry: it leads to a request for erasure. `declared`: the
    form as the policy has it; None where it has none."""

    name = forms.CharField(
        label=lazy("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=lazy("Telephone, if you like to be called"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel"}),
    )
    topic = forms.ChoiceField(
        label=lazy("What is it about?"),
        required=False,
        choices=[
            ("question", lazy("A question")),
            ("quote", lazy("An offer or a price")),
            ("support", lazy("Help with a service")),
            ("other", lazy("Something else")),
            ("erasure", lazy("Please delete my data")),
        ],
    )
    message = forms.CharField(
        label=lazy("Your message"), max_length=5000, widget=forms.Textarea({"rows": 6})
    )
    marketing = forms.BooleanField(
        label=lazy("You may also send me news now and then"), required=False
    )
    age = forms.IntegerField(
        label=lazy("How old are you?"), min_value=0, max_value=130, required=False
    )
    parent_consents = forms.BooleanField(
        label=lazy("I am a parent or guardian, and agree to this"), required=False
    )

    def __init__(self, data: QueryDict | None, declared: Form | None) -> None:
        super().__init__(data)
        self.declared = declared
        self.submission: Submission | None = None
        if declared is None or not declared.asks_age:
            del self.fields["age"], self.fields["parent_consents"]
        else:
            self.fields["age"].required = True
        for name in ("phone", "marketing"):
            if declared is not None and declared.field(name) is None:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        found = {name: self.data.get(name, "") for name in self.data if name not in OURS}
        if self.declared is not None:
            self._checked(self.declared, found)
        else:
            self._without_cards(found)
        if self.errors:
            self._typed_without_cards()
        told = self.cleaned_data
        return {each: told[each] for each in told if each not in ("age", "parent_consents")}

    def _checked(self, declared: Form, found: dict[str, str]) -> None:
        told = self.cleaned_data
        submission = Submission(
            declared.id, found, told.get("age"), parent_consents=bool(told.get("parent_consents"))
        )
        refusals = intake.gate(hub.workspace()).check(submission)
        if told.get("topic") == "erasure":  # a child may ask that its data goes
            refusals = [each for each in refusals if each.kind != "age"]
            self.errors.pop("age", None)
        self.submission = submission
        for each in refusals:
            self._refused(each.kind, each.field)
        for name in found:
            if declared.field(name) is not None and name not in STORED:
                self.add_error(None, _("This form has no place for what was sent with it."))
        if refusals:
            counts.refused(declared.id, [each.kind for each in refusals])

    def _refused(self, kind: str, name: str) -> None:
        field = name if name in self.fields else None
        if kind == "undeclared":
            self.add_error(None, _("This form takes only what it asks for."))
        elif kind == "card":
            self.add_error(field, _card())
        elif kind == "age" and "age" not in self.errors:
            limit = hub.workspace().policy.children_below
            words = _("Are you younger than %(years)d? Then a parent has to write for you.")
            self.add_error("age" if "age" in self.fields else None, words % {"years": limit or 0})
        elif kind == "missing" and field and field not in self.errors:
            self.add_error(field, _("Please fill this in."))
        elif kind in ("sensitive", "source"):
            self.add_error(field, _("This form cannot take that. Please write to us instead."))

    def _without_cards(self, found: dict[str, str]) -> None:
        for name, value in found.items():
            if cards.there(value):
                self.add_error(name if name in self.fields else None, _card())
                counts.refused(counts.ENQUIRY, ["card"])

    def _typed_without_cards(self) -> None:
        """What is shown again for correction holds no number any more."""
        shown = QueryDict(mutable=True)
        for name in self.data:
            shown[name] = cards.masked(self.data.get(name, ""))
        self.data = shown

    def count(self) -> None:
        """It was taken. What must never be true of it is looked at once more."""
        if self.declared is None or self.submission is None:
            counts.taken(counts.ENQUIRY)
            return
        workspace = hub.workspace()
        young = too_young(workspace.policy, self.submission, workspace.desk.book.today())
        counts.taken(self.declared.id, [counts.CHILDREN] if young else [])


def _card() -> str:
    return _(
        "There is a card number in it. Please take it out: we must not keep it. "
        "We took it off this page already."
    )
