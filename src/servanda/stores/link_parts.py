"""The pieces of a link in stores.yaml and packs."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, Tag

from servanda.policy.types import Doc, Line, Once
from servanda.stores.link import LinkKind
from servanda.stores.values import Pairs, expected


class OnAccessDoc(Doc):
    """What a person who reaches the record by this link does not get to see."""

    redact: Annotated[list[Line], Once, Field(min_length=1)] = Field(
        description="Fields of the owned (or accessed) record that are left out of the package."
    )


class OnEraseDoc(Doc):
    """What becomes of a record that stays when the person who reaches it by this link goes."""

    redact: Annotated[list[Line], Once, Field(min_length=1)] = Field(
        description="Fields of the owned (or accessed) record that are erased, as their `erase` "
        "says, so that the traces of this person go and the record of the others stays."
    )


OnErase: TypeAlias = Annotated[
    Annotated[Literal["delete"], Tag("(text)")] | Annotated[OnEraseDoc, Tag("(mapping)")],
    expected("delete or {redact: [field, …]}"),
]


class LinkDoc(Doc):
    """Ownership between rows, within a store or across.

    `owned_by`: this row is that row's; it goes when its last owner goes. `owns`: the other way
    round, for link tables: what several rows own is shared. `accessed_by` and `accesses`: seen by
    the person, not theirs; it stays when they go.
    """

    to: Line = Field(
        description="`store.collection`, or `collection` of the same store. In a pack also "
        "`pack.collection`."
    )
    match: Pairs = Field(
        description="`{our field: their field}`; all must be equal. Blank values join nothing."
    )
    as_: LinkKind = Field(alias="as", description="What this row is to that one.")
    on_access: OnAccessDoc | None = Field(
        default=None, description="What is left out of an access package."
    )
    on_erase: OnErase | None = Field(
        default=None,
        description="`delete`: the row goes with this owner even where others remain. "
        "`{redact: [field, …]}`: these fields are erased where the row stays.",
    )
