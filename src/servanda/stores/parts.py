"""The pieces of a collection in stores.yaml and packs: fields, clocks, ties, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from servanda.policy.types import (
    Category,
    CategoryOrNone,
    DateText,
    Doc,
    Line,
    Once,
    Prose,
    ZoneName,
)
from servanda.stores.values import Pairs, Scalar, ViaDoc, expected, kind_of


class NumberDoc(Doc):
    """Round a number down."""

    number: int = Field(ge=1, description="To a multiple of this.")


class TextErase(Doc):
    """Overwrite with a fixed text."""

    text: str = Field(description="The text.")


class GeneraliseErase(Doc):
    """Take precision away."""

    generalise: Annotated[
        Annotated[Literal["year", "month", "decade", "ip", "postcode"], Tag("(text)")]
        | Annotated[NumberDoc, Tag("(mapping)")],
        expected("a word or {number: …}"),
    ] = Field(
        description="A date to its `year`, `month` or `decade`; an `ip` to its network; a "
        "`postcode` to its outward part; `{number: 10}` down to a multiple."
    )


def _erase_kind(value: Any) -> str | None:
    kind = kind_of(value)
    if kind != "(mapping)":
        return kind
    keys = value.keys() if isinstance(value, Mapping) else ()
    return "(generalise)" if "text" not in keys and "generalise" in keys else "(fixed)"


EraseDoc: TypeAlias = Annotated[
    Annotated[Literal["blank", "pseudonym", "file_name"], Tag("(text)")]
    | Annotated[TextErase, Tag("(fixed)")]
    | Annotated[GeneraliseErase, Tag("(generalise)")],
    Discriminator(
        _erase_kind,
        custom_error_type="wrong-type",
        custom_error_message="null, blank, pseudonym, file_name, {text: …} or {generalise: …} "
        "is expected",
    ),
]


class FieldSpec(Doc):
    """A field in full."""

    is_: Annotated[
        Annotated[CategoryOrNone, Tag("(text)")]
        | Annotated[Annotated[list[Category], Once], Tag("(list)")],
        expected("a category or a list of categories"),
    ] = Field(
        default_factory=list,
        alias="is",
        description="Its categories; `not_personal` or `[]` for none.",
    )
    column: Line | None = Field(default=None, description="The column, where named otherwise.")
    path: Annotated[list[Line], Field(min_length=1)] | None = Field(
        default=None, description="Where in a JSON column the value lies: `[user, name]`."
    )
    via: ViaDoc | None = Field(default=None, description="A value in another table.")
    part: Literal["path", "name", "stem", "size", "mtime"] | None = Field(
        default=None, description="Files: a property of the file."
    )
    group: Line | None = Field(
        default=None, description="Files: a group of the template or of the line's expression."
    )
    sidecar: Line | None = Field(default=None, description="Files: a key of the sidecar file.")
    erase: EraseDoc | None = Field(
        default=None,
        description="What becomes of it when it is erased while the record stays: `null`, "
        "`blank`, `pseudonym`, `{text: …}` or `{generalise: …}`. `file_name`: a pseudonym that "
        "keeps the ending, the same in a column as for the file itself, which is renamed. "
        "Without it, it cannot be erased.",
    )


FieldDoc: TypeAlias = Annotated[
    Annotated[CategoryOrNone, Tag("(text)")]
    | Annotated[Annotated[list[Category], Once], Tag("(list)")]
    | Annotated[FieldSpec, Tag("(mapping)")],
    expected("a category, a list of categories, or a mapping"),
]


class ClockSpec(Doc):
    """When an event happened. Exactly one of column, via, path, mtime, sidecar, group."""

    column: Line | None = Field(default=None, description="The column, or a JSON column.")
    via: ViaDoc | None = Field(default=None, description="A value in another table.")
    path: (
        Annotated[
            Annotated[bool, Tag("(truth)")] | Annotated[list[Line], Tag("(list)")],
            expected("true or a list"),
        ]
        | None
    ) = Field(
        default=None,
        description="Files: `true` takes the date from the path. With `column`: where in the JSON.",
    )
    mtime: bool = Field(default=False, description="Files: the time of the last change.")
    sidecar: Line | None = Field(default=None, description="Files: a key of the sidecar file.")
    group: Line | None = Field(
        default=None, description="Files: a group of the template or of the line's expression."
    )
    as_: Literal["auto", "datetime", "date", "epoch_s", "epoch_ms", "text"] = Field(
        default="auto", alias="as", description="How the value is written."
    )
    format: Line | None = Field(default=None, description="For text: `%Y-%m-%d %H:%M:%S`.")
    zone: ZoneName | None = Field(
        default=None, description="Time zone of values that carry none; else the store's."
    )


ClockDoc: TypeAlias = Annotated[
    Annotated[Line, Tag("(text)")] | Annotated[ClockSpec, Tag("(mapping)")],
    expected("a column or a mapping"),
]


class TestDoc(Doc):
    """A condition other than equality."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    not_: (
        Annotated[
            Annotated[str, Tag("(text)")]
            | Annotated[int | float, Tag("(number)")]
            | Annotated[bool, Tag("(truth)")]
            | Annotated[list[Scalar], Tag("(list)")],
            expected("a value or a list of values"),
        ]
        | None
    ) = Field(default=None, alias="not", description="None of these values.")
    missing: bool | None = Field(
        default=None, description="`true`: null, absent or blank; `false`: there is a value."
    )


