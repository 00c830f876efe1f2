"""Access log: who read what of people's data, for what purpose, and what was refused.

Nothing of the people who were read is in it, so an auditor may see all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path

from servanda.desk import access
from servanda.desk.roles import May
from servanda.state.models import Read
from servanda.web.kit.access import page
from servanda.web.kit.cells import line
from servanda.web.models import Member

_AT_ONCE = 50
_IN_A_FILE = 1_000
_COLUMNS = ("at", "by", "role", "purpose", "scope", "what", "refused", "ledger entry")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the filter says."""

    by: str
    scope: str
    refused: bool

    @classmethod
    def of(cls, request: HttpRequest) -> _Asked:
        told = request.GET
        scope = told.get("scope", "").strip()
        return cls(told.get("by", "")[:200], scope[:200], bool(told.get("refused")))

    def log(self, before: int | None, limit: int) -> list[Read]:
        return access.log(
            by=self.by, scope=self.scope, refused=self.refused, before=before, limit=limit
        )

    def query(self) -> str:
        told = {"by": self.by, "scope": self.scope, "refused": "1" if self.refused else ""}
        return urlencode({key: value for key, value in told.items() if value})


@page(May.ACCESS_LOG)
def access_log(request: HttpRequest) -> HttpResponse:
    asked = _Asked.of(request)
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 18 else None
    reads = asked.log(start, _AT_ONCE)
    told = {
        "rows": list(zip(reads, _names(reads), strict=True)),
        "asked": asked,
        "query": asked.query(),
        "older": reads[-1].pk if len(reads) == _AT_ONCE else None,
        "members": Member.objects.order_by("name")[:500],
    }
    return render(request, "console/access_log.html", told)


@page(May.ACCESS_LOG)
def download(request: HttpRequest) -> HttpResponse:
    """All of it that fits the filter, as CSV, members by number."""
    lines = _lines(_Asked.of(request))
    found = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return cast("HttpResponse", found)


def _names(reads: list[Read]) -> list[str]:
    """Who each was, in one question."""
    numbers = {word for each in reads if (word := each.by.removeprefix("member ")).isdecimal()}
    names = dict(Member.objects.filter(pk__in=numbers).values_list("pk", "name"))
    by = {f"member {number}": name for number, name in names.items()}
    return [by.get(each.by, each.by) for each in reads]


def _lines(asked: _Asked) -> Iterator[str]:
    yield line(_COLUMNS)
    before: int | None = None
    while reads := asked.log(before, _IN_A_FILE):
        for r in reads:
            at = r.at.isoformat(timespec="seconds")
            yield line((at, r.by, r.role, r.purpose, r.scope, r.what, r.refused, r.entry))
        before = reads[-1].pk


urls = [
    path("access-log/", access_log, name="access-log"),
    path("access-log.csv", download, name="access-log-csv"),
]
