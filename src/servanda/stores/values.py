"""Single values, pairs and joined values: what the larger pieces of stores.yaml are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag

from servanda.policy.types import Doc, Line, refuse


def kind_of(value: Any) -> str | None:
    """The tag of a value's shape; tags stand in parentheses so that no key looks like one."""
    match value:
        case bool():
            return "(truth)"
        case int() | float():
            return "(number)"
        case str():
            return "(text)"
        case list():
            return "(list)"
        case Mapping() | Doc():
            return "(mapping)"
        case _:
            return None


def expected(what: str) -> Discriminator:
    """Choose the alternative by the value's shape, so that only its own errors are told."""
    message = f"{what} is expected"
    return Discriminator(kind_of, custom_error_type="wrong-type", custom_error_message=message)


def _some(pairs: dict[str, Any]) -> dict[str, Any]:
    if not pairs:
        raise refuse("empty-list", "this must not be empty", "write at least one entry")
    return pairs


Scalar: TypeAlias = Annotated[
    Annotated[str, Tag("(text)")]
    | Annotated[int | float, Tag("(number)")]
    | Annotated[bool, Tag("(truth)")],
    expected("a single value"),
]
Pairs: TypeAlias = Annotated[
    dict[Line, Line], AfterValidator(_some), Field(json_schema_extra={"minProperties": 1})
]


class ViaDoc(Doc):
    """A value in another table of the same store."""

    table: Line = Field(description="The other table.")
    match: Pairs = Field(description="`{their column: our column}`; all must be equal.")
    column: Line = Field(description="The column with the value.")
    where: dict[Line, Scalar] = Field(
        default_factory=dict, description="`{their column: constant}`: only such rows."
    )
    pick: Literal["max", "min", "any"] = Field(
        default="max", description="Of several rows: the greatest, the least, or whichever."
    )
