"""What a page's HTML loads, and whether our banner stands before it. Nothing is run.

A page is somebody else's: it is read up to a size, and whatever it says stays data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_LOADS: Mapping[str, tuple[str, ...]] = {
    "script": ("src",),
    "iframe": ("src",),
    "frame": ("src",),
    "img": ("src", "srcset"),
    "embed": ("src",),
    "object": ("data",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "input": ("src",),
    "link": ("href",),
}
_LINKS = frozenset(("stylesheet", "preload", "modulepreload", "prefetch", "icon", "manifest"))
_RUNS = re.compile(r"(|module|(text|application)/(x-)?(java|ecma)script)", re.I)
_HOST = re.compile(r"//((?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})")
_MOST = 2_000  # things of a page


@dataclass(frozen=True, slots=True)
class Load:
    """One thing a page loads by itself. `tag`: the element's name."""

    tag: str
    host: str


@dataclass(slots=True)
class Read:
    """`banner`: our script is there; `first`: before every other script, and not later by `async`.
    `inline`: hosts that scripts in the page itself name."""

    loads: list[Load] = field(default_factory=list)
    inline: set[str] = field(default_factory=set)
    banner: bool = False
    first: bool = False


def read(html: str, url: str, ours: str) -> Read:
    """`ours`: the address of our server's banner script."""
    parser = _Parser(url, ours)
    parser.feed(html)
    parser.close()
    return parser.found


class _Parser(HTMLParser):
    def __init__(self, url: str, ours: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base, self.ours = url, ours
        self.found = Read()
        self._templates = 0
        self._inline = False
        self._scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._templates += 1
        elif tag == "base" and told.get("href"):
            with suppress(ValueError):  # no address: then browsers leave the base as it is
                self.base = urljoin(self.base, told["href"])
        elif tag == "script":
            self._script(told)
        elif tag in _LOADS and not self._templates:
            if tag == "link" and not _LINKS & set(told.get("rel", "").lower().split()):
                return
            for name in _LOADS[tag]:
                self._load(tag, told.get(name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates = max(0, self._templates - 1)
        elif tag == "script":
            self._inline = False

    def handle_data(self, data: str) -> None:
        if self._inline and len(self.found.inline) < _MOST:
            self.found.inline |= set(_HOST.findall(data.lower()))

    def _script(self, told: Mapping[str, str]) -> None:
        if self._templates or not _RUNS.fullmatch(told.get("type", "").strip()):
            return
        src = told.get("src", "")
        if src and self._absolute(src).partition("?")[0] == self.ours:
            self.found.banner = True
            self.found.first = not self._scripts and not {"async", "defer"} & set(told)
            return
        self._scripts += 1
        self._inline = not src
        if src:
            self._load("script", src)

    def _load(self, tag: str, address: str) -> None:
        for each in address.split(",") if " " in address else [address]:
            host = self._host(each.split()[0]) if each.strip() else ""
            if host and len(self.found.loads) < _MOST:
                self.found.loads.append(Load(tag, host))

    def _absolute(self, address: str) -> str:
        try:
            return urljoin(self.base, address.strip())
        except ValueError:
            return ""

    def _host(self, address: str) -> str:
        try:
            parts = urlsplit(self._absolute(address))
            return (parts.hostname or "").lower() if parts.scheme in ("http", "https") else ""
        except ValueError:
            return ""
