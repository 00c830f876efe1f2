"""BODYSTRUCTURE: which parts of a message are text, and what its attachments are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from servanda.connectors.imap.text import file_name
from servanda.connectors.imap.wire import Item

_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the tree. `number`: as FETCH names it, `1.2`."""

    number: str
    kind: str  # text/plain
    charset: str | None
    encoding: str
    name: str | None

    @property
    def is_text(self) -> bool:
        return self.kind.startswith("text/")


def leaves(item: Item, number: str = "", depth: int = 0) -> Iterator[Part]:
    """Parts in order; what is attached as a message is looked into."""
    if not isinstance(item, list) or not item or depth > _DEEPEST:
        return
    if isinstance(item[0], list):
        for place, each in enumerate(takewhile(_is_list, item), 1):
            yield from leaves(each, f"{number}.{place}" if number else str(place), depth + 1)
        return
    number = number or "1"
    kind = f"{_text(item, 0)}/{_text(item, 1)}".lower()
    params = {**_params(_at(item, 2)), **_disposition(item)}
    yield Part(
        number, kind, params.get("charset"), _text(item, 5).lower().strip(), file_name(params)
    )
    if kind == "message/rfc822" and isinstance(_at(item, 8), list) and item[8]:
        inside = item[8]
        nested = number if isinstance(inside[0], list) else f"{number}.1"
        yield from leaves(inside, nested, depth + 1)


def _is_list(item: Item) -> bool:
    return isinstance(item, list)


def _at(item: list[Item], place: int) -> Item:
    return item[place] if place < len(item) else None


def _text(item: list[Item], place: int) -> str:
    value = _at(item, place)
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else ""


def _params(item: Item) -> dict[str, str]:
    if not isinstance(item, list):
        return {}
    texts = [each.decode("utf-8", "surrogateescape") for each in item if isinstance(each, bytes)]
    return {name.lower(): value for name, value in zip(texts[::2], texts[1::2], strict=False)}


def _disposition(item: list[Item]) -> dict[str, str]:
    """Of `("attachment" ("filename" "x.pdf"))`, wherever among the extensions it stands."""
    for each in item[7:]:
        match each:
            case [bytes(), list(params)]:
                return _params(params)
    return {}
