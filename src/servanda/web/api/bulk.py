"""Lists of people that are sent to the gate: read with limits, and counted when they go back.

The danger: a list that fills the memory. What guards it: its length is looked at before it is
read, and no more than that is read. Tests: tests/web/api/test_may.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from servanda.desk.consents.gate import Answer
from servanda.web.api.gatekeeping import said

LARGEST = 24 << 20
MOST = 100_000
_SUBJECT_LONGEST = 400


def raw(request: HttpRequest) -> bytes | HttpResponse:
    """The body; more than Django would take of a form."""
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    if not told.isdecimal() or int(told) > LARGEST:
        return said(413, f"A list holds {LARGEST >> 20} MB at most.")
    return request.read(int(told))


def body(request: HttpRequest) -> dict[str, Any] | HttpResponse:
    """A JSON object."""
    found = raw(request)
    if isinstance(found, HttpResponse):
        return found
    try:
        told = orjson.loads(found)
    except orjson.JSONDecodeError:
        return said(400, "That is not JSON.")
    return told if isinstance(told, dict) else said(422, "Send an object.")


def listed(told: Any) -> list[str] | HttpResponse:
    """Subjects: `kind:value`."""
    if not isinstance(told, list) or not all(type(each) is str for each in told):
        return said(422, "subjects is a list of texts.", '["email:jo@example.test"]')
    if len(told) > MOST:
        return said(413, f"At most {MOST:,} people at once.", "send the rest with another call")
    if any(len(each) > _SUBJECT_LONGEST for each in told):
        return said(422, "No address is as long as that.")
    return told


def counted(counts: Mapping[Answer, int]) -> dict[str, Any]:
    """How many were asked about, how many may, and why the others may not."""
    yes = sum(n for each, n in counts.items() if each.may)
    no: Counter[str] = Counter()
    for each, n in counts.items():
        if not each.may:
            no[named(each)] += n
    return {"asked": sum(counts.values()), "yes": yes, "no": dict(no)}


def sentences(counts: Mapping[Answer, int]) -> dict[str, str]:
    """What each reason means."""
    return {named(each): each.says for each in counts}


def named(answer: Answer) -> str:
    """`consent withdrawn`, `objection`."""
    return f"{answer.reason} {answer.detail}".strip()
