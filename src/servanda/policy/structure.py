"""Structural checks: a located document against a pydantic model, told to a person.

Entries that are wrong are taken out and the rest is checked again, so that one slip does not hide
the findings of a later stage.
"""

from __future__ import annotations

import copy
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from servanda.kernel.located import Findings, Where
from servanda.kernel.suggest import did_you_mean
from servanda.policy.types import brief

Model = TypeVar("Model", bound=BaseModel)
Missing = Mapping[tuple[str, str], tuple[str, str, str]]

_WANTED = {
    "string_type": "text",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
}
_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def shape(
    model: type[Model], findings: Findings, entries: Sequence[Where], missing: Missing
) -> Model | None:
    """Validate; findings get every structural error.

    `entries` are patterns (`("activities", "*")`) of parts that may be left out when they are
    wrong. None when something outside of them is wrong.
    """
    data = findings.located.data
    reported: set[tuple[Where, str, str]] = set()
    while True:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            problems = error.errors(include_url=False)
        for problem in problems:
            _tell(model, findings, problem, missing, reported)
        data = copy.deepcopy(data)
        if not _prune(data, problems, entries):
            return None


def _prune(data: Any, problems: Sequence[Any], entries: Sequence[Where]) -> bool:
    """Take out the wrong entries; False when a problem lies outside every entry."""
    cuts: set[Where] = set()
    for problem in problems:
        where = _real(data, problem["loc"])
        fitting = [where[: len(each)] for each in entries if _fits(where, each)]
        if problem["type"] == "extra_forbidden" and where:
            cuts.add(where)
        elif fitting:
            cuts.add(max(fitting, key=len))
        else:
            return False
    for cut in cuts:
        holder = data
        for part in cut[:-1]:
            holder = _child(holder, part)
        if isinstance(holder, dict):
            holder.pop(cut[-1], None)
    return True


def _fits(where: Where, pattern: Where) -> bool:
    return len(where) >= len(pattern) and all(
        want in ("*", part) for want, part in zip(pattern, where, strict=False)
    )


def _child(data: Any, part: str | int) -> Any:
    return data[part] if _has(data, part) else None


def _real(data: Any, loc: Sequence[str | int]) -> Where:
    """The path in the data: pydantic's loc without union tags, missing keys, and `[key]`."""
    where: list[str | int] = []
    for part in loc:
        if _has(data, part):
            data = data[part]
            where.append(part)
    return tuple(where)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _tell(
    model: type[BaseModel],
    findings: Findings,
    problem: Any,
    missing: Missing,
    reported: set[tuple[Where, str, str]],
) -> None:
    kind, loc, value = problem["type"], tuple(problem["loc"]), problem.get("input")
    where = _real(findings.located.data, loc)
    name = str(loc[-1]) if loc else ""
    key = kind in ("extra_forbidden", "missing") or (bool(loc) and loc[-1] == "[key]")
    owners = [m.__name__ for m in _models(model, loc[:-1])]
    special = next((missing[o, name] for o in owners if (o, name) in missing), None)
    if special is not None and (kind == "missing" or value is None):
        code, message, remedy = special
    elif kind == "missing":
        code, message, remedy = "missing-key", f"`{name}` is missing", f"add `{name}:`"
        place = _spoken(where)
        message += f" in {place}" if place else ""
    elif kind == "extra_forbidden":
        known = {k for m in _models(model, loc[:-1]) for k in _keys(m)}
        code, message = "unknown-key", f'unknown key "{brief(name)}"'
        remedy = did_you_mean(name, known)
    else:
        code, message, remedy = _value_problem(problem, value)
    if (where, code, message) not in reported:
        reported.add((where, code, message))
        findings.error(where, code, message, remedy, key=key)


def _value_problem(problem: Any, value: Any) -> tuple[str, str, str]:
    kind, context = problem["type"], problem.get("ctx") or {}
    if kind in _WANTED:
        message = f"{_WANTED[kind]} is expected, {_found(value)} was found"
        quoted = kind == "string_type" and isinstance(value, int | float)
        return "wrong-type", message, "put it in quotes" if quoted else ""
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'|\b(\d+)\b", str(context.get("expected", "")))
        words = [a or b for a, b in allowed]
        shown = _found(value) if isinstance(value, dict | list) else f'"{brief(value)}"'
        word = value if isinstance(value, str) else ""
        return "unknown-value", f"{shown} is not allowed here", did_you_mean(word, words)
    if kind == "too_short":
        return "empty-list", "this must not be empty", "write at least one entry"
    if kind in _RANGE:
        return "out-of-range", f"{brief(value)} is out of range", str(problem["msg"])
    if kind == "string_unicode":
        return "bad-text", "the text is not valid Unicode", "write it again"
    if "remedy" in context:
        return kind, str(problem["msg"]), str(context["remedy"])
    if kind == "wrong-type":
        return kind, f"{problem['msg']}, {_found(value)} was found", ""
    return "bad-value", str(problem["msg"]), ""


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "text"
        case _:
            return "a number"


def _spoken(where: Where) -> str:
    return brief(".".join(str(part) for part in where))


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _models(annotation: Any, loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """The models a location may stand in; union tags in `loc` match no key and are passed over."""
    options = list(_flat(annotation))
    for part in loc:
        inner = [step for option in options for step in _steps(option, part)]
        if inner:
            options = [each for step in inner for each in _flat(step)]
    return [o for o in options if isinstance(o, type) and issubclass(o, BaseModel)]


def _flat(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _flat(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for each in typing.get_args(annotation):
            yield from _flat(each)
    else:
        yield annotation


def _steps(annotation: Any, part: str | int) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is list and isinstance(part, int):
        yield typing.get_args(annotation)[0]
    elif origin is dict and not (isinstance(part, str) and part.startswith("(")):
        yield typing.get_args(annotation)[1]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if part == (info.alias or name):
                yield info.annotation
