"""The reference of a document language as Markdown, made from its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from servanda.kernel.markdown import table
from servanda.policy import vocabulary
from servanda.policy.controls import FIXED, retention_control, right_control
from servanda.policy.types import NOT_PERSONAL, PERIOD_PATTERN, TERMS

Schema: TypeAlias = Mapping[str, Any]

# What the reader is told instead of an enumeration: kind, heading, one of them.
_KINDS: tuple[tuple[vocabulary.Kind, str, str], ...] = (
    ("data", "Categories of data", "category"),
    ("purpose", "Purposes", "purpose"),
    ("basis", "Bases", "basis"),
    ("subject", "Kinds of people", "kind of person"),
    ("event", "Events", "event"),
    ("recipient", "Kinds of recipient", "kind of recipient"),
    ("transfer", "Grounds of a transfer", "ground of a transfer"),
)
_PATTERNS = {
    PERIOD_PATTERN: "period",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "date, `2026-03-31`",
    "^[A-Z]{2}(-[A-Z0-9]+)?$": "country, `GB` or `GB-NIR`",
}
_PLAIN = {"string": "text", "number": "number", "boolean": "`true`/`false`", "null": "null"}
_ENDING = re.compile(r"(Doc|Spec)$")


def objects(schema: Schema, *, vocabulary_page: str = "") -> str:
    """A section for each object of the schema, the whole file first, in the order of use.

    `vocabulary_page` is the page, relative to this one, that `vocabularies` stand on.
    """
    defs: Schema = schema.get("$defs", {})
    parts = [_section("The whole file", schema, "", defs, vocabulary_page)]
    for name, path in _found(schema, defs):
        parts.append(_section(_heading(name), defs[name], path, defs, vocabulary_page))
    return "\n".join(parts)


def vocabularies() -> str:
    """A table for each vocabulary a policy draws on: ids, what they mean, notes."""
    parts = []
    for kind, heading, _ in _KINDS:
        rows = [(f"`{t.id}`", t.label, t.note) for t in vocabulary.terms(kind).values()]
        parts.append(_table(heading, ("id", "what it means", "note"), rows))
    return "\n".join(parts)


def controls() -> str:
    """The table of controls that may stand under `kept_by`."""
    rows = [(f"`{name}`", meaning) for name, meaning in FIXED.items()]
    rows.append((f"`{retention_control('ACTIVITY')}`", "ACTIVITY is kept no longer than said"))
    rows.append((f"`{right_control('RIGHT')}`", "every request of the RIGHT is answered in time"))
    return _table("Controls", ("id", "what it keeps"), rows)


def _found(schema: Schema, defs: Schema) -> list[tuple[str, str]]:
    """Every object the file can hold, once, with the path where it is first met."""
    met: dict[str, str] = {}
    waiting = list(_inside(schema, ""))
    while waiting:
        name, path = waiting.pop(0)
        if name not in met:
            met[name] = path
            waiting = [*_inside(defs[name], f"{path}."), *waiting]
    return list(met.items())


def _inside(schema: Schema, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in schema.get("properties", {}).items():
        yield from _refs(value, prefix + key)


def _refs(value: Schema, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], path
    for each in (*value.get("anyOf", ()), *value.get("oneOf", ())):
        yield from _refs(each, path)
    if "items" in value:
        yield from _refs(value["items"], f"{path}[]")
    if isinstance(value.get("additionalProperties"), dict):
        yield from _refs(value["additionalProperties"], f"{path}.*")


def _section(heading: str, found: Schema, path: str, defs: Schema, page: str) -> str:
    required = found.get("required", ())
    rows = []
    for key, value in found.get("properties", {}).items():
        default = value.get("default")
        needed = "yes" if key in required else "no"
        if default not in (None, ""):
            needed += f", default `{_literal(default)}`"
        rows.append((f"`{key}`", _described(value, defs), _type(value, page), needed))
    head = ("key", "what it is", "type, allowed", "required")
    about = [found["description"], f"Stands at `{path}`." if path else ""]
    return _table(heading, head, rows, " ".join(filter(None, about)))


def _described(value: Schema, defs: Schema) -> str:
    """What a property says of itself; one that says nothing more is what its object is."""
    if "description" in value:
        return str(value["description"])
    return str(defs[value["$ref"].rpartition("/")[2]]["description"])


def _type(value: Schema, page: str) -> str:
    if "$ref" in value:
        name = _heading(value["$ref"].rpartition("/")[2])
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in value or "oneOf" in value:
        options = (*value.get("anyOf", ()), *value.get("oneOf", ()))
        shown = [_type(each, page) for each in options if each.get("type") != "null"]
        shown = ["number"] if shown == ["whole number", "number"] else shown
        return ", or ".join(dict.fromkeys(shown))
    if "const" in value:
        return f"`{_literal(value['const'])}`"
    if "enum" in value:
        return _choice(value["enum"], page)
    if value["type"] == "array":
        least = " (at least one)" if value.get("minItems") else ""
        return f"list of {_grouped(value['items'], page)}{least}"
    if value["type"] == "object":
        names = value.get("propertyNames", {})
        key = _type(names, page) if "enum" in names else "name"
        least = " (at least one)" if value.get("minProperties") else ""
        return f"mapping: {key} → {_grouped(value['additionalProperties'], page)}{least}"
    if "pattern" in value:
        like = f"text like `{value.get('default') or value['pattern']}`"
        return _PATTERNS.get(value["pattern"], like)
    if value["type"] in ("integer", "number"):
        return _number(value)
    return _PLAIN[value["type"]]


def _grouped(value: Schema, page: str) -> str:
    shown = _type(value, page)
    return f"({shown})" if ", or " in shown else shown


def _choice(allowed: list[Any], page: str) -> str:
    for kind, heading, one in _KINDS:
        left = [each for each in allowed if each not in vocabulary.terms(kind)]
        whole = len(allowed) - len(left) == len(vocabulary.terms(kind))
        if whole and left in ([], [NOT_PERSONAL], [TERMS]):
            extra = f", or `{left[0]}`" if left else ""
            return f"[{one}]({page}#{_anchor(heading)}){extra}"
    return ", ".join(f"`{_literal(each)}`" for each in allowed)


def _number(value: Schema) -> str:
    limits = {
        "minimum": "at least {}",
        "exclusiveMinimum": "above {}",
        "maximum": "at most {}",
    }
    said = [text.format(value[key]) for key, text in limits.items() if key in value]
    return ", ".join(["whole number" if value["type"] == "integer" else "number", *said])


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _heading(name: str) -> str:
    """`SoftDeleteDoc` as `Soft delete`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _ENDING.sub("", name))
    return words.capitalize()


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _table(
    heading: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], about: str = ""
) -> str:
    lines = [f"## {heading}", "", *([about, ""] if about else [])]
    return "\n".join([*lines, table(head, rows), ""])
