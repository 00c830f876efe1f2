"""Who owns what, between collections: every link as one edge, and what no person can be led to.

Both spellings of a link (`owned_by` here, `owns` there) give the same edge, so nothing that follows
ownership needs to know which side declared it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from servanda.stores.link import Link
from servanda.stores.mapping import Collection


@dataclass(frozen=True, slots=True, order=True)
class Tie:
    """From the owner's (or accessor's) collection, `upper`, to the one owned (or accessed).

    A record of `lower` is owned by every record of `upper` whose `ours` equal its `theirs`; blank
    values join nothing. `hide`, `redact`, `goes`: see `stores.link.Link`.
    """

    upper: str
    lower: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    owns: bool = True
    hide: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    goes: bool = False

    @property
    def verb(self) -> str:
        return "owns" if self.owns else "accesses"


def ties(collections: Iterable[Collection]) -> tuple[Tie, ...]:
    """Every edge between mapped collections, once, in a fixed order."""
    known = {each.id: each for each in collections}
    found = sorted(
        _tie(each, link)
        for each in known.values()
        for link in each.links
        if link.to in known and link.match
    )
    return tuple(_joined(list(same)) for _, same in groupby(found, key=_what))


def unreached(collections: Sequence[Collection]) -> list[Collection]:
    """Collections with personal fields that neither identify a person nor hang on one that does.
    What is `unlinked`, with a reason, is not among them."""
    reached = reachable(collections)
    return [
        each
        for each in collections
        if each.personal and each.id not in reached and each.unlinked is None
    ]


def reachable(collections: Sequence[Collection]) -> set[str]:
    """Collections that a person can be led to: the roots, and everything below them."""
    below: dict[str, list[str]] = {}
    for tie in ties(collections):
        below.setdefault(tie.upper, []).append(tie.lower)
    todo = [each.id for each in collections if each.identify]
    found = set(todo)
    while todo:
        for lower in below.get(todo.pop(), ()):
            if lower not in found:
                found.add(lower)
                todo.append(lower)
    return found


def by_key(tie: Tie, upper: Collection) -> bool:
    """Whether the tie names the owner by its whole key, so that a value has one owner at most."""
    return bool(upper.key) and set(upper.key) <= set(tie.ours)


def _tie(collection: Collection, link: Link) -> Tie:
    declared_above = link.as_ in ("owns", "accesses")
    pairs = link.match if declared_above else tuple((b, a) for a, b in link.match)
    ours, theirs = zip(*sorted(pairs), strict=True)
    upper, lower = (collection.id, link.to) if declared_above else (link.to, collection.id)
    owns = link.as_ in ("owns", "owned_by")
    return Tie(upper, lower, ours, theirs, owns, link.hide, link.redact, link.goes)


def _what(tie: Tie) -> tuple[object, ...]:
    return tie.upper, tie.lower, tie.ours, tie.theirs, tie.owns


def _joined(same: list[Tie]) -> Tie:
    """Declared on both sides: what either of them says holds."""
    return replace(
        same[0],
        hide=tuple(dict.fromkeys(f for each in same for f in each.hide)),
        redact=tuple(dict.fromkeys(f for each in same for f in each.redact)),
        goes=any(each.goes for each in same),
    )
