"""The ownership graph in words: for each collection whose it is, why, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from servanda.inventory.graph import Graph, Node, Path
from servanda.stores.mapping import Collection
from servanda.stores.ownership import Tie

_REMEDY = (
    "say which field identifies a person (identify), or whose record it is (links), or why not, "
    "for how long, and who answers for it (unlinked)"
)


def explained(graph: Graph) -> str:
    """Everything that concerns people, what nobody can be led to first."""
    personal = [each for each in graph.nodes if each.collection.personal or each.into]
    lines = [_summary(graph, personal)]
    for node in sorted(personal, key=lambda each: (not each.unreached, each.id)):
        lines += ["", f"{node.id}: {_fields(node)}", *(f"  {each}" for each in _node(node))]
    return "\n".join(lines) + "\n"


def _summary(graph: Graph, personal: list[Node]) -> str:
    roots = sum(bool(each.collection.identify) for each in personal)
    said = f"{len(personal)} collections concern people; people are recognised in {roots} of them."
    if graph.unreached:
        ids = ", ".join(each.id for each in graph.unreached)
        return f"{said} Nobody can be led to {ids}."
    return f"{said} A person can be led to every personal field, or it says why not."


def _fields(node: Node) -> str:
    names = [field.name for field in node.collection.personal]
    return ", ".join(names) if names else "no personal field"


def _node(node: Node) -> Iterator[str]:
    each = node.collection
    if node.unreached:
        yield f"UNREACHED: no person can be led to these fields; {_REMEDY}"
    if each.unlinked is not None:
        exempt = each.unlinked
        yield f"unlinked until {exempt.until}: {exempt.reason} ({exempt.owner} answers for it)"
    if each.identify:
        yield f"a person is recognised by {_known_by(each)}"
        yield from _persons(each)
    for tie in node.into:
        yield _tie(tie)
        yield from (f"  {said}" for said in _consequences(tie))
    if node.shared:
        yield "a record may have several owners, and goes with the last of them"
    for path in node.paths:
        if path.ties:
            yield f"way: {path_in_words(path)}"


def path_in_words(path: Path) -> str:
    """`shop.people → shop.orders → shop.parcels (seen, not owned)`."""
    ids = " → ".join([path.root, *(tie.lower for tie in path.ties)])
    return ids if path.owned else f"{ids} (seen, not owned)"


def _known_by(each: Collection) -> str:
    return "; ".join(f"{kind}: {', '.join(fields)}" for kind, fields in each.identify)


def _persons(each: Collection) -> Iterator[str]:
    if len(each.parties) > 1:
        named = _and(f"{party.name} ({', '.join(party.fields)})" for party in each.parties)
        yield f"a record is of {named}, and is each one's"
    elif not each.parties:
        for kind, fields in each.identify:
            if len(fields) > 1:
                yield (
                    f"each of {_and(fields)} stands for a person of its own ({kind}); "
                    "say `parties` if some of them are the same person's"
                )


def _tie(tie: Tie) -> str:
    pairs = ", ".join(f"{b} = {a}" for a, b in zip(tie.ours, tie.theirs, strict=True))
    return f"{'owned by' if tie.owns else 'seen by'} {tie.upper} ({pairs})"


def _consequences(tie: Tie) -> Iterator[str]:
    if tie.hide:
        yield f"left out of their package: {', '.join(tie.hide)}"
    if tie.goes:
        yield "goes with them, whoever else owns it"
    if tie.redact:
        yield f"erased when they go and it stays: {', '.join(tie.redact)}"


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
