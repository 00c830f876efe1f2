"""What the data files hold, as JSON Schema (draft 2020-12): one definition for each file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from servanda.publish.package.about import label
from servanda.publish.package.tables import Table
from servanda.publish.package.values import Kind
from servanda.stores.mapping import Collection

_TYPES: dict[Kind, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "moment": {"type": "string", "format": "date-time"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
}


def schema(tables: Sequence[Table]) -> bytes:
    """`$defs` by the name of the file; each describes that file as a whole."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The data files of this package",
        "description": "Each definition is of the file of the same name under data/. The CSV files "
        "hold the same records with the same columns; a text that a spreadsheet would take for a "
        "formula has an apostrophe in front there. A field that tells of other people is absent.",
        "$defs": {each.name: _file(each) for each in tables},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _file(table: Table) -> dict[str, Any]:
    collection = table.portion.collection
    properties = {name: _field(table, collection, name) for name in table.columns}
    required = [name for name in table.columns if name not in table.hidden]
    return {
        "title": collection.id,
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
    }


def _field(table: Table, collection: Collection, name: str) -> dict[str, Any]:
    kinds = sorted(table.kinds[name])
    options = [_TYPES[each] for each in kinds]
    found: dict[str, Any] = {}
    if len(options) == 1:
        found.update(options[0])
    elif options:
        found["anyOf"] = options
    if name not in {each.name for each in collection.fields}:
        found["description"] = f"when it was {name.replace('_', ' ')}"
        return found
    labels = [label("data", each) for each in collection.field_named(name).categories]
    if labels:
        found["description"] = ", ".join(labels)
    return found
