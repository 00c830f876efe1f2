"""The questions of the request form, one a page, and in which order they come.

Each is a small Django form; `saved` turns what was typed into answers. What a question depends on
comes before it, so a changed answer never leaves a later one that does not fit: see `reached`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from servanda.desk.portal import form as asked
from servanda.kernel.errors import UsageError
from servanda.runtime.workspace import Workspace
from servanda.web.portal import words

Answers = Mapping[str, Any]


class Question(forms.Form):
    """`workspace` and the answers so far decide what is asked."""

    def __init__(self, workspace: Workspace, answers: Answers, data: QueryDict | None) -> None:
        super().__init__(data, label_suffix="")
        self.workspace, self.answers = workspace, answers
        self.build()

    def build(self) -> None:
        raise NotImplementedError

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


@dataclass(frozen=True, slots=True)
class Step:
    """`needed`: whether it is asked at all, by the answers before it. `key`: what it answers.
    `of_another`: the title where somebody acts for another."""

    name: str
    title: str | Promise
    hint: str | Promise
    form: type[Question]
    key: str
    needed: Callable[[Workspace, Answers], bool] = lambda _w, _a: True
    of_another: str | Promise = ""

    def called(self, answers: Answers) -> str:
        return str(self.of_another if self.of_another and acts(answers) else self.title)


def acts(answers: Answers) -> bool:
    return answers.get("relation") in (asked.ANOTHER, asked.PARENT)


def age_limit(workspace: Workspace, answers: Answers) -> int:
    book = workspace.desk.book
    return asked.child_age(book, answers.get("place") or None, book.today(datetime.now(UTC)))


STEPS: tuple[Step, ...] = (
    Step("relation", lazy("Who are you to us?"), "", Relation, "relation"),
    Step("right", lazy("What would you like?"), "", Right, "right"),
    Step(
        "corrections",
        lazy("What should it say?"),
        lazy("Write only what is wrong with us; leave the others empty."),
        Corrections,
        "corrections",
        lambda _w, a: a.get("right") == "rectification",
    ),
    Step(
        "purpose",
        lazy("Which use is it about?"),
        "",
        Purpose,
        "purpose",
        lambda _w, a: a.get("right") in ("object", "withdraw"),
    ),
    Step(
        "who",
        lazy("How do we find the data?"),
        lazy("One of these is enough. We ask for no more than we need, and for no documents."),
        Who,
        "identities",
    ),
    Step(
        "own",
        lazy("Where do we write to you?"),
        lazy("We answer you here, once we have seen that you may act."),
        Own,
        "agent",
        lambda _w, a: acts(a),
    ),
    Step(
        "place",
        lazy("Where do you live?"),
        lazy("The law there sets how soon we must answer. If you do not say, the shortest counts."),
        Place,
        "place",
        of_another=lazy("Where does the person live?"),
    ),
    Step(
        "age",
        lazy("One question about age"),
        lazy("For children the law asks for a parent's consent. Without it, we delete."),
        Age,
        "young",
        lambda w, a: age_limit(w, a) > 0,
    ),
    Step("text", lazy("Is there anything to add?"), lazy("You need not."), Text, "text"),
)


def wanted(workspace: Workspace, answers: Answers) -> list[Step]:
    return [step for step in STEPS if step.needed(workspace, answers)]


def reached(workspace: Workspace, answers: Answers) -> Step | None:
    """The first question without an answer; None where all are answered."""
    return next((e for e in wanted(workspace, answers) if e.key not in answers), None)


def contact(answers: Answers) -> str:
    """The mailbox a code goes to; blank where there is none and we have to call."""
    if acts(answers):
        return str(answers.get("agent", ""))
    return str(dict(answers.get("identities", ())).get("email", ""))


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
