"""The ownership graph as SVG: people on the left, what is theirs to the right.

A collection stands in the column of its shortest way from a person. Inside a column collections
are ordered by their neighbours, so that few lines cross. The same graph gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from servanda.inventory.graph import Graph, Node
from servanda.inventory.graph_text import path_in_words
from servanda.stores.ownership import Tie

_HEIGHT, _ROW, _TOP, _MARGIN, _GAP = 44, 62, 76, 24, 110
_LETTER = 7.3  # the width of a letter of the font, more or less
_ROUNDS = 8
_STYLE = """
text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1b1f24}
.small{font-size:11px;fill:#57606a}.id{font-weight:600}
rect{fill:#fff;stroke:#57606a;stroke-width:1.2}.root rect{fill:#dbeafe;stroke:#1d4ed8}
.unlinked rect{stroke-dasharray:2 3}
.unreached rect{fill:#fee2e2;stroke:#b91c1c;stroke-width:2.4}
path{fill:none;stroke:#57606a;stroke-width:1.3}.sees{stroke-dasharray:6 4}
.head{fill:#57606a;stroke:none}
"""
_LEGEND = (
    "Blue: people are recognised here. Solid line: owns. Dashed line: sees. "
    "Red: nobody can be led to it."
)


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.y + _HEIGHT / 2


def svg(graph: Graph, title: str = "Who owns what") -> str:
    """The whole picture; a line's or box's tooltip says it in words."""
    columns = _columns(graph)
    boxes = {box.node.id: box for box in _boxes(columns)}
    width = max((b.x + b.width for b in boxes.values()), default=300) + _MARGIN + 40
    height = max((b.y for b in boxes.values()), default=_TOP) + _HEIGHT + _MARGIN + 40
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(_description(graph))}</desc>',
            f"<style>{_STYLE}</style>",
            '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
            f'<rect width="{width:.0f}" height="{height:.0f}" style="stroke:none"/>',
            f'<text class="id" x="{_MARGIN}" y="26">{escape(title)}</text>',
            f'<text class="small" x="{_MARGIN}" y="44">{_LEGEND}</text>',
            *(_line(tie, boxes[tie.upper], boxes[tie.lower]) for tie in graph.ties),
            *(_drawn(box) for box in boxes.values()),
            "</svg>\n",
        ]
    )


def _columns(graph: Graph) -> list[list[Node]]:
    """Nodes by their distance from a person, what nobody is led to last; ordered inside."""
    shown = [each for each in graph.nodes if each.collection.personal or each.paths or each.into]
    deepest = max((each.depth or 0 for each in shown), default=0)
    columns: list[list[Node]] = [[] for _ in range(deepest + 2)]
    for each in shown:
        columns[deepest + 1 if each.depth is None else each.depth].append(each)
    near: dict[str, list[str]] = {each.id: [] for each in shown}
    for tie in graph.ties:
        if tie.upper != tie.lower and tie.upper in near and tie.lower in near:
            near[tie.upper].append(tie.lower)
            near[tie.lower].append(tie.upper)
    for _ in range(_ROUNDS):
        for column in columns:
            place = {n.id: i - len(c) / 2 for c in columns for i, n in enumerate(c)}
            means = {n.id: _mean(near[n.id], place, place[n.id]) for n in column}
            by_id = {node.id: node for node in column}
            column[:] = [by_id[id_] for _, id_ in sorted((means[id_], id_) for id_ in by_id)]
    return [column for column in columns if column]


def _mean(ids: list[str], place: Mapping[str, float], otherwise: float) -> float:
    return sum(place[each] for each in ids) / len(ids) if ids else otherwise


def _boxes(columns: list[list[Node]]) -> Iterator[_Box]:
    tallest = max(map(len, columns), default=0)
    x = float(_MARGIN)
    for column in columns:
        width = max(max(len(n.id), len(_note(n)) * 0.85) for n in column) * _LETTER + 24
        top = _TOP + (tallest - len(column)) * _ROW / 2
        for number, node in enumerate(column):
            yield _Box(node, x, top + number * _ROW, width)
        x += width + _GAP


def _note(node: Node) -> str:
    each = node.collection
    if node.unreached:
        return "UNREACHED"
    if each.identify:
        return "by " + ", ".join(kind for kind, _ in each.identify)
    if each.unlinked is not None:
        return f"unlinked until {each.unlinked.until}"
    fields = f"{len(each.personal)} field{'' if len(each.personal) == 1 else 's'}"
    return "shared, goes with its last owner" if node.shared else fields


def _drawn(box: _Box) -> str:
    node = box.node
    kind = "unreached" if node.unreached else "root" if node.collection.identify else ""
    kind = kind or ("unlinked" if node.collection.unlinked else "plain")
    ways = "; ".join(path_in_words(path) for path in node.paths) or "nobody is led to it"
    fields = ", ".join(field.name for field in node.collection.personal) or "no personal field"
    return (
        f'<g class="{kind}"><title>{escape(f"{node.id}: {fields}. {ways}")}</title>'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="id" x="{box.x + 12:.1f}" y="{box.y + 18:.1f}">{escape(node.id)}</text>'
        f'<text class="small" x="{box.x + 12:.1f}" y="{box.y + 35:.1f}">{escape(_note(node))}'
        "</text></g>"
    )


def _line(tie: Tie, upper: _Box, lower: _Box) -> str:
    pairs = ", ".join(f"{a} = {b}" for a, b in zip(tie.ours, tie.theirs, strict=True))
    words = f"{tie.upper} {tie.verb} {tie.lower} ({pairs})"
    style = "owns" if tie.owns else "sees"
    return (
        f'<path class="{style}" d="{_curve(upper, lower)}" marker-end="url(#to)">'
        f"<title>{escape(words)}</title></path>"
    )


def _curve(upper: _Box, lower: _Box) -> str:
    """From the right edge to the left one; round the corner where that leads backwards."""
    x1, y1, x2, y2 = upper.x + upper.width, upper.middle, lower.x, lower.middle
    if upper is lower:
        return f"M{x1 - 36:.1f} {upper.y:.1f}c2 -18 22 -18 24 -1"
    bend = (x1 + x2) / 2
    if x2 <= x1:
        y1, y2, x2 = y1 + 6, y2 - 6, lower.x + lower.width
        bend = max(x1, x2) + 44
    return f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"


def _description(graph: Graph) -> str:
    """What a person who does not see the picture needs to know of it."""
    lines = [f"{tie.upper} {tie.verb} {tie.lower}" for tie in graph.ties]
    lost = ", ".join(node.id for node in graph.unreached)
    roots = ", ".join(node.id for node in graph.nodes if node.collection.identify)
    return (
        f"People are recognised in: {roots or 'no collection'}. {'; '.join(lines)}. "
        f"Nobody can be led to: {lost or 'none'}."
    )
