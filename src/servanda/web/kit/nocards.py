"""No form of the console takes a card number, whatever it is for.

The danger: a page that is added later and forgets to look. What guards it: this looks at everything
that is sent to the console, before the page sees it. Public pages look themselves, so that what was
typed stays there. Tests: tests/web/test_no_cards.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from servanda.desk.intake.freetext import CardRefused, refuse_cards

_HERE = "/console/"
_OURS = ("csrfmiddlewaretoken",)


class no_cards:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or not request.path.startswith(_HERE):
            return None
        if not request.user.is_authenticated:
            return None  # nothing of it is taken
        try:
            for name, values in request.POST.lists():
                if name not in _OURS:
                    refuse_cards(_called(name), values)
        except CardRefused as error:
            back = request.headers.get("Referer") or reverse("console")
            told = {"error": error, "back": back}
            return render(request, "servanda/mistake.html", told, status=422)
        return None


def _called(name: str) -> str:
    """A field's name in the words of a page; what is none of ours is not repeated."""
    plain = name.replace("_", " ")
    return plain if plain.isascii() and plain.replace(" ", "").isalpha() else "a field"
