"""What the law wants said in a reply, in sentences. One for each thing `replies` can ask for.

The danger: a refusal without the way to complain is not lawful, and the person never learns that
there was one. So a thing that the law asks for and that has no sentence here is an error, and a
test walks over all laws that ship: tests/publish/letters/test_lawful.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from servanda import law
from servanda.law.facts import in_force
from servanda.law.rights import RIGHTS
from servanda.publish.letters.data import LetterData
from servanda.publish.letters.paper import Block, Heading, Items
from servanda.publish.package.about import joined, label, points, title

To = Literal["access", "refusal"]
DISAGREE = "If you do not agree"


def wanted(data: LetterData, to: To) -> tuple[str, ...]:
    """What the laws that apply want stated, each once."""
    found: dict[str, None] = {}
    for place in data.places:
        found.update(dict.fromkeys(law.reply_must_say(place, to, data.received)))
    return tuple(found)


def access(data: LetterData) -> Iterator[Block]:
    """With every copy of data, whatever law applies: why we have it, who gets it, how long."""
    for activity in data.activities:
        yield Heading(title(activity.id))
        lines = [f"{p.label}: {joined(p.says)}" for p in points(data.policy, activity)]
        yield Items(tuple(lines))
    yield Heading("Your rights")
    yield Items(tuple(_rights(data)))


def remedies(data: LetterData) -> Iterator[Block]:
    """Where to turn. What a law asks for comes as it asks; without one, how to write to us."""
    told = [_REMEDIES[each](data) for each in wanted(data, "refusal") if each != "reasons"]
    lines = [line for lines in told for line in lines]
    yield Heading(DISAGREE)
    yield Items(tuple(lines or [_write(data)]))


def reasons(data: LetterData) -> tuple[str, ...]:
    """The grounds in the law's words with their source, then our own. ValueError without any, or
    for a ground that no law that applies knows for this right."""
    found: dict[str, None] = {}
    for id_ in data.grounds:
        known = [
            ground
            for place in data.places
            for ground in law.grounds(place, data.right, data.received)
            if ground.id == id_
        ]
        if not known:
            raise ValueError(f'no law that applies knows the ground "{id_}" for {data.right}')
        found.update(dict.fromkeys(f"{each.says} ({each.source})" for each in known))
    found.update(dict.fromkeys(data.reasons))
    if not found:
        raise ValueError("a refusal needs its reasons")
    return tuple(found)


def stated(to: To) -> frozenset[str]:
    """All that has a sentence."""
    return frozenset(_REMEDIES) | {"reasons"} if to == "refusal" else _WITH_ACCESS


def _controller(data: LetterData) -> list[str]:
    for place in data.places:
        for rule in in_force(place.law.clocks, data.received):
            if "complaint" in rule.what:
                return [
                    f"Complain to us: {data.policy.contact}. We confirm a complaint within "
                    f"{rule.long} and look into it without delay."
                ]
    return [f"Complain to us: {data.policy.contact}."]


def _regulator(data: LetterData) -> list[str]:
    return [
        f"{each.name}: you can {each.route}."
        for place in data.places
        for each in law.regulators(place, data.received)
    ]


def _court(data: LetterData) -> list[str]:
    return ["You can also go to court and ask for a judicial remedy."]


def _write(data: LetterData) -> str:
    return f"Write to us: {data.policy.contact}."


def _rights(data: LetterData) -> Iterator[str]:
    rights = dict.fromkeys(
        RIGHTS.get(right.id, label("right", right.id))
        for place in data.places
        for right in place.rights(data.received)
        if right.id != data.right
    )
    if rights:
        yield f"You also have these rights: {'; '.join(rights)}."
    yield _write(data)
    yield from _regulator(data)


_REMEDIES: Mapping[str, Callable[[LetterData], list[str]]] = {
    "complaint_to_controller": _controller,
    "complaint_to_regulator": _regulator,
    "judicial_remedy": _court,
}

_WITH_ACCESS = frozenset(  # `points` of every activity, and `_rights`
    (
        "purposes",
        "categories",
        "recipients",
        "retention",
        "rights",
        "complaint",
        "source",
        "automated_decisions",
        "transfer_safeguards",
    )
)
