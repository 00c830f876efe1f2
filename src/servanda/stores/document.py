"""stores.yaml and packs as a person writes them. Descriptions become reference and schema."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, Tag

from servanda.policy.types import (
    Choice,
    Doc,
    Line,
    Once,
    PeriodText,
    Slug,
    ZoneName,
    brief,
    refuse,
)
from servanda.stores.link_parts import LinkDoc
from servanda.stores.outside import CommandDoc, MailboxDoc
from servanda.stores.parts import (
    ChildDoc,
    ClockDoc,
    ConditionDoc,
    ConsentDoc,
    ConstantDoc,
    CounterDoc,
    DetachDoc,
    ExemptDoc,
    FieldDoc,
    FilesDoc,
    IdentifierDoc,
    SoftDeleteDoc,
)
from servanda.stores.values import expected

_TIMEOUT = re.compile(r"([0-9]{1,5})\s+(second|minute|hour)s?")


def seconds_of(text: str) -> float | None:
    """`30 seconds`, `5 minutes`, `1 hour` as seconds; None when it is no such text."""
    found = _TIMEOUT.fullmatch(text.strip())
    if found is None:
        return None
    return float(int(found.group(1)) * {"second": 1, "minute": 60, "hour": 3600}[found.group(2)])


def _timeout(text: str) -> str:
    if not seconds_of(text):
        what = f'"{brief(text)}" is not a time limit'
        raise refuse("bad-timeout", what, "write for example `5 minutes` or `30 seconds`")
    return text


Timeout = Annotated[
    str,
    AfterValidator(_timeout),
    Field(json_schema_extra={"pattern": rf"^\s*{_TIMEOUT.pattern}\s*$"}),
]


class CollectionDoc(Doc):
    """One table, folder, set of log lines or mailboxes, or what a program lists. What a pack gives
    may be left out or overridden."""

    source: Line | None = Field(
        default=None, description="The table, optionally `schema.table`. Default: the name."
    )
    activity: Line | None = Field(
        default=None, description="The activity of the policy whose rules hold here."
    )
    key: Annotated[list[Line], Once] = Field(
        default_factory=list, description="Fields that identify a record; may be absent."
    )
    clocks: dict[Slug, ClockDoc] = Field(
        default_factory=dict,
        description="When the events of the rules happened: `{event: column}`.",
    )
    fields: dict[Line, FieldDoc] = Field(
        default_factory=dict, description="What each field holds: `{column: category}`."
    )
    not_personal: Annotated[list[Line], Once] = Field(
        default_factory=list, description="Columns that hold no personal data."
    )
    where: dict[Line, ConditionDoc] = Field(
        default_factory=dict, description="Which rows belong here: `{field: value}`."
    )
    identify: dict[Slug, Annotated[list[IdentifierDoc], Once, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Fields that hold an identifier of a person, in any notation: "
        "`{phone: [src, dst]}`. `{in: body}` is a text that names people among other words.",
    )
    tenant: (
        Annotated[
            Annotated[Line, Tag("(text)")] | Annotated[ConstantDoc, Tag("(mapping)")],
            expected("a field or {constant: …}"),
        ]
        | None
    ) = Field(default=None, description="Whose customer's row it is: a field, or a constant.")
    parties: dict[Slug, Annotated[list[Line], Once, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="The persons one record tells of, and which fields tell of each: "
        "`{caller: [src, cnam], callee: [dst]}`. Each owns the record. Without it, where "
        "`identify` names several fields of a kind, each of them stands for a person of its own.",
    )
    shared: Annotated[list[Line], Once] = Field(
        default_factory=list,
        description="Fields that tell of every person of a record at once, such as a recording's "
        "name with the caller's number in it. Where others own the record too, they are left out "
        "of a package, and erased as soon as one of the owners is.",
    )
    one_per_person: bool | None = Field(
        default=None,
        description="A record is one person, so two under one address are two people, until "
        "somebody says otherwise. Without it: where other records point at these by their key.",
    )
    links: list[LinkDoc] = Field(default_factory=list, description="Ownership between rows.")
    unlinked: ExemptDoc | None = Field(
        default=None,
        description="Why no person can be led to these records although they hold personal "
        "fields. Excludes `identify`.",
    )
    children: list[ChildDoc] = Field(default_factory=list, description="Tables that go first.")
    counters: list[CounterDoc] = Field(default_factory=list, description="Counts to put right.")
    detaches: list[DetachDoc] = Field(default_factory=list, description="Pointers to reset.")
    consent: dict[Choice, ConsentDoc] = Field(
        default_factory=dict,
        description="Which field records a choice, by purpose; `terms`: which edition of the "
        "policy the person accepted.",
    )
    exempt: ExemptDoc | None = Field(
        default=None, description="Why there is no rule. Excludes `activity`."
    )
    soft_delete: (
        Annotated[
            Annotated[Line, Tag("(text)")] | Annotated[SoftDeleteDoc, Tag("(mapping)")],
            expected("a column or a mapping"),
        ]
        | None
    ) = Field(default=None, description="The column by which the product hides rows.")
    emptied: bool = Field(
        default=False,
        description="When a person is erased, their records here are emptied and stay, because "
        "the product needs the rows.",
    )
    files: FilesDoc | None = Field(default=None, description="Layout of a folder's files.")
    mailbox: MailboxDoc | None = Field(default=None, description="Mailboxes of a mail account.")
    command: CommandDoc | None = Field(default=None, description="Calls of a program.")
    byproducts: Annotated[list[Line], Once] = Field(
        default_factory=list,
        description="Globs of dumps, caches and rotated logs, searched for what remains.",
    )
    archive_to: Line | None = Field(
        default=None,
        description="`store` or `store.collection`, for `then: archive`. Files go to a folder.",
    )
    return_to: Line | None = Field(
        default=None, description="A store, for `then: return`. Files go to a folder."
    )
    expect: Annotated[list[Line], Once] = Field(
        default_factory=list,
        description="Columns that must be there; without them the store is only read.",
    )


class BreakerDoc(Doc):
    """When a step needs a person's approval."""

    share: float = Field(default=0.5, gt=0, le=1, description="Of the collection, 0 to 1.")
    rows: int = Field(default=1_000_000, ge=1, description="Or as many records.")
    floor: int = Field(default=20, ge=0, description="Below this many records never.")


