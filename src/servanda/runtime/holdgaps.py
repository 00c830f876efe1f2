"""Where a hold on a person cannot look, because those records know people by something else.

The danger: a hold placed by an e-mail address, and the calls of that person deleted in the middle
of a lawsuit because calls know people by number alone; nobody would notice before it is too late.
So it is said when the hold is set and wherever it is listed, with what to add.
Tests: tests/runtime/test_hold_gaps.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servanda.plan.reach import components
from servanda.stores.mapping import Collection

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

_WORDS = {"email": "e-mail address", "phone": "telephone number"}


@dataclass(frozen=True, slots=True)
class Gap:
    """Collections that the hold's identities do not search. `kinds`: by which these know people;
    none where nothing there does. `linked`: what hangs on the records found is held there."""

    collections: tuple[str, ...]
    kinds: tuple[str, ...]
    linked: bool

    @property
    def what(self) -> str:
        names = ", ".join(self.collections)
        if self.linked:
            return f"Held only as far as links lead there: {names}."
        return f"Not searched by this hold, which covers nothing there: {names}."

    @property
    def remedy(self) -> str:
        one = len(self.collections) == 1
        if not self.kinds:
            return "No identity leads to a person's records there: hold them by a condition."
        by = " or ".join(_WORDS.get(kind, kind.replace("_", " ")) for kind in self.kinds)
        return (
            f"{'It knows' if one else 'They know'} people by {by}: "
            f"set another hold by the person's {by} to cover {'it' if one else 'them'}."
        )


def gaps(workspace: Workspace, kinds: Iterable[str]) -> tuple[Gap, ...]:
    """Of a hold on a person by identities of these kinds; by mapping alone, no store is asked."""
    every = [each for config in workspace.configs for each in config.collections]
    return gaps_in(every, kinds)


def gaps_in(collections: Iterable[Collection], kinds: Iterable[str]) -> tuple[Gap, ...]:
    given = set(kinds)
    if not given:  # a hold by record or by condition says itself what it covers
        return ()
    known = {each.id: each for each in collections}
    found: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for group in components(known.values()):
        for id_, by, linked in _of_group([known[each] for each in sorted(group)], given):
            found.setdefault((by, linked), []).append(id_)
    return tuple(
        Gap(tuple(sorted(ids)), by, linked)
        for (by, linked), ids in sorted(found.items(), key=lambda each: (each[0][1], each[0]))
    )


def _of_group(
    group: list[Collection], given: set[str]
) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(collection, by what it knows people, whether links lead there) of those not searched."""
    own = {each.id: {kind for kind, _ in each.identify} for each in group}
    searched = any(kinds & given for kinds in own.values())
    all_of_them = tuple(sorted(set().union(*own.values())))
    for each in group:
        kinds = own[each.id]
        if kinds & given or not each.personal:
            continue
        if kinds:
            yield each.id, tuple(sorted(kinds)), searched
        elif not searched and (all_of_them or each.exempt is None):
            yield each.id, all_of_them, False
