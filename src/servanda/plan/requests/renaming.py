"""A name in a column and the name of the file it points at change together, or neither does.

The harm: a recording that is kept for the other person of a call, and that their call no longer
leads to. So where one side cannot be written now (its store is silent, only verified, or not as
mapped), the other side keeps its name too, and it is told. tests/plan/requests/test_renaming.py
guards this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from servanda.plan.requests.ground import Ground
from servanda.stores.mapping import RENAMED, Collection, Erasure
from servanda.stores.ownership import ties

if TYPE_CHECKING:
    from servanda.plan.requests.erasure import Gathered

_Erase = Sequence[tuple[str, Erasure]]


def partners(id_: str, erase: _Erase, collections: Iterable[Collection]) -> Iterator[str]:
    """The collections whose records carry the same name and have it changed in the same way."""
    names = {name for name, how in erase if how == RENAMED}
    if not names:
        return
    known = {each.id: each for each in collections}
    for tie in ties(known.values()):
        for here, mine, there, theirs in (
            (tie.upper, tie.ours, tie.lower, tie.theirs),
            (tie.lower, tie.theirs, tie.upper, tie.ours),
        ):
            if here == id_ and any(
                one in names and known[there].field_named(other).erase == RENAMED
                for one, other in zip(mine, theirs, strict=True)
            ):
                yield there


def together(gathered: Gathered, ground: Ground) -> None:
    """Takes back what one side alone would do."""
    collections: Mapping[str, Collection] = {each.id: each for each in ground.collections()}
    for kind, by in list(gathered.lots.items()):
        id_, deed, erase, correct, condition = kind
        others = dict.fromkeys(partners(id_, erase, collections.values()))
        barred = {ground.only_read(collections[each]) for each in others} - {""}
        if deed != "redact" or not barred:
            continue
        del gathered.lots[kind]
        rest = tuple((name, how) for name, how in erase if how != RENAMED)
        names = tuple(name for name, how in erase if how == RENAMED)
        for ref, keys in by.items():
            if "waits" in barred:
                gathered.keep(ref, id_, "waits", keys)
                continue
            gathered.keep(ref, id_, "fixed", keys, fields=names)
            if rest:
                gathered.act(ref, id_, deed, condition, keys, rest, correct)
