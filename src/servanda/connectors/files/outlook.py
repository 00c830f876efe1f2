"""What a folder's path already says about every file in it.

`outlook` evaluates a predicate with what is known on the way in: true of all that lies below,
false of all, or not yet decided (None). A tree of dated folders is so pruned by whole years, and
in the days that remain no file needs to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from servanda.connectors.files.layout import span_of
from servanda.connectors.files.names import to_text
from servanda.connectors.files.record import Reader
from servanda.kernel.evaluate import evaluate
from servanda.kernel.predicate import (
    All,
    Among,
    AnyOf,
    ClockBy,
    ClockMissing,
    Compare,
    Contains,
    Erased,
    Everything,
    Folded,
    Missing,
    Not,
    OneOf,
    Predicate,
    Scalar,
    Within,
)
from servanda.stores.moments import Span


def outlook(
    predicate: Predicate, reader: Reader, depth: int, groups: Mapping[str, str]
) -> bool | None:
    """True, False, or None for undecided, of all files below a folder `depth` levels in."""
    match predicate:
        case Everything():
            return True
        case ClockBy(event, instant, edge):
            if not reader.is_path_clock(event):
                return None
            span = _span(reader, event, groups)
            if reader.layout.dated_by(depth):
                return span is not None and span[edge == "end"] <= instant
            return False if span is not None and span[0] > instant else None
        case ClockMissing(event):
            if not reader.is_path_clock(event) or not reader.layout.dated_by(depth):
                return None
            return _span(reader, event, groups) is None
        case Not(part):
            inner = outlook(part, reader, depth, groups)
            return None if inner is None else not inner
        case All(parts):
            inners = [outlook(part, reader, depth, groups) for part in parts]
            return False if False in inners else None if None in inners else True
        case AnyOf(parts):
            inners = [outlook(part, reader, depth, groups) for part in parts]
            return True if True in inners else None if None in inners else False
        case Among(names):
            known: dict[int, Scalar] = {}
            for at, name in enumerate(names):
                lies = reader.part_of_field(name)
                if lies.part == "group" and lies.key in groups:
                    known[at] = to_text(groups[lies.key])
            if known and not predicate.may_have(known):
                return False
            return True if len(known) == len(names) else None
        case (
            Compare(name)
            | OneOf(name)
            | Contains(name)
            | Missing(name)
            | Erased(name)
            | Folded(name)
            | Within(name)
        ):
            lies = reader.part_of_field(name)
            if lies.part != "group" or lies.key not in groups:
                return None
            value = to_text(groups[lies.key])
            return evaluate(predicate, lambda _: value, lambda _event, _edge: None)


def _span(reader: Reader, event: str, groups: Mapping[str, str]) -> Span | None:
    return span_of(groups, reader.zone_of(reader.clocks[event]))
