"""A request's plan for people: what happens in which collection, what stays and why. Counts only;
`data` has the keys of the records, which may be personal data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from servanda.plan import words
from servanda.plan.requests.file import keys_to_data, rows_to_data
from servanda.plan.requests.model import Kept, Lot, RequestPlan

REASONS: dict[str, str] = {
    "floor": "has to be kept",
    "hold": "a legal hold covers it",
    "others": "it is somebody else's too",
    "ground": "it was decided to keep it",
    "tenant": "whose customer's it is is unknown, so it is never touched",
    "customer": "a customer decides about it",
    "contested": "only a shared address leads there, so it may be somebody else's",
    "waits": "an owner may be in a store that does not answer",
    "verify": "the store is only measured",
    "shape": "the store is not as mapped, so it is only read",
    "fixed": "it cannot be changed where it lies",
}


def text(plan: RequestPlan, zone: tzinfo) -> str:
    return "\n".join(_lines(plan, zone)) + "\n"


def _lines(plan: RequestPlan, zone: tzinfo) -> Iterator[str]:
    for ref in plan.refs:
        yield f"request {ref}"
        acts = [(lot, keys) for lot in plan.lots for by, keys in lot.by if by == ref]
        for lot, keys in acts:
            yield f"  {lot.collection}: {doing(lot)} {words.count(len(keys))}"
        for kept in plan.kept:
            if kept.ref == ref:
                yield f"  {kept.collection}: {staying(kept, zone)}"
        if not acts:
            nothing = "nothing was found" if ref in plan.empty else "nothing is to be changed"
            yield f"  {nothing}"
    for unclear in plan.unclear:
        yield f"request {unclear.ref}: it is not clear who is meant, so nothing is done"
        for each in unclear.ambiguities:
            told = f" (they differ in {words.names(each.differ)})" if each.differ else ""
            yield f"  {len(each.keys)} persons in {each.collection}{told}"
    for silent in plan.silent:
        yield f"store {silent.store} is left for later: {silent.why}"
    yield f"plan {plan.digest[:12]}"


def doing(lot: Lot) -> str:
    match lot.deed:
        case "delete":
            return "delete"
        case "redact":
            return f"erase {words.names(name for name, _ in lot.erase)} in"
        case "correct":
            return f"correct {words.names(name for name, _ in lot.correct)} in"


def staying(kept: Kept, zone: tzinfo) -> str:
    """`3 records stay: has to be kept until 2032-04-30 (audit of accounts): name, email`."""
    number = len(kept.keys)
    said = f"{words.count(number)} stay{'s' if number == 1 else ''}: {REASONS[kept.reason]}"
    if kept.until is not None:
        said += f" until {words.last_day(kept.until, zone)}"
    if kept.ground:
        said += f" ({kept.ground})"
    if kept.fields:
        said += f": {words.names(kept.fields)}"
    return said


def data(plan: RequestPlan) -> dict[str, Any]:
    return {
        "plan": plan.digest,
        "made_at": plan.made_at.isoformat(),
        "requests": list(plan.refs),
        "acts": [
            {
                "request": ref,
                "collection": lot.collection,
                "action": lot.deed,
                "fields": [name for name, _ in (*lot.erase, *lot.correct)],
                "named_by": list(lot.fields),
                "keys": rows_to_data(lot.fields, keys),
            }
            for lot in plan.lots
            for ref, keys in lot.by
        ],
        "kept": [
            {
                "request": kept.ref,
                "collection": kept.collection,
                "reason": kept.reason,
                "why": REASONS[kept.reason],
                "until": kept.until.isoformat() if kept.until else None,
                "ground": kept.ground,
                "fields": list(kept.fields),
                "count": len(kept.keys),
                "keys": keys_to_data(kept.keys),
            }
            for kept in plan.kept
        ],
        "unclear": [
            {
                "request": each.ref,
                "persons": [
                    {
                        "collection": found.collection,
                        "named_by": list(found.named_by),
                        "keys": rows_to_data(found.named_by, found.keys),
                        "differ": list(found.differ),
                    }
                    for found in each.ambiguities
                ],
            }
            for each in plan.unclear
        ],
        "later": [{"store": each.store, "why": each.why} for each in plan.silent],
        "nothing_found": list(plan.empty),
    }
