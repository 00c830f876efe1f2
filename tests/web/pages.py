"""Every address of the faces, found by walking the resolver: nothing can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.converters import (
    IntConverter,
    PathConverter,
    SlugConverter,
    StringConverter,
    UUIDConverter,
)
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

from servanda.web.api import door

_SAMPLES = {
    IntConverter: "1",
    SlugConverter: "some-thing",
    UUIDConverter: "075194d3-6885-417e-a8a8-6c931e272f00",
    PathConverter: "some/thing",
    StringConverter: "1",
}


@dataclass(frozen=True, slots=True)
class Address:
    route: str
    path: str
    view: Callable[..., Any]
    name: str = ""

    @property
    def ours(self) -> bool:
        return self.view.__module__.startswith("servanda.")


def addresses() -> list[Address]:
    """Each with a path that leads to it; parts of the path are of things that are not there."""
    pages = [each for each in _walk(get_resolver(), "", "") if each.view is not door.call]
    return [*pages, *_walk(get_resolver(door.CALLS), "v1/", "v1/")]


def _walk(resolver: URLResolver, route: str, path: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        pattern = each.pattern
        assert isinstance(pattern, RoutePattern) or str(pattern) == "" or _regex(pattern), each
        longer = route + str(pattern)
        filled = path + _filled(pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, longer, filled)
        elif isinstance(each, URLPattern):
            assert each.callback is not None
            yield Address(longer, f"/{filled}", each.callback, each.name or "")


def _regex(pattern: Any) -> bool:
    return str(pattern).startswith("^")


def _filled(pattern: Any) -> str:
    text = str(pattern)
    for name, converter in pattern.converters.items():
        sample = next(s for kind, s in _SAMPLES.items() if isinstance(converter, kind))
        text = re.sub(rf"<(\w+:)?{name}>", sample, text)
    # django-allauth has a few regular expressions; none has a group within a group.
    return re.sub(r"\(\?P<\w+>[^)]*\)", "a-key", text).strip("^$")
