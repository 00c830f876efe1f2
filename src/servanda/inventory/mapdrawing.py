"""The data map as SVG: stores on the left, activities, and who receives data on the right.

Recipients belong to activities in a policy, so activities stand in the middle and no line crosses a
box. Looks come from classes alone (`.map …` in the style sheet): a page of ours allows no style
inside it. What the picture says, the lists beneath it say in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from servanda.inventory.datamap import DataMap

_WIDTH, _HEIGHT, _GAP, _STEP, _TOP, _LEFT = 250, 46, 120, 60, 44, 8
_LETTERS = 31  # that fit into a box
_HEADS = ("Where it lies", "What it is for", "Who else gets it")


@dataclass(frozen=True, slots=True)
class _Box:
    title: str
    note: str
    kind: str
    column: int
    row: float

    @property
    def x(self) -> float:
        return _LEFT + self.column * (_WIDTH + _GAP)

    @property
    def y(self) -> float:
        return _TOP + self.row * _STEP

    @property
    def middle(self) -> float:
        return self.y + _HEIGHT / 2


def svg(found: DataMap, notes: Mapping[str, str], marked: Collection[str], title: str) -> str:
    """The picture. `notes`: the second line of a store's box; `marked`: stores in which something
    is undeclared or drifted; `title`: what the picture is, for those who do not see it."""
    stores, activities, recipients = _placed(found, notes, marked)
    boxes = [*stores.values(), *activities.values(), *recipients.values()]
    width = _LEFT * 2 + 3 * _WIDTH + 2 * _GAP
    height = max((box.y for box in boxes), default=_TOP) + _HEIGHT + _LEFT
    lines = [
        *(
            _line(stores[store], activities[each.activity.id], "flow", f"{store} holds data of")
            for each in found.activities
            for store in each.stores
        ),
        *(
            _line(
                activities[activity],
                recipients[each.id],
                "flow abroad" if each.transfer else "flow",
                f"{activity} gives data to",
            )
            for each in found.recipients
            for activity in each.activities
        ),
    ]
    return "\n".join(
        [
            f'<svg class="map" viewBox="0 0 {width} {height:.0f}" width="{width}" '
            f'height="{height:.0f}" role="img" aria-labelledby="map-title map-text">',
            f'<title id="map-title">{escape(title)}</title>',
            f'<desc id="map-text">{escape(_said(found, marked))}</desc>',
            *_heads(),
            *lines,
            *(_drawn(box) for box in boxes),
            "</svg>",
        ]
    )


def _placed(
    found: DataMap, notes: Mapping[str, str], marked: Collection[str]
) -> tuple[dict[str, _Box], dict[str, _Box], dict[str, _Box]]:
    """Boxes by column, each column in the middle of the tallest, ordered by what they touch."""
    order = {each.activity.id: i for i, each in enumerate(found.activities)}
    touching = {each.name: _mean(order, found, each.name) for each in found.stores}
    stores = sorted(found.stores, key=lambda each: touching[each.name])
    recipients = sorted(
        found.recipients,
        key=lambda each: sum(order[a] for a in each.activities) / max(1, len(each.activities)),
    )
    tallest = max(len(stores), len(order), len(recipients))
    tops = [(tallest - n) / 2 for n in (len(stores), len(order), len(recipients))]
    return (
        {
            each.name: _Box(
                f"! {each.name}" if each.name in marked else each.name,
                notes.get(each.name, ""),
                "store marked" if each.name in marked else "store",
                0,
                tops[0] + i,
            )
            for i, each in enumerate(stores)
        },
        {
            each.activity.id: _Box(
                each.activity.id, _lies(each.collections), "activity", 1, tops[1] + i
            )
            for i, each in enumerate(found.activities)
        },
        {
            each.id: _Box(
                each.recipient.name,
                f"{each.country}, transfer" if each.transfer else each.country,
                "recipient abroad" if each.transfer else "recipient",
                2,
                tops[2] + i,
            )
            for i, each in enumerate(recipients)
        },
    )


def _mean(order: Mapping[str, int], found: DataMap, store: str) -> float:
    rows = [order[each.activity.id] for each in found.activities if store in each.stores]
    return sum(rows) / len(rows) if rows else float(len(order))


def _lies(collections: Collection[object]) -> str:
    return f"{len(collections)} collection{'' if len(collections) == 1 else 's'}"


def _heads() -> Iterator[str]:
    for column, head in enumerate(_HEADS):
        x = _LEFT + column * (_WIDTH + _GAP)
        yield f'<text class="head" x="{x}" y="24">{head}</text>'


def _drawn(box: _Box) -> str:
    whole = f"{box.title}: {box.note}" if box.note else box.title
    return (
        f'<g class="{box.kind}"><title>{escape(whole)}</title>'
        f'<rect x="{box.x}" y="{box.y:.1f}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="id" x="{box.x + 12}" y="{box.y + 19:.1f}">{escape(_cut(box.title))}</text>'
        f'<text class="small" x="{box.x + 12}" y="{box.y + 36:.1f}">{escape(_cut(box.note, 6))}'
        "</text></g>"
    )


def _cut(text: str, more: int = 0) -> str:
    most = _LETTERS + more
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _line(left: _Box, right: _Box, kind: str, words: str) -> str:
    x1, x2 = left.x + _WIDTH, right.x
    bend = (x1 + x2) / 2
    return (
        f'<path class="{kind}" d="M{x1} {left.middle:.1f}C{bend} {left.middle:.1f} '
        f'{bend} {right.middle:.1f} {x2} {right.middle:.1f}">'
        f"<title>{escape(words)} {escape(right.title)}</title></path>"
    )


def _said(found: DataMap, marked: Collection[str]) -> str:
    """For who does not see it: the sums. The lists beneath say the rest."""
    said = (
        f"{len(found.stores)} stores, {len(found.activities)} activities, "
        f"{len(found.recipients)} recipients, {len(found.transfers)} of them abroad. "
    )
    if marked:
        said += f"Something is undeclared or drifted in {', '.join(sorted(marked))}. "
    return f"{said}The same is said in words below."
