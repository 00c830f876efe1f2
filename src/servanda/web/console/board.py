"""The board: one sentence of the whole, then each promise, broken first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk.roles import May
from servanda.runtime import boards, hub
from servanda.web.kit.access import page


@page(May.BOARD)
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "console/board.html", {"board": boards.latest(hub.workspace())})


urls = [path("", board, name="console"), path("board/", board, name="board")]
