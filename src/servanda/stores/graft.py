"""A pack's mapping and what stores.yaml says over it become one located tree.

Every value keeps the place it was written at, so a finding points into the file to mend.
"""

from __future__ import annotations

from typing import Any

from servanda.kernel.errors import Place
from servanda.kernel.located import Located, Where


class Grafting:
    """The tree of stores.yaml with packs laid underneath."""

    def __init__(self, base: Located) -> None:
        self._base = base
        self._values = dict(base.values)
        self._keys = dict(base.keys)
        self.data: Any = base.data

    def located(self) -> Located:
        return Located(self._base.file, self._base.source, self.data, self._values, self._keys)

    def lay_under(self, at: Where, pack: Located, part: Where) -> None:
        """Put `part` of the pack's tree under what stands at `at`: what is there already wins,
        mappings are merged, a field said as a bare category may be completed by a mapping."""
        under: Any = pack.data
        for step in part:
            under = under[step]
        self.data = self._set(self.data, at, 0, under, pack, part)

    def _set(self, data: Any, at: Where, depth: int, under: Any, pack: Located, part: Where) -> Any:
        if depth == len(at):
            return self._merge(data, under, at, pack, part)
        step = at[depth]
        held = data if isinstance(data, dict) else {}
        below = self._set(held.get(step), at, depth + 1, under, pack, part)
        return {**held, step: below}

    def _merge(self, over: Any, under: Any, at: Where, pack: Located, part: Where) -> Any:
        if over is None and at not in self._values:
            self._take(under, at, pack, part)
            return under
        if isinstance(over, dict) and not isinstance(under, dict) and _is_field(at):
            place = pack.place(part)
            self._values[(*at, "is")] = place
            return {"is": under, **over}
        if not (isinstance(over, dict) and isinstance(under, dict)):
            return over
        merged = dict(over)
        for key, value in under.items():
            here, there = (*at, key), (*part, key)
            if key in over:
                merged[key] = self._merge(over[key], value, here, pack, there)
            else:
                self._take(value, here, pack, there)
                merged[key] = value
        return merged

    def _take(self, value: Any, at: Where, pack: Located, part: Where) -> None:
        """The places of a whole subtree of the pack."""
        for mine, theirs in ((self._values, pack.values), (self._keys, pack.keys)):
            if part in theirs:
                mine[at] = theirs[part]
        items: Any = ()
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, list):
            items = enumerate(value)
        for key, each in items:
            self._take(each, (*at, key), pack, (*part, key))

    def place(self, at: Where) -> Place | None:
        return self._values.get(at)


def _is_field(at: Where) -> bool:
    """…, collections, NAME, fields, NAME"""
    return len(at) >= 4 and at[-2] == "fields" and at[-4] == "collections"
