"""Who owns what, between collections, and how a person is led to each. From the mapping alone.

What no person can be led to would be missing from every answer to a request, so it is an error of
`check`; here it is named, drawn, and told with the remedy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie, by_key, ties, unreached

MOST_WAYS = 3  # told per collection; the shortest come first


@dataclass(frozen=True, slots=True)
class Path:
    """From a collection in which people are recognised, along ties, to another one."""

    root: str
    ties: tuple[Tie, ...] = ()

    @property
    def end(self) -> str:
        return self.ties[-1].lower if self.ties else self.root

    @property
    def owned(self) -> bool:
        """Whether it is the person's, or only seen by them."""
        return all(tie.owns for tie in self.ties)


@dataclass(frozen=True, slots=True)
class Node:
    """A collection. `paths`: how a person is led to it, shortest first; `into`: whose it is."""

    collection: Collection
    paths: tuple[Path, ...]
    into: tuple[Tie, ...]
    shared: bool  # a record may have several owners
    unreached: bool

    @property
    def id(self) -> str:
        return self.collection.id

    @property
    def depth(self) -> int | None:
        """How many steps from a person; None where nobody is led to it."""
        return len(self.paths[0].ties) if self.paths else None


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]

    def node(self, id_: str) -> Node:
        return next(each for each in self.nodes if each.id == id_)

    @property
    def unreached(self) -> tuple[Node, ...]:
        return tuple(each for each in self.nodes if each.unreached)

    def data(self) -> dict[str, Any]:
        """Everything, JSON-able."""
        return {
            "complete": not self.unreached,
            "collections": [_node_data(each) for each in self.nodes],
            "ties": [
                {
                    "from": tie.upper,
                    "to": tie.lower,
                    "what": tie.verb,
                    "match": [list(pair) for pair in zip(tie.ours, tie.theirs, strict=True)],
                    "on_access": {"redact": list(tie.hide)},
                    "on_erase": "delete" if tie.goes else {"redact": list(tie.redact)},
                }
                for tie in self.ties
            ],
        }


def graph(collections: Iterable[Collection]) -> Graph:
    """The ownership graph, the same for the same mapping."""
    mapped = sorted(collections, key=lambda each: each.id)
    known = {each.id: each for each in mapped}
    found = ties(mapped)
    paths = _paths(mapped, found)
    lost = {each.id for each in unreached(mapped)}
    into: dict[str, list[Tie]] = {}
    for tie in found:
        into.setdefault(tie.lower, []).append(tie)
    return Graph(
        tuple(
            Node(
                each,
                tuple(paths.get(each.id, ())),
                tuple(into.get(each.id, ())),
                _shared(into.get(each.id, ()), known),
                each.id in lost,
            )
            for each in mapped
        ),
        found,
    )


def _paths(collections: Iterable[Collection], found: Iterable[Tie]) -> dict[str, list[Path]]:
    """Breadth first, a few for each collection, none that comes by a collection twice."""
    below: dict[str, list[Tie]] = {}
    for tie in found:
        below.setdefault(tie.upper, []).append(tie)
    todo = deque(Path(each.id) for each in collections if each.identify)
    paths: dict[str, list[Path]] = {}
    while todo:
        path = todo.popleft()
        here = paths.setdefault(path.end, [])
        if len(here) == MOST_WAYS:
            continue
        here.append(path)
        visited = {path.root, *(tie.lower for tie in path.ties)}
        for tie in below.get(path.end, ()):
            if tie.lower not in visited:
                todo.append(Path(path.root, (*path.ties, tie)))
    return paths


def _shared(into: Iterable[Tie], known: Mapping[str, Collection]) -> bool:
    owning = [tie for tie in into if tie.owns]
    return len(owning) > 1 or any(not by_key(tie, known[tie.upper]) for tie in owning)


def _node_data(node: Node) -> dict[str, Any]:
    each = node.collection
    return {
        "collection": each.id,
        "personal": [field.name for field in each.personal],
        "identify": {kind: list(fields) for kind, fields in each.identify},
        "parties": {party.name: list(party.fields) for party in each.parties},
        "shared": node.shared,
        "unlinked": each.unlinked.until if each.unlinked else None,
        "unreached": node.unreached,
        "paths": [
            {"root": path.root, "owned": path.owned, "through": list(_through(path))}
            for path in node.paths
        ],
    }


def _through(path: Path) -> Iterator[str]:
    for tie in path.ties:
        yield tie.lower
