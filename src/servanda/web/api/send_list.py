"""Filter a list of addresses in one call: what comes back may be written to.

    POST /v1/send-list    {"list": ["jo@example.test"], "message": "newsletter", "channel": "email"}
    POST /v1/send-list?message=newsletter&channel=email&column=email     (text/csv)

A CSV comes back with its own columns, without the rows of those who may not be written to. With
`links=1` each row also gets the person's links: to unsubscribe, and to their preferences.

The danger: a list that comes back unfiltered because something went wrong. What guards it: nothing
is answered before every address was asked about, and any error is an error, not a list
(tests/web/api/test_send_list.py).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from servanda.desk.consents import counting, links
from servanda.desk.consents.asking import KINDS, answers
from servanda.desk.consents.gate import Answer, Question
from servanda.runtime import consents, hub
from servanda.web.api import bulk, may
from servanda.web.api.gatekeeping import said, with_token
from servanda.web.kit.access import public

_LINKS = ("unsubscribe", "preferences")


@public
@csrf_exempt
def send_list(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return may.not_allowed("POST")
    found = with_token(request, consents.gate(hub.workspace()), "")
    if isinstance(found, HttpResponse):
        return found
    if request.content_type == "text/csv":
        return _csv(request)
    told = bulk.body(request)
    if isinstance(told, HttpResponse):
        return told
    question = may.asked(told)
    if isinstance(question, HttpResponse):
        return question
    listed = bulk.listed(told.get("list"))
    kind = told.get("kind") or "email"
    if isinstance(listed, HttpResponse):
        return listed
    if kind not in KINDS:
        return said(422, "There is no such kind of address.", ", ".join(KINDS))
    question = _asked_with(question, told.get("links") is True)
    allowed, counts = _allowed(listed, kind, question)
    answer: dict[str, Any] = {"allowed": [listed[n] for n in allowed], **_told(counts)}
    if told.get("links") is True:
        answer["links"] = [
            dict(zip(_LINKS, each, strict=True))
            for each in _links(kind, answer["allowed"], question)
        ]
    return HttpResponse(orjson.dumps(answer), "application/json")


def _allowed(
    listed: Sequence[str], kind: str, question: Question
) -> tuple[list[int], Counter[Answer]]:
    """Places of those who may be written to, and how often each answer was given."""
    gate = consents.gate(hub.workspace())
    subjects = [f"{kind}:{each}" for each in listed]
    found = list(answers(gate.ask_all(subjects, question)))
    counts = Counter(found)
    for each, times in counts.items():
        counting.answered(each, times)
    return [n for n, each in enumerate(found) if each.may], counts


def _told(counts: Counter[Answer]) -> dict[str, Any]:
    return {"counts": bulk.counted(counts), "says": bulk.sentences(counts)}


def _links(kind: str, values: Sequence[str], question: Question) -> list[tuple[str, str]]:
    book = hub.workspace().desk.book
    gate = consents.gate(hub.workspace())
    marks = [gate.mark_of(f"{kind}:{value}") or "" for value in values]
    return [
        (links.unsubscribe(book, mark, question.channel), links.preferences(book, mark))
        for mark in marks
    ]


def _asked_with(question: Question, links_too: bool) -> Question:
    """The links end one channel, so that one is asked about: e-mail, where none was named."""
    return replace(question, channel=question.channel or "email") if links_too else question


def _csv(request: HttpRequest) -> HttpResponse:
    question = may.asked(request.GET)
    if isinstance(question, HttpResponse):
        return question
    raw = bulk.raw(request)
    if isinstance(raw, HttpResponse):
        return raw
    column, kind = request.GET.get("column", "email"), request.GET.get("kind", "email")
    if kind not in KINDS:
        return said(422, "There is no such kind of address.", ", ".join(KINDS))
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return said(400, "That is not a CSV in UTF-8.")
    rows = [row for row in rows if row]
    if not rows or column not in rows[0]:
        return said(422, "The first line names the columns; there is none of that name.", "column=")
    at, body = rows[0].index(column), rows[1:]
    if len(body) > bulk.MOST:
        return said(
            413, f"At most {bulk.MOST:,} people at once.", "send the rest with another call"
        )
    listed = [row[at] if at < len(row) else "" for row in body]
    question = _asked_with(question, request.GET.get("links") == "1")
    allowed, counts = _allowed(listed, kind, question)
    more: list[tuple[str, ...]] = [()] * len(allowed)
    if request.GET.get("links") == "1":
        more = list(_links(kind, [listed[n] for n in allowed], question))
    written = io.StringIO()  # the caller's own cells as they came: a program reads them
    writer = csv.writer(written)
    writer.writerow([*rows[0], *(_LINKS if request.GET.get("links") == "1" else ())])
    writer.writerows([*body[n], *extra] for n, extra in zip(allowed, more, strict=True))
    answer = HttpResponse(written.getvalue(), "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="send-list.csv"'
    answer.headers["Servanda-Counts"] = orjson.dumps(bulk.counted(counts)).decode()
    return answer