ConditionDoc: TypeAlias = Annotated[
    Annotated[str, Tag("(text)")]
    | Annotated[int | float, Tag("(number)")]
    | Annotated[bool, Tag("(truth)")]
    | Annotated[list[Scalar], Tag("(list)")]
    | Annotated[TestDoc, Tag("(mapping)")],
    expected("a value, a list of values, {not: …} or {missing: true}"),
]


class ChildDoc(Doc):
    """A table whose rows go with ours, before them."""

    table: Line = Field(description="The table of the children.")
    match: Pairs = Field(description="`{their column: our column}`.")
    where: dict[Line, Scalar] = Field(
        default_factory=dict, description="`{their column: constant}`: only such rows."
    )
    children: list[ChildDoc] = Field(default_factory=list, description="Their own children.")


class CounterDoc(Doc):
    """A count the product keeps of our rows."""

    table: Line = Field(description="The table that keeps the count.")
    column: Line = Field(description="The column with the count.")
    match: Pairs = Field(description="`{their column: our column}`.")
    where: dict[Line, Scalar] = Field(
        default_factory=dict, description="`{our column: constant}`: only such rows are counted."
    )


class DetachDoc(Doc):
    """A column that points at our rows and is reset when they go."""

    table: Line = Field(description="The table that points at us.")
    column: Line = Field(description="The column that points.")
    points_at: Line = Field(description="Our column.")
    value: Scalar | None = Field(default=None, description="What it becomes; null without it.")


class ConsentDoc(Doc):
    """Which field records a choice."""

    field: Line = Field(description="The field.")
    yes: list[Scalar] = Field(
        default_factory=list,
        description="The values that mean yes, compared as text. Not for `terms`: that field holds "
        "the number of the edition of the policy that the person accepted last.",
    )
    no: Scalar | None = Field(
        default=None, description="What is written when the consent is withdrawn."
    )


class ExemptDoc(Doc):
    """Why something has no rule, for a while."""

    reason: Prose = Field(description="Why.")
    owner: Line = Field(description="Who answers for it.")
    until: DateText = Field(description="The last day it holds.")


class SoftDeleteDoc(Doc):
    """A column that hides a row without removing it."""

    column: Line = Field(description="The column.")
    deleted: Literal["not_null", "true"] = Field(
        default="not_null", description="When the row counts as hidden."
    )


class FilesDoc(Doc):
    """Which files of a folder belong to the collection."""

    template: Line = Field(
        description="Relative path with groups in braces: `{yyyy}/{mm}/{dd}/{call}.wav`."
    )
    sidecars: Annotated[list[Line], Once] = Field(
        default_factory=list, description="Endings of files of the same record: `.txt`."
    )
    lines: Prose | None = Field(
        default=None,
        description="Records are lines: a regular expression with named groups.",
    )
    rotated: Line | None = Field(
        default=None, description="Template of rotated files, which may be rewritten."
    )
    sequence: Line | None = Field(
        default=None,
        description="The product numbers a folder's files without gaps, as `msg{n:04d}`; what "
        "remains after a deletion is renumbered.",
    )


class InDoc(Doc):
    """A field whose text names people among other words."""

    in_: Line = Field(alias="in", description="The field: a line of a log, the body of a message.")


IdentifierDoc: TypeAlias = Annotated[
    Annotated[Line, Tag("(text)")] | Annotated[InDoc, Tag("(mapping)")],
    expected("a field or {in: field}"),
]


class ConstantDoc(Doc):
    """One tenant for the whole collection."""

    constant: Line = Field(description="The tenant.")
