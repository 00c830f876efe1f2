"""The board: one sentence of the whole, then each promise, broken first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString

from servanda.desk.roles import May, may
from servanda.runtime import boards, hub
from servanda.status.board import Board, Row
from servanda.web.kit.access import member_of, page
from servanda.web.kit.asked import day


@page(May.BOARD, otherwise="own")
def board(request: HttpRequest) -> HttpResponse:
    on = day(request.GET.get("on", ""))
    if request.GET.get("on") and on is None:
        messages.info(request, "That is no day, so this is the board of now.")
    end = _end_of(on)
    found = boards.latest(hub.workspace()) if end is None else boards.on(hub.workspace(), end)
    verdict = request.GET.get("verdict", "")
    section, text = request.GET.get("section", ""), request.GET.get("q", "").strip()[:100]
    rows = tuple(row for row in found.rows if _fits(row, verdict, section, text.casefold()))
    may_prove = may(member_of(request).role, May.EVIDENCE)
    return render(
        request,
        "console/board.html",
        {
            "board": found,
            "rows": rows,
            "drawn": (_drawn if on is None else _draw)(found, rows, may_prove),
            "counts": [(each, n) for each, n in found.counts.items()],
            "sections": _sections(found),
            "verdict_": verdict,
            "section": section,
            "q": text,
            "on": on,
            "today": datetime.now(hub.workspace().zone).date(),
            "narrowed": bool(verdict or section or text),
        },
    )


_kept: tuple[Board | None, dict[tuple[object, ...], SafeString]] = (None, {})
_MOST_KEPT = 50


def _drawn(found: Board, rows: tuple[Row, ...], may_prove: bool) -> SafeString:
    """The rows as HTML. The same board is drawn once for everybody who looks at it."""
    global _kept
    board, pieces = _kept
    if board is not found or len(pieces) > _MOST_KEPT:
        pieces = {}
        _kept = (found, pieces)
    key = (may_prove, *(row.id for row in rows))
    if key not in pieces:
        pieces[key] = _draw(found, rows, may_prove)
    return pieces[key]


def _draw(found: Board, rows: tuple[Row, ...], may_prove: bool) -> SafeString:
    told = {"board": found, "rows": rows, "may_prove": may_prove}
    return render_to_string("console/board_rows.html", told)


def _end_of(on: date | None) -> datetime | None:
    """The last moment of that day where the organisation is; None where it is not over."""
    if on is None:
        return None
    try:
        end = datetime.combine(on + timedelta(days=1), time(), hub.workspace().zone)
        end = end.astimezone(UTC) - timedelta(microseconds=1)
    except OverflowError:  # the first and the last day there are
        return None
    return end if end < datetime.now(UTC) else None


def _fits(row: Row, verdict: str, section: str, text: str) -> bool:
    if verdict and row.verdict.name.lower() != verdict:
        return False
    if section and row.section != section:
        return False
    return not text or text in f"{row.id} {row.says} {row.section}".casefold()


def _sections(found: Board) -> list[str]:
    return sorted({row.section for row in found.rows if row.section}, key=_natural)


def _natural(section: str) -> tuple[tuple[int, int, str], ...]:
    """4.2 before 4.10."""
    parts = section.split(".")
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


urls = [path("", board, name="console"), path("board/", board, name="board")]
