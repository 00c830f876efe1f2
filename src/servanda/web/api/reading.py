"""What a program sends, read with limits: how much, how deep, and nothing no database takes.

The danger: a body that fills the memory or the stack. What guards it: its length is looked at
before it is read, and the reader of JSON has a depth of its own. Tests:
tests/web/api/test_limits.py.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

LARGEST = 1 << 20
DEEPEST = 20
_NUL = "\x00"


class Reader(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        found = orjson.loads(request.body)
        _sound(found)
        return found


def check_size(request: HttpRequest) -> None:
    """By what the caller says of it: no more than that is read."""
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    if not told.isdecimal() or int(told) > LARGEST:
        raise HttpError(413, f"A call holds {LARGEST >> 20} MB at most.")


def check_address(request: HttpRequest) -> None:
    """No database takes a text with a NUL."""
    named = request.resolver_match.kwargs.values() if request.resolver_match else ()
    asked = (each for values in request.GET.lists() for each in (values[0], *values[1]))
    if any(_NUL in str(each) for each in (*named, *asked)):
        raise HttpError(400, "The address holds a sign that no text has.")


def _sound(found: Any) -> None:
    """Level by level, without going deep ourselves. A ValueError is answered with 400."""
    level = [found]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += [*each, *each.values()]
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, str) and _NUL in each:
                raise ValueError("no text holds a NUL")
        level = inner
        if not level:
            return
    raise ValueError("too deep")
