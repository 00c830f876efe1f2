"""Which kinds of files a folder's collections cover.

A folder's shape lists kinds of files, with digits as `0` and anything else as `*`
(`0000/00/00/*.wav`); a path template covers the kinds its files can be of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from servanda.stores.mapping import Collection

_DATED = ("yyyy", "mm", "dd", "HH", "MM", "SS", "epoch")
_GROUP = re.compile(r"\{([^}]*)\}|\*")


def covered(kind: str, collections: Iterable[Collection]) -> bool:
    """Whether files of this kind may belong to one of the collections."""
    return any(
        re.fullmatch(_pattern(template), kind)
        for collection in collections
        for template in _templates(collection)
    )


def _templates(collection: Collection) -> list[str]:
    if collection.files is None:
        return []
    template = collection.files.template
    folder, slash, name = template.rpartition("/")
    stem = name.rpartition(".")[0] or name
    beside = [f"{folder}{slash}{stem}{ending}" for ending in collection.files.sidecars]
    return [template, *beside, *(b for b in [collection.files.rotated] if b)]


def _pattern(template: str) -> str:
    return "/".join(map(_part_pattern, template.split("/")))


def _part_pattern(part: str) -> str:
    """Kinds one name of the template can be of."""
    literal = _GROUP.sub("", part)
    dated_only = all(m[1] in _DATED for m in _GROUP.finditer(part))
    if dated_only and (not literal or literal.isdigit()):
        return "0+"
    ending = re.search(r"\.[A-Za-z][A-Za-z0-9]{0,5}$", part)
    if ending:
        return rf"\*{re.escape(ending[0])}"
    return r"\*" if literal else r"(?:\*(?:\.[A-Za-z][A-Za-z0-9]{0,5})?|0+)"