class LimitDoc(Doc):
    """How hard we may lean on the store."""

    rows_per_second: Annotated[
        Annotated[Literal["unlimited"], Tag("(text)")]
        | Annotated[Annotated[int, Field(ge=1)], Tag("(number)")],
        expected("a number or `unlimited`"),
    ] = Field(default=20_000, description="Records a second, or `unlimited`.")
    connections: int = Field(default=2, ge=1, le=64, description="Connections at once.")
    statement_timeout: Timeout = Field(default="5 minutes", description="For one statement.")
    lock_timeout: Timeout = Field(default="10 seconds", description="Waiting for a lock.")
    breaker: BreakerDoc = Field(default_factory=BreakerDoc, description="The circuit breaker.")


class FromFile(Doc):
    """Read the address from a file, so that secrets stay out of this one."""

    file: Line = Field(description="Path, relative to stores.yaml.")


Address: TypeAlias = Annotated[
    Annotated[Line, Tag("(text)")] | Annotated[FromFile, Tag("(mapping)")],
    expected("an address or {file: …}"),
]


class StoreDoc(Doc):
    """A system that holds data."""

    connect: Address = Field(
        description="Its address. Secrets only as `${NAME}`, `${NAME:-default}` or `{file: path}`; "
        "relative paths are relative to stores.yaml."
    )
    recount: Address | None = Field(
        default=None,
        description="The address for a read-only user, who counts again after a run.",
    )
    pack: Slug | None = Field(default=None, description="A ready-made mapping.")
    with_: dict[Slug, Line] = Field(
        default_factory=dict, alias="with", description="The pack's parameters: `{prefix: wp_}`."
    )
    without: Annotated[list[Line], Once] = Field(
        default_factory=list, description="Collections of the pack that this store does not have."
    )
    mode: Literal["direct", "verify"] = Field(
        default="direct", description="`direct`: we write. `verify`: we only measure."
    )
    zone: ZoneName | None = Field(
        default=None, description="Time zone of times that carry none. Default: UTC."
    )
    limit: LimitDoc = Field(default_factory=LimitDoc, description="How hard we may lean on it.")
    collections: dict[Line, CollectionDoc] = Field(
        default_factory=dict, description="What it holds, by a name of your own."
    )
    ignore: dict[Line, ExemptDoc] = Field(
        default_factory=dict, description="Tables that are not mapped, by glob, and why."
    )


class TightenDoc(Doc):
    """A customer's instruction; it may only shorten."""

    at_most: PeriodText = Field(description="The customer's ceiling.")
    after: Slug | None = Field(
        default=None, description="Which ceiling of the activity; needed if they differ in event."
    )


class TenantDoc(Doc):
    """A customer for whom we are processor."""

    name: Line = Field(description="The customer.")
    tighten: dict[Slug, TightenDoc] = Field(
        default_factory=dict, description="Shorter ceilings, by activity."
    )


class StoresDoc(Doc):
    """The whole file."""

    stores: dict[Slug, StoreDoc] = Field(
        description="Systems that hold data, by a name of your own.",
        json_schema_extra={"minProperties": 1},
    )
    own: dict[Slug, Annotated[list[Line], Once, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Identities of the organisation itself, which make nobody the owner of a "
        "record: `{email: [support@example.test]}`.",
    )
    tenants: dict[Line, TenantDoc] = Field(
        default_factory=dict, description="Customers, by the value that marks their rows."
    )


class PackDoc(Doc):
    """A ready-made mapping of a product."""

    product: Line = Field(description="The product.")
    versions: Annotated[list[Line], Once] = Field(
        default_factory=list, description="Versions it was tried with."
    )
    with_: dict[Slug, Line] = Field(
        default_factory=dict,
        alias="with",
        description="Parameters and their defaults; `{prefix}` in any text below becomes the "
        "value.",
    )
    collections: dict[Line, CollectionDoc] = Field(description="What the product holds.")
    ignore: dict[Line, ExemptDoc] = Field(
        default_factory=dict, description="Its tables that are not mapped, by glob, and why."
    )
