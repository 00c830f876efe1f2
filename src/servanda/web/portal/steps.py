"""In which order the questions of the request form come, one a page.

What a question depends on comes before it, so a changed answer never leaves a later one that does
not fit: see `reached`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from servanda.runtime.workspace import Workspace
from servanda.web.portal.questions import (
    Age,
    Answers,
    Corrections,
    Own,
    Place,
    Purpose,
    Question,
    Relation,
    Right,
    Text,
    Who,
    acts,
    age_limit,
)


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
