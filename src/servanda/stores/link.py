"""Ownership as a mapping declares it: links between collections, and the persons in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

LinkKind: TypeAlias = Literal["owns", "owned_by", "accesses", "accessed_by"]


@dataclass(frozen=True, slots=True)
class Link:
    """Ownership between rows. `to`: `store.collection`; `match` pairs (our field, their field).

    `hide` and `redact` name fields of the *owned* (or accessed) record, whichever side declares
    the link: what is left out of the package of somebody who reaches the record this way, and
    what is erased in it when that person goes while the record stays. `goes`: the record goes
    with this owner, whoever else owns it.
    """

    to: str
    match: tuple[tuple[str, str], ...]
    as_: LinkKind
    hide: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    goes: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """One of the persons a record tells of (the caller, the callee): which fields tell of them.

    The fields that identify them are among `fields`. Where that person goes and the record stays,
    all these fields are erased.
    """

    name: str
    fields: tuple[str, ...]
