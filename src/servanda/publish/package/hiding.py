"""Hidden means hidden wherever the same value can be read: fields that share a source go together.

A field hidden on its own is not enough where the mapping reads the same column a second time, as
a clock, as a part of a document, or as a part of a file's path.
"""

from __future__ import annotations

from collections.abc import Iterable

from servanda.stores.mapping import Collection, Column, FilePart, JsonPath, Source

_OF_THE_PATH = frozenset(("path", "name", "stem", "group"))


def hidden(collection: Collection, names: Iterable[str]) -> frozenset[str]:
    """The fields and events that may not be shown where `names` may not."""
    secret = [collection.field_named(name).source for name in names]
    if not secret:
        return frozenset()
    sources = [(each.name, each.source) for each in collection.fields]
    sources += [(each.event, each.source) for each in collection.clocks]
    found = {name for name, own in sources if any(_overlap(own, each) for each in secret)}
    return frozenset(found | set(names))


def _overlap(one: Source, other: Source) -> bool:
    match one, other:
        case JsonPath(), JsonPath():
            shorter = min(len(one.path), len(other.path))
            return one.column == other.column and one.path[:shorter] == other.path[:shorter]
        case (Column(name), JsonPath(column)) | (JsonPath(column), Column(name)):
            return name == column
        case FilePart(), FilePart():
            parts = {one.part, other.part}
            return one == other or (parts <= _OF_THE_PATH and parts != {"group"})
        case (Column(name), FilePart(part, key)) | (FilePart(part, key), Column(name)):
            # A bare name is, in a folder, a group of the path or a key of the sidecar.
            return name == key or (part in _OF_THE_PATH and part != "group")
        case _:
            return one == other
