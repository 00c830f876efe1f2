"""A plan as bytes and back. What is read is exactly what was written, or it is an error.

`dump` gives canonical JSON (RFC 8785) whose digest is over everything else in it, so a plan
changed by hand, by half a copy, or by another version never reaches a store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from servanda.kernel import predicate as predicates
from servanda.kernel.canonical import NotCanonical, canonical
from servanda.kernel.digest import digest_of
from servanda.kernel.errors import UsageError
from servanda.plan.steps import Archive, Delete, Keep, Plan, Redact, Return, Step, Verify
from servanda.stores.mapping import Erasure, Generalise, Pseudonym, SetNull, SetText
from servanda.stores.port import Tally

VERSION = 1
_STEPS: dict[str, type[Step]] = {
    "delete": Delete,
    "redact": Redact,
    "archive": Archive,
    "return": Return,
    "keep": Keep,
    "verify": Verify,
}
_NAMES = {kind: name for name, kind in _STEPS.items()}
_AGAIN = "make it again with `servanda plan -o FILE`"


class BadPlan(UsageError):
    """The bytes are not a plan of this version, or not as they were written."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this is not a sound plan: {what}", _AGAIN)


def sealed(plan: Plan) -> Plan:
    """The plan with its digest."""
    return replace(plan, digest=digest_of(_body(plan)))


def dump(plan: Plan) -> bytes:
    """Canonical JSON of a plan with its digest."""
    return canonical({**_body(plan), "digest": digest_of(_body(plan))})


def parse(data: bytes) -> Plan:
    """The plan these bytes hold. BadPlan when anything is missing, more, or changed."""
    try:
        document = json.loads(data, object_pairs_hook=_without_repeats)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise BadPlan("it is not JSON") from None
    if not isinstance(document, dict) or document.get("servanda_plan") != VERSION:
        raise BadPlan(f"it does not begin with servanda_plan {VERSION}")
    said = document.pop("digest", None)
    try:
        computed = digest_of(document)
    except NotCanonical:
        raise BadPlan("it holds a value no plan can hold") from None
    if said != computed:
        raise BadPlan("its digest does not match, so it was changed after it was made")
    try:
        plan = _plan(document, computed)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise BadPlan("a part of it is missing or of the wrong kind") from None
    if canonical(_body(plan)) != canonical(document):
        raise BadPlan("it holds something that no plan has")
    return plan


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadPlan("a name stands twice in one object")
    return found


# ── to data ───────────────────────────────────────────────────────────────────────────────────


def _body(plan: Plan) -> dict[str, Any]:
    return {
        "servanda_plan": VERSION,
        "made_at": plan.made_at.isoformat(),
        "as_of": plan.as_of.isoformat(),
        "policy": plan.policy,
        "mapping": plan.mapping,
        "shapes": [list(pair) for pair in plan.shapes],
        "steps": [step_data(step) for step in plan.steps],
        "unreachable": list(plan.unreachable),
        **({"terms": plan.terms} if plan.terms else {}),
    }


def step_data(step: Step) -> dict[str, Any]:
    """One step as JSON data, `step` naming its kind."""
    data = {field.name: _write(getattr(step, field.name), field.name) for field in fields(step)}
    return {"step": _NAMES[type(step)], **data}


def _write(value: Any, name: str) -> Any:
    match name:
        case "where" | "overdue" | "suspended":
            return predicates.to_data(value)
        case "tally":
            return [value.count, _iso(value.oldest), _iso(value.newest)]
        case "changes":
            return [[field, erasure_to_data(erasure)] for field, erasure in value]
        case _:
            return list(value) if isinstance(value, tuple) else value


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def erasure_to_data(erasure: Erasure) -> list[Any]:
    match erasure:
        case SetNull():
            return ["null"]
        case SetText(text):
            return ["text", text]
        case Generalise(to, step):
            return ["generalise", to, step]
        case Pseudonym(ending):
            return ["pseudonym", "ending"] if ending else ["pseudonym"]


# ── from data ─────────────────────────────────────────────────────────────────────────────────


def _plan(data: dict[str, Any], digest: str) -> Plan:
    return Plan(
        made_at=_moment(data["made_at"]),
        as_of=_moment(data["as_of"]),
        policy=_text(data["policy"]),
        mapping=_text(data["mapping"]),
        shapes=tuple((_text(store), _text(shape)) for store, shape in data["shapes"]),
        steps=tuple(_step(each) for each in data["steps"]),
        unreachable=tuple(_text(each) for each in data["unreachable"]),
        digest=digest,
        terms=_text(data.get("terms", "")),
    )


def _step(data: dict[str, Any]) -> Step:
    kind = _STEPS[data["step"]]
    values = {field.name: _read(data[field.name], field.name) for field in fields(kind)}
    make: Callable[..., Step] = kind
    return make(**values)


def _read(value: Any, name: str) -> Any:
    reader: Callable[[Any], Any] = _READERS.get(name, _text)
    return reader(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _tally(value: Any) -> Tally:
    count, oldest, newest = value
    moments = [None if each is None else _moment(each) for each in (oldest, newest)]
    return Tally(_number(count), *moments)


def _changes(value: Any) -> tuple[tuple[str, Erasure], ...]:
    return tuple((_text(field), erasure_from_data(erasure)) for field, erasure in value)


def erasure_from_data(data: list[Any]) -> Erasure:
    match data:
        case ["null"]:
            return SetNull()
        case ["text", str(text)]:
            return SetText(text)
        case ["generalise", ("year" | "month" | "decade" | "number" | "ip" | "postcode") as to, n]:
            return Generalise(to, _number(n))
        case ["pseudonym"]:
            return Pseudonym()
        case ["pseudonym", "ending"]:
            return Pseudonym(ending=True)
        case _:
            raise ValueError


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "where": predicates.from_data,
    "overdue": predicates.from_data,
    "suspended": predicates.from_data,
    "tally": _tally,
    "total": _number,
    "changes": _changes,
    "clock": _maybe_text,
    "because": _texts,
    "promises": _texts,
    "after": _texts,
    "partitions": _texts,
}
