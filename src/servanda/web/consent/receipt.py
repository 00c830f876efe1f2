"""The receipt of one record: to read, and as a signed file to keep.

Its address is a random number of 128 bits that only the person was told. It shows what was said,
and not by whom.
"""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from servanda.desk.consents import history
from servanda.runtime import consents, hub
from servanda.web.consent import words
from servanda.web.kit.access import public

_ID = re.compile(r"[0-9a-f]{32}")


def _there(id_: str) -> history.Kept:
    kept = history.one(id_) if _ID.fullmatch(id_) else None
    if kept is None:
        raise Http404
    return kept


@public
@require_safe
def receipt(request: HttpRequest, id: str) -> HttpResponse:
    kept = _there(id)
    later = [(each, words.said(each.states)) for each in history.after(kept)]
    told = {
        "kept": kept,
        "said": words.said(kept.states),
        "how": words.HOW[kept.data["how"]],
        "later": later,
    }
    return render(request, "consent/receipt.html", told)


@public
@require_safe
def file(request: HttpRequest, id: str) -> HttpResponse:
    kept = _there(id)
    answer = HttpResponse(consents.receipt(hub.workspace(), kept), "application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="consent-{kept.id[:12]}.json"'
    return answer


urls = [
    path("receipt/<str:id>", receipt, name="consent-receipt"),
    path("receipt/<str:id>/file", file, name="consent-receipt-file"),
]
