"""A tree for a person to read (counts, never a value of a record), and as JSON with every key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from servanda.kernel.predicate import Scalar
from servanda.plan.find.model import Ambiguity, Branch, Tree, Way, Why

_WHY: dict[Why, str] = {
    "others": "stays: {others}",
    "accessor": "stays: it is seen, not owned",
    "tenant": "not touched: unknown tenant",
    "waits": "waits for {waits}",
    "contested": "stays until it is clear whose it is: the address is several people's",
}

_HELD: dict[Why, str] = {
    "others": "also of {others}",
    "accessor": "they see it, and do not own it",
    "tenant": "of a customer that is not known",
    "waits": "not certain before {waits} answers",
    "contested": "the address that led here is several people's, so it may not be theirs",
}


def text(tree: Tree) -> str:
    """The branches, each below the one that led to it, and what is not known."""
    lines = [f"{tree.subject.ref}: {_heading(tree)}"]
    for each in tree.ambiguities:
        lines.append(f"  ? {ambiguity_in_words(each)}")
    tops = [each for each in tree.branches if _above(each, tree.branches) is None]
    lines += _drawn(tops, tree.branches, "  ")
    for store in tree.pending:
        lines.append(f"  ! {store.store} did not answer, pending: {_listed(store.collections)}")
        incomplete = f"; {_listed(store.behind)} may be incomplete" if store.behind else ""
        lines.append(f"    {store.why}{incomplete}")
    return "\n".join(lines) + "\n"


def data(tree: Tree) -> dict[str, Any]:
    """Everything, JSON-able. Holds personal data: the keys of the records."""
    return {
        "subject": tree.subject.ref,
        "tenant": tree.subject.tenant,
        "complete": tree.complete,
        "records": tree.records,
        "branches": [_branch_data(each) for each in tree.branches],
        "ambiguities": [
            {
                "collection": each.collection,
                "kinds": list(each.kinds),
                "named_by": list(each.named_by),
                "keys": _keys(each.keys),
                "differ": list(each.differ),
            }
            for each in tree.ambiguities
        ],
        "pending": [
            {
                "store": each.store,
                "why": each.why,
                "collections": list(each.collections),
                "behind": list(each.behind),
            }
            for each in tree.pending
        ],
        "searched": list(tree.searched),
    }


def way_in_words(way: Way) -> str:
    """How a record was reached, from the identifier on."""
    return " → ".join(_step(each) for each in way.steps)


def fate_in_words(branch: Branch) -> str:
    """What may become of its records, and why."""
    return "goes" if branch.goes else _reasons(branch, _WHY)


def whose_in_words(branch: Branch) -> str:
    """Whose its records are, where nobody asked to erase anything."""
    return "theirs alone" if branch.goes else _reasons(branch, _HELD)


def _reasons(branch: Branch, words: Mapping[Why, str]) -> str:
    others = _counted(branch.others, "other owner")
    waits = _listed(branch.waits_for)
    return " and ".join(words[why].format(others=others, waits=waits) for why in branch.why)


def ambiguity_in_words(each: Ambiguity) -> str:
    """Who cannot be told apart yet, and by what they could."""
    by = f", told apart by {', '.join(each.differ)}" if each.differ else ""
    return (
        f"{len(each.keys)} people of {each.collection} share the same {' and '.join(each.kinds)}"
        f"{by}: say who is meant before anything is done"
    )


def in_order(tree: Tree) -> list[tuple[int, Branch]]:
    """Every branch below the one that led to it, with how deep it hangs."""
    found: list[tuple[int, Branch]] = []

    def draw(here: Iterable[Branch], depth: int) -> None:
        for each in here:
            found.append((depth, each))
            draw((b for b in tree.branches if _above(b, tree.branches) is each), depth + 1)

    draw((each for each in tree.branches if _above(each, tree.branches) is None), 0)
    return found


def _heading(tree: Tree) -> str:
    places = f"{_counted(len(tree.searched), 'collection')} searched"
    if not tree.branches:
        missing = " so far" if tree.pending else ""
        return f"nothing found{missing}; {places}"
    used = len({each.collection for each in tree.branches})
    return f"{_counted(tree.records, 'record')} in {_counted(used, 'collection')}; {places}"


def _above(branch: Branch, branches: Sequence[Branch]) -> Branch | None:
    """One that leads to it; of the same customer where there are several."""
    leading = [each for each in branches if each.way is branch.way.above]
    return min(leading, key=lambda each: each.tenant != branch.tenant, default=None)


def _drawn(here: Sequence[Branch], branches: Sequence[Branch], indent: str) -> Iterable[str]:
    for number, each in enumerate(here):
        end = number == len(here) - 1
        yield f"{indent}{'└─' if end else '├─'} {_branch(each)}"
        below = [b for b in branches if _above(b, branches) is each]
        yield from _drawn(below, branches, indent + ("   " if end else "│  "))


def _branch(each: Branch) -> str:
    said = [f"{each.collection}: {_counted(len(each.keys), 'record')}, {_step(each.way)}"]
    if each.tenant:
        said.append(f"of {each.tenant}")
    said.append(fate_in_words(each))
    if each.redact:
        said.append(f"erased in it: {', '.join(each.redact)}")
    if each.hide:
        said.append(f"left out of a package: {', '.join(each.hide)}")
    return "; ".join(said)


def _step(way: Way) -> str:
    if way.tie is None:
        return f"found by {' and '.join(way.kinds)}"
    verb = "owned" if way.tie.owns else "seen"
    pairs = ", ".join(
        f"{theirs} = {ours}" for ours, theirs in zip(way.tie.ours, way.tie.theirs, strict=True)
    )
    return f"{verb} through {way.tie.upper} ({pairs})"


def _branch_data(each: Branch) -> dict[str, Any]:
    return {
        "collection": each.collection,
        "role": each.role,
        "others": each.others,
        "goes": each.goes,
        "why": list(each.why),
        "redact": list(each.redact),
        "hide": list(each.hide),
        "tenant": each.tenant,
        "waits_for": list(each.waits_for),
        "way": [_step(step) for step in each.way.steps],
        "named_by": list(each.named_by),
        "keys": _keys(each.keys),
    }


def _keys(keys: Iterable[Sequence[Scalar]]) -> list[list[Any]]:
    return [[_plain(part) for part in key] for key in keys]


def _plain(value: Scalar) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return value.isoformat() if isinstance(value, datetime) else value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
