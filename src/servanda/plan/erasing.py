"""Which fields of a collection change when it is anonymised or partly redacted, and whether a
record has been through it already.

A personal field without a declared erasure becomes null. What a record is found by (its key)
never changes, and what the rules read (clock, tenant, consent) or what lies elsewhere (a joined
table, a file's name) changes only where the mapping says how. Personal fields that stay are
named, and then nobody may call the result anonymous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from servanda.kernel.predicate import (
    All,
    Compare,
    Erased,
    Missing,
    Not,
    Predicate,
    any_of,
)
from servanda.policy.rules import Floor
from servanda.stores.mapping import (
    RENAMED,
    Collection,
    Column,
    Erasure,
    Field,
    FilePart,
    Generalise,
    JsonPath,
    Pseudonym,
    SetNull,
    SetText,
)

Kind: TypeAlias = Literal["anonymised", "pseudonymised", "redacted"]


@dataclass(frozen=True, slots=True)
class Changes:
    """`fields`: (field, what becomes of it). `stays`: personal fields that cannot be changed.
    `covered`: personal fields a floor keeps."""

    fields: tuple[tuple[str, Erasure], ...]
    stays: tuple[str, ...]
    covered: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What may be claimed of a record afterwards."""
        if self.stays or self.covered:
            return "redacted"
        if any(isinstance(erasure, Pseudonym) for _, erasure in self.fields):
            return "pseudonymised"
        return "anonymised"


def changes(collection: Collection, floors: Sequence[Floor] = ()) -> Changes:
    """What erasing a record means while these floors are in force."""
    fields: list[tuple[str, Erasure]] = []
    stays: list[str] = []
    covered: list[str] = []
    for each in collection.personal:
        if any(f.covers_category(category) for f in floors for category in each.categories):
            covered.append(each.name)
        elif (erasure := _erasure(collection, each)) is None:
            if not _goes_with_name(collection, each):
                stays.append(each.name)
        else:
            fields.append((each.name, erasure))
    return Changes(tuple(fields), tuple(stays), tuple(covered))


def pending(changes: Changes) -> Predicate:
    """True for records in which at least one field is not at its erased form yet."""
    return any_of(not_erased(name, erasure) for name, erasure in changes.fields)


def not_erased(name: str, erasure: Erasure) -> Predicate:
    """True for records whose field would change if it were erased now."""
    match erasure:
        case SetNull() | SetText(text=""):
            return Not(Missing(name))
        case SetText(text):
            return All((Not(Missing(name)), Not(Compare(name, "=", text))))
        case Generalise(to="number", step=step):
            return Not(Erased(name, f"number:{step}"))
        case Generalise(to=form):
            return Not(Erased(name, form))
        case Pseudonym():
            return All((Not(Missing(name)), Not(Erased(name, "pseudonym"))))
        case _:
            assert_never(erasure)


def _erasure(collection: Collection, field: Field) -> Erasure | None:
    if field.name in collection.key:
        return None
    if field.erase is not None:
        return field.erase
    writable = isinstance(field.source, Column | JsonPath)
    return SetNull() if writable and not _is_read_by_rules(collection, field) else None


def _goes_with_name(collection: Collection, field: Field) -> bool:
    """A file's path and stem change when the file is renamed."""
    return isinstance(field.source, FilePart) and (
        field.source.part in ("path", "stem")
        and any(renamed(each) for each in collection.personal if each.source == FilePart("name"))
    )


def renamed(field: Field) -> bool:
    """The field becomes a file's new name: see `Pseudonym.ending`."""
    return field.erase == RENAMED


def _is_read_by_rules(collection: Collection, field: Field) -> bool:
    return (
        any(clock.source == field.source for clock in collection.clocks)
        or any(consent.field == field.name for consent in collection.consents)
        or collection.accepted == field.name
        or (not collection.tenant_constant and collection.tenant == field.name)
    )
