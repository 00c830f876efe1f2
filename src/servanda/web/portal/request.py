"""Make a request: one question a page, then a code, then a last look, then a number and a day.

The danger: a request in another's name, a mailbox flooded, or an answer that tells a stranger
whether somebody is known here. What guards it: nothing is looked up in any store; the request
opens after the code, or unverified where there is only a telephone; what is answered is the same
for everybody. Tests: tests/web/portal/test_request.py.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from servanda.desk.portal import codes, drafts, opening
from servanda.kernel.errors import UsageError
from servanda.runtime import hub
from servanda.web.kit.access import public
from servanda.web.portal import letters, mailcode, questions, steps, words
from servanda.web.portal.visit import Visit, caller, visit_of, visited


@public
@require_http_methods(["GET", "POST"])
@visited
def begin(request: HttpRequest) -> HttpResponse:
    """What will be asked, and to begin, or to begin anew."""
    visit = visit_of(request)
    if request.method == "POST":
        visit.renew()
        visit.put("answers", {})
        return redirect("portal-step", steps.STEPS[0].name)
    return render(request, "portal/begin.html", {"goes_on": _reached(visit)})


@public
@require_http_methods(["GET", "POST"])
@visited
def step(request: HttpRequest, name: str) -> HttpResponse:
    visit, workspace = visit_of(request), hub.workspace()
    if "answers" not in visit.data:
        return redirect("portal-request")
    answers: dict[str, Any] = visit.data["answers"]
    asked = steps.wanted(workspace, answers)
    at = next((n for n, each in enumerate(asked) if each.name == name), None)
    if at is None or any(each.key not in answers for each in asked[:at]):
        return redirect(_reached(visit))
    form = asked[at].form(workspace, answers, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect(_saved(visit, asked[at], form.saved()))
    context = {
        "form": form,
        "title": asked[at].called(answers),
        "hint": asked[at].hint,
        "back": reverse("portal-step", args=[asked[at - 1].name])
        if at
        else reverse("portal-request"),
        "at": at + 1,
        "of": len(asked) + 2,
        "rights": words.RIGHTS if name == "right" else None,
    }
    return render(request, "portal/step.html", context, status=400 if form.errors else 200)


@public
@require_http_methods(["GET", "POST"])
@visited
def verify(request: HttpRequest) -> HttpResponse:
    """A code to the mailbox; whoever has none is called back."""
    visit = visit_of(request)
    answers = _answered(visit)
    if answers is None:
        return redirect(_reached(visit))
    to, back = steps.contact(answers), reverse("portal-step", args=["text"])
    if not to or visit.data.get("confirmed") == to:
        return redirect("portal-review")
    about = f"draft:{drafts.name(visit.secret)[:40]}"
    if request.method == "POST" and "code" in request.POST:
        problem = mailcode.entered(request, about, to)
        if problem:
            return mailcode.page(request, problem=problem, back=back, to=to)
        visit.put("confirmed", to)
        return redirect("portal-review")
    if request.method == "POST":
        problem = mailcode.mail(request, about, to)
        visit.put("mailed", to)
        return mailcode.page(request, problem=problem, back=back, to=to)
    sent = visit.data.get("mailed") == to
    return mailcode.page(request, sent=sent, back=back, to=to)


@public
@require_http_methods(["GET", "POST"])
@visited
def review(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    answers = _answered(visit)
    if answers is None:
        return redirect(_reached(visit))
    to = steps.contact(answers)
    if to and visit.data.get("confirmed") != to:
        return redirect("portal-verify")
    if not visit.data.get("seen"):
        visit.put("seen", True)  # from here on a changed answer leads back here
    problem = ""
    if request.method == "POST":
        try:
            return _open(request, visit, answers, to)
        except codes.TooMany:
            problem = _("There are too many requests from here. Please come back in an hour.")
        except UsageError as error:
            problem = str(error)
    context = {
        "lines": _lines(answers),
        "to": to,
        "problem": problem,
        "acts": questions.acts(answers),
    }
    return render(request, "portal/review.html", context, status=400 if problem else 200)


def _open(request: HttpRequest, visit: Visit, answers: dict[str, Any], to: str) -> HttpResponse:
    workspace = hub.workspace()
    if not to:
        number = dict(answers["identities"])["phone"]
        codes.noted(workspace.desk.book, number, caller(request))
    opened = opening.open_(
        workspace.desk,
        visit.secret,
        answers,
        confirmed=to,
        language=get_language() or "en",
        letter=letters.received,
    )
    visit.ended = True
    return redirect(f"{reverse('portal-follow', args=[opened.secret])}?new")


def _reached(visit: Visit) -> str:
    """Where to go on."""
    answers = visit.data.get("answers")
    if answers is None:
        return reverse("portal-request")
    missing = steps.reached(hub.workspace(), answers)
    if missing is not None:
        return reverse("portal-step", args=[missing.name])
    return reverse("portal-verify")


def _saved(visit: Visit, at: steps.Step, said: dict[str, Any]) -> str:
    """Keep an answer, and where to go on: to the next question, or back to the last look."""
    workspace, before = hub.workspace(), visit.data["answers"]
    gone = {"right": ("corrections", "purpose"), "relation": ("young",), "place": ("young",)}
    changed = any(before.get(name) != value for name, value in said.items())
    dropped = gone.get(at.name, ()) if changed else ()
    answers = {name: value for name, value in before.items() if name not in dropped} | said
    visit.put("answers", _fitting(workspace, answers))
    order = steps.wanted(workspace, answers)
    later = order[[each.name for each in order].index(at.name) + 1 :]
    if later and not visit.data.get("seen"):
        return reverse("portal-step", args=[later[0].name])
    return _reached(visit)


def _answered(visit: Visit) -> dict[str, Any] | None:
    """All answers, or None where one is missing."""
    answers: dict[str, Any] | None = visit.data.get("answers")
    if answers is None or steps.reached(hub.workspace(), answers) is not None:
        return None
    return answers


def _fitting(workspace: Any, answers: dict[str, Any]) -> dict[str, Any]:
    """Without answers to questions that are not asked any more."""
    keys = {each.key for each in steps.wanted(workspace, answers)}
    gone = {each.key for each in steps.STEPS} - keys
    if "young" not in answers or "young" in gone:
        gone |= {"age", "consents"}
    return {name: value for name, value in answers.items() if name not in gone}


def _lines(answers: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, answer, where it is changed), for the last look."""
    found = []
    for each in steps.wanted(hub.workspace(), answers):
        form = each.form(hub.workspace(), answers, None)
        said = "; ".join(_said(form, name, answers) for name in form.fields)
        said = "; ".join(part for part in said.split("; ") if part)
        found.append((each.called(answers), said or _("nothing"), each.name))
    return found


def _said(form: questions.Question, name: str, answers: dict[str, Any]) -> str:
    value = form.fields[name].initial
    choices = getattr(form.fields[name], "choices", None)
    if name == "purpose" and value == "":
        value = "all"
    if choices is not None:
        return str(dict(choices).get(value, ""))
    if value and name not in ("text", "agent"):
        return f"{form.fields[name].label}: {value}"
    return str(value or "")


urls = [
    path("request/", begin, name="portal-request"),
    path("request/verify/", verify, name="portal-verify"),
    path("request/review/", review, name="portal-review"),
    path("request/<slug:name>/", step, name="portal-step"),
]
