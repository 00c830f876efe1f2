"""The public board: each promise that is shown to everybody, and whether it is kept.

The danger: what is inside a company told to everybody. What guards it: of a promise only its
words, its verdict and the age of its proof are shown, never a store, a control or a finding; ids
under `[web] hide_promises` are left out, of the counts as well. Tests:
tests/web/portal/test_reading.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from servanda.ledger import checkpoint as checkpoints
from servanda.runtime import boards, hub
from servanda.status.board import Board
from servanda.status.verdict import Verdict
from servanda.web.kit.access import public
from servanda.web.portal import words


@dataclass(frozen=True, slots=True)
class Line:
    """One promise, as everybody may see it."""

    id: str
    says: str
    section: str
    verdict: Verdict
    at: datetime | None
    due: datetime | None

    @property
    def word(self) -> str:
        return str(words.VERDICTS[self.verdict])

    @property
    def looks(self) -> str:
        return self.verdict.name.lower()


def lines(found: Board) -> list[Line]:
    hidden = set(hub.workspace().settings.web.hide_promises)
    return [
        Line(row.id, row.says, row.section, row.verdict, row.at, row.due)
        for row in found.rows
        if row.id not in hidden
    ]


@public
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    found = boards.latest(hub.workspace())
    shown = lines(found)
    counts = Counter(each.verdict for each in shown)
    context = {
        "lines": shown,
        "as_of": found.as_of,
        "counts": [
            (counts[v], words.VERDICTS[v], v.name.lower(), v.icon) for v in Verdict if counts[v]
        ],
        "checkpoint": _newest(),
    }
    return render(request, "portal/board.html", context)


@public
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """The same for programs; verdicts by their English names."""
    found = boards.latest(hub.workspace())
    shown = [
        {
            "id": each.id,
            "says": each.says,
            "section": each.section,
            "verdict": str(each.verdict),
            "proof_at": _iso(each.at),
            "next_due": _iso(each.due),
        }
        for each in lines(found)
    ]
    return JsonResponse(
        {"organisation": found.organisation, "as_of": _iso(found.as_of), "promises": shown}
    )


@public
@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The public key, by which everybody can check what we sign."""
    text = f"{hub.workspace().signer.vkey}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@public
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed root of our evidence. Keep it: nothing before it can be changed unseen."""
    text = _newest()
    status = 200 if text else 404
    return HttpResponse(
        text or "none yet\n", content_type="text/plain; charset=utf-8", status=status
    )


def _newest() -> str:
    found = checkpoints.newest()
    return found.note if found is not None else ""


def _iso(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat(timespec="seconds") if when else None


urls = [
    path("board/", board, name="portal-board"),
    path("board.json", data, name="portal-board-data"),
    path("key.txt", key, name="portal-key"),
    path("checkpoint.txt", checkpoint, name="portal-checkpoint"),
]
