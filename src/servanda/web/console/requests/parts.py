"""What the pages of a request share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from servanda.desk.requests import RequestView
from servanda.kernel.errors import ServandaError, UsageError
from servanda.runtime import hub
from servanda.runtime.requests import IN_STORES
from servanda.web.models import Member

ERASES = ("erasure", "withdraw", "object")
"""Rights by which records go, so that their pages tell of what goes and what stays."""
Pairs = list[tuple[str, str]]


def found(ref: int) -> RequestView:
    """The request, or the page that says there is none."""
    try:
        return hub.workspace().desk.get(str(ref))
    except UsageError:
        raise Http404 from None


def frame(view: RequestView, here: str) -> dict[str, Any]:
    """What the head of each page of a request shows."""
    return {
        "view": view,
        "ref": view.ref,
        "here": here,
        "in_stores": view.right in IN_STORES,
        "erases": view.right in ERASES,
        "gives": view.right in ("access", "portability"),
    }


def names(bys: Iterable[str]) -> dict[str, str]:
    """The names behind `member 7`, all with one question."""
    numbers = {int(by[7:]) for by in bys if by.startswith("member ") and by[7:].isdigit()}
    known = dict(Member.objects.filter(pk__in=numbers).values_list("pk", "name"))
    return {f"member {number}": known.get(number, f"member {number} (gone)") for number in numbers}


def told(deed: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a deed of one request refuses is said on the request's page."""

    @wraps(deed)
    def wrapped(request: HttpRequest, ref: int, *args: Any, **named: Any) -> HttpResponse:
        try:
            return deed(request, ref, *args, **named)
        except ServandaError as error:
            messages.error(request, said(error))
            return redirect("request", ref=ref)

    return wrapped


def said(error: ServandaError) -> str:
    """In words for a page: remedies that name a command are for the command line."""
    remedy = "" if "servanda " in error.remedy or "--" in error.remedy else error.remedy
    return f"{error.what}; {remedy}" if remedy else error.what


def day(text: str) -> date | None:
    """UsageError for what is no date."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("that is no date", "write it as 2026-03-01") from None


def lines(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.splitlines() if each.strip())


def pairs(text: str) -> Pairs:
    """`name = value`, one a line. UsageError for a line that is not so."""
    found = []
    for line in lines(text):
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError("each line is written as  field = value", "one a line")
        found.append((name.strip(), value.strip()))
    return found
