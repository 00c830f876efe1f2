"""What came of acting on requests: counts and states, no personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["done", "pending", "failed"]


@dataclass(frozen=True, slots=True)
class Stays:
    """Records that stay, by count. `until`: ISO moment, blank where none is known."""

    collection: str
    reason: str
    count: int
    until: str = ""
    ground: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreResult:
    """One store. `pending`: it did not answer; what is there is done later. `failed`: it refused,
    and a person has to look. `done`: (request, collection, what was done): how many records.
    `left`: was to go and is still there."""

    store: str
    state: State
    why: str = ""
    done: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    left: int = 0

    @property
    def count(self) -> int:
        return sum(self.done.values())


@dataclass(frozen=True, slots=True)
class Acted:
    """`commitments`: by request, the digest of one salted commitment per record. `suspended`:
    requests of which a legal hold keeps something; they are done when it is released."""

    run: str
    refs: tuple[str, ...]
    stores: tuple[StoreResult, ...]
    commitments: Mapping[str, str] = field(default_factory=dict)
    suspended: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        return all(each.state == "done" for each in self.stores)

    @property
    def count(self) -> int:
        return sum(each.count for each in self.stores)
