"""JSON Schema of a document model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The model's JSON Schema (2020-12) in the names a person writes."""
    found = model.model_json_schema(by_alias=True)
    return {**found, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
