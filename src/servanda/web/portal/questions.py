"""The questions of the request form, each a small Django form.

`saved` turns what was typed into answers. In which order they come: see `steps`.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.http import QueryDict
from django.utils.translation import gettext as _

from servanda.desk.portal import form as asked
from servanda.kernel.errors import UsageError
from servanda.runtime.workspace import Workspace
from servanda.web.portal import words

Answers = Mapping[str, Any]


class _Whole(DeclarativeFieldsMetaclass, ABCMeta):
    """Of forms that cannot be made before they say what they ask."""


class Question(forms.Form, metaclass=_Whole):
    """`workspace` and the answers so far decide what is asked."""

    def __init__(self, workspace: Workspace, answers: Answers, data: QueryDict | None) -> None:
        super().__init__(data, label_suffix="")
        self.workspace, self.answers = workspace, answers
        self.build()

    @abstractmethod
    def build(self) -> None:
        """Make the fields."""

    def saved(self) -> dict[str, Any]:
        """What to keep of a valid form."""
        return dict(self.cleaned_data)

    def choose(self, name: str, choices: Sequence[tuple[str, str]], label: str) -> None:
        self.fields[name] = forms.ChoiceField(
            choices=choices,
            widget=forms.RadioSelect,
            label=label,
            initial=self.answers.get(name),
            error_messages={"required": _("Please choose one.")},
        )


class Relation(Question):
    def build(self) -> None:
        ours = asked.relations(self.workspace.policy)
        special = {
            asked.PARENT: _("I ask for a child: I am a parent or guardian"),
            asked.ANOTHER: _("I ask for somebody else, who has authorised me"),
        }
        choices = [(e, special.get(e) or words.capital(words.term("subject", e))) for e in ours]
        self.choose("relation", choices, _("I am"))


class Right(Question):
    def build(self) -> None:
        book = self.workspace.desk.book
        found = asked.rights(book, book.today())
        self.choose("right", [(each, words.right_name(each)) for each in found], _("I want to"))


class Corrections(Question):
    def build(self) -> None:
        before = dict(self.answers.get("corrections", ()))
        for each in asked.corrections(self.workspace.policy):
            self.fields[each] = forms.CharField(
                required=False,
                max_length=300,
                label=words.capital(words.term("data", each)),
                initial=before.get(each),
            )

    def clean(self) -> dict[str, Any]:
        found = {name: value for name, value in self.cleaned_data.items() if value}
        if not found and not self.errors:
            raise forms.ValidationError(_("Write the right value of at least one of these."))
        if any(asked.card_refused(each) for each in found.values()):
            raise forms.ValidationError(_card())
        return found

    def saved(self) -> dict[str, Any]:
        return {"corrections": [list(pair) for pair in self.cleaned_data.items()]}


class Purpose(Question):
    def build(self) -> None:
        found = asked.purposes(self.workspace.policy, self.answers["right"])
        choices = [(each, words.capital(words.term("purpose", each))) for each in found]
        self.choose("purpose", [*choices, ("all", _("All of these"))], _("The use"))

    def saved(self) -> dict[str, Any]:
        chosen = self.cleaned_data["purpose"]
        return {"purpose": "" if chosen == "all" else chosen}


class Who(Question):
    """The least by which somebody can be found. A mailbox or a telephone is needed, to answer."""

    def build(self) -> None:
        known = dict(self.answers.get("identities", ()))
        held = [
            kind for c in self.workspace.configs for e in c.collections for kind, _n in e.identify
        ]
        for kind in asked.kinds(held):
            self.fields[kind] = forms.CharField(
                required=False, max_length=320, label=_label(kind), initial=known.get(kind)
            )
            if kind == "email":
                self.fields[kind].widget = forms.EmailInput(attrs={"autocomplete": "email"})
            elif kind == "phone":
                self.fields[kind].widget = forms.TextInput(
                    attrs={"autocomplete": "tel", "type": "tel"}
                )

    def clean(self) -> dict[str, Any]:
        book = self.workspace.desk.book
        found: dict[str, Any] = {}
        for kind, value in self.cleaned_data.items():
            if not value:
                continue
            try:
                found[kind] = asked.normal(book, kind, value)
            except UsageError:
                self.add_error(kind, _("This cannot be right. Please look at it again."))
            if kind not in ("email", "phone") and asked.card_refused(value):
                self.add_error(kind, _card())
        acts = self.answers["relation"] in (asked.ANOTHER, asked.PARENT)
        reach = found if acts else {"email", "phone"} & found.keys()
        if not reach and not self.errors:
            raise forms.ValidationError(
                _("Give one of these, please: we cannot find anybody by nothing.")
                if acts
                else _("Give an e-mail address or a telephone number, so that we can answer you.")
            )
        return found

    def saved(self) -> dict[str, Any]:
        return {"identities": [list(pair) for pair in self.cleaned_data.items()]}


class Own(Question):
    """Of somebody who acts for another: where we write to."""

    def build(self) -> None:
        self.fields["agent"] = forms.EmailField(
            label=_("Your own e-mail address"),
            max_length=254,
            initial=self.answers.get("agent"),
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        )

    def clean_agent(self) -> str:
        try:
            return asked.normal(self.workspace.desk.book, "email", self.cleaned_data["agent"])
        except UsageError:
            raise forms.ValidationError(
                _("This cannot be right. Please look at it again.")
            ) from None


class Place(Question):
    def build(self) -> None:
        found = asked.places(self.workspace.policy)
        named = [(code, words.country(code)) for code, _name in found]
        first = len([e for e in self.workspace.policy.jurisdictions if e not in ("EU", "EEA")])
        rest = sorted(named[first:], key=lambda each: each[1])
        self.fields["place"] = forms.ChoiceField(
            choices=[("", _("Somewhere else, or I would rather not say")), *named[:first], *rest],
            required=False,
            label=_("Country or region"),
            initial=self.answers.get("place", ""),
        )


class Age(Question):
    """Asked only where the law makes a difference; never a date of birth, which says more."""

    def build(self) -> None:
        years = age_limit(self.workspace, self.answers)
        yes_no = [("no", _("No")), ("yes", _("Yes"))]
        if self.answers["relation"] == asked.PARENT:
            label = _("Did you, or another parent, agree that we use this data?")
        else:
            label = _("Are you younger than %(years)d?") % {"years": years}
            if self.answers["relation"] == asked.ANOTHER:
                label = _("Is that person younger than %(years)d?") % {"years": years}
        self.choose("young", yes_no, label)

    def saved(self) -> dict[str, Any]:
        yes = self.cleaned_data["young"] == "yes"
        years = age_limit(self.workspace, self.answers)
        if self.answers["relation"] == asked.PARENT:
            return {"young": self.cleaned_data["young"], "age": years - 1, "consents": yes}
        return {"young": self.cleaned_data["young"], "age": years - 1 if yes else None}


class Text(Question):
    def build(self) -> None:
        self.fields["text"] = forms.CharField(
            required=self.answers["right"] == "complaint",
            max_length=asked.LONGEST_TEXT,
            widget=forms.Textarea(attrs={"rows": 7}),
            label=_("In your own words"),
            initial=self.answers.get("text", ""),
            help_text=_(
                "At most 2,000 characters. Please do not write card numbers, passwords, or "
                "anything about your health: we do not need them."
            ),
        )

    def clean_text(self) -> str:
        return clean_words(self.cleaned_data["text"])


def acts(answers: Answers) -> bool:
    return answers.get("relation") in (asked.ANOTHER, asked.PARENT)


def age_limit(workspace: Workspace, answers: Answers) -> int:
    book = workspace.desk.book
    return asked.child_age(book, answers.get("place") or None, book.today(datetime.now(UTC)))


def clean_words(text: str) -> str:
    """Refuses a text with a card number before anything of it is kept."""
    if asked.card_refused(text):
        raise forms.ValidationError(_card())
    return text.strip()


def _card() -> str:
    return _("There is a card number in it. Please take it out: we must not keep it.")


def _label(kind: str) -> str:
    named = {"email": _("E-mail address"), "phone": _("Telephone number")}
    number = _("Your %(what)s, if you know it") % {"what": kind.replace("_", " ").replace("-", " ")}
    return named.get(kind, number)
