"""The use gate: may this person's data be used for this purpose, on this channel?

    GET  /v1/may?subject=email:jo@example.test&purpose=marketing&channel=email
    POST /v1/may          {"subjects": [...], "purpose": ..., "channel": ...}

Plain views, not calls of the API's framework: they are asked for every mail that goes out. They
stand in the API's description all the same (`web.api.may_described`).

The danger: an answer that is yes when somebody said no a moment ago. What guards it: see
`desk.consents.asking`; tests here withdraw and ask again. Answers hold nothing about people but
yes, no and why, and are counted by reason only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from servanda.desk.consents import counting
from servanda.desk.consents.asking import UNKNOWN, Gate
from servanda.desk.consents.gate import Answer, Question
from servanda.runtime import consents, hub
from servanda.web.api import bulk
from servanda.web.api.gatekeeping import said, with_token
from servanda.web.kit.access import public

_JSON = "application/json"
_NO_MARK = ""
_LONGEST = 2000


@public
@csrf_exempt
def may(request: HttpRequest) -> HttpResponseBase:
    """About one with GET, about many with POST."""
    if request.method in ("GET", "HEAD"):
        return one(request)
    if request.method == "POST":
        return _many(request)
    return not_allowed("GET, POST")


def not_allowed(allowed: str) -> HttpResponse:
    answer = said(405, "This address is not called like that.")
    answer.headers["Allow"] = allowed
    return answer


def one(request: HttpRequest) -> HttpResponse:
    told = dict(parse_qsl(request.META.get("QUERY_STRING", "")[:_LONGEST]))
    gate = consents.gate(hub.workspace())
    subject = told.get("subject", "")
    mark = gate.mark_of(subject)
    found = with_token(request, gate, mark or _NO_MARK)
    if isinstance(found, HttpResponse):
        return found
    question = asked(told)
    if isinstance(question, HttpResponse):
        return question
    if not subject:
        return said(422, "Whom is it about?", "subject=email:jo@example.test")
    answer = UNKNOWN if mark is None else gate.decide(question, mark, found)
    counting.answered(answer)
    return HttpResponse(_written(answer), _JSON)


@lru_cache(maxsize=1000)
def _written(answer: Answer) -> bytes:
    return orjson.dumps(shown(answer))


def asked(told: Any) -> Question | HttpResponse:
    """The question in an address or a body."""
    parts = [told.get(name) or "" for name in ("purpose", "channel", "message")]
    if not all(isinstance(each, str) and len(each) <= 100 for each in parts):
        return said(422, "Purpose, channel and message are words of the policy.")
    purpose, channel, message = parts
    if not purpose and not message:
        return said(422, "What for?", "name a purpose of the policy, or a kind of message")
    asking = told.get("asking") in ("1", "true", True)
    return Question(purpose, channel, message, asking)


def shown(answer: Answer) -> dict[str, Any]:
    return {
        "may": answer.may,
        "reason": answer.reason,
        "detail": answer.detail or None,
        "says": answer.says,
    }


def _many(request: HttpRequest) -> HttpResponseBase:
    gate = consents.gate(hub.workspace())
    found = with_token(request, gate, _NO_MARK)
    if isinstance(found, HttpResponse):
        return found
    told = bulk.body(request)
    if isinstance(told, HttpResponse):
        return told
    question = asked(told)
    if isinstance(question, HttpResponse):
        return question
    subjects = bulk.listed(told.get("subjects"))
    if isinstance(subjects, HttpResponse):
        return subjects
    return StreamingHttpResponse(_streamed(gate, subjects, question), content_type=_JSON)


def _streamed(gate: Gate, subjects: Sequence[str], question: Question) -> Iterator[bytes]:
    """`{"answers": [...], "counts": {...}, "says": {...}}`, some thousands of answers at a time."""
    counts: Counter[Answer] = Counter()
    yield b'{"answers":['
    start = 0
    for answers in gate.ask_all(subjects, question):
        part = subjects[start : start + len(answers)]
        lines = [
            {"subject": s, "may": a.may, "reason": a.reason, "detail": a.detail or None}
            for s, a in zip(part, answers, strict=True)
        ]
        yield (b"," if start else b"") + orjson.dumps(lines)[1:-1]
        counts.update(answers)
        start += len(answers)
    for answer, times in counts.items():
        counting.answered(answer, times)
    yield b'],"counts":' + orjson.dumps(bulk.counted(counts))
    yield b',"says":' + orjson.dumps(bulk.sentences(counts)) + b"}"
