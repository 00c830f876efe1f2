"""The files of records (recordings, messages), copied into the package as they are.

Names inside are numbers: a file's own name may tell of somebody else. A file that repeats a field
which is hidden in its record stays out, and the package says how many did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from servanda.publish.package.archive import Archive
from servanda.publish.package.choice import Portion
from servanda.publish.package.hiding import hidden
from servanda.publish.package.names import ending
from servanda.publish.package.reading import asking
from servanda.stores.port import Contents, Held

_AT_ONCE = 4_096
_PIECE = 1 << 18
_PACKED = frozenset((".mp3", ".gz", ".zip", ".ogg", ".opus", ".gsm", ".jpg", ".png", ".pdf"))


@dataclass
class Copied:
    """`names`: of the members, by the record's number in the table. `kept_out`: how many files
    were not given because they tell of others."""

    names: list[str] = field(default_factory=list)
    kept_out: int = 0


def copy(archive: Archive, store: Contents, portion: Portion, name: str) -> Copied:
    """Every file of every record of the portion, in the order in which the store keeps them."""
    copied = Copied()
    keys = portion.ordered()
    while run := dict(islice(keys, _AT_ONCE)):
        where = asking(portion.named_by, run)
        for held in store.contents(portion.collection, where, portion.named_by):
            hide = run.get(held.values)
            if hide is None:
                continue
            if hidden(portion.collection, hide) & set(held.tells):
                copied.kept_out += 1
                continue
            suffix = ending(held.content.path)
            member = f"files/{name}/{len(copied.names) + 1:06d}{suffix}"
            archive.add(member, _pieces(held), packed=suffix in _PACKED)
            copied.names.append(member)
    return copied


def _pieces(held: Held) -> Iterator[bytes]:
    while piece := held.content.stream.read(_PIECE):
        yield piece
