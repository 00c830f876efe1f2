"""A plan for requests: lots of records, each with what is done to them and for whom; what stays,
and why; what could not be looked at.

It names records by their keys, so it is personal data: it is sealed wherever it is kept, and its
digest is all that is shown of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from servanda.kernel.predicate import Everything, Predicate, Scalar
from servanda.plan.find import Ambiguity, Gone, Key, Subject
from servanda.stores.mapping import Erasure

Deed: TypeAlias = Literal["delete", "redact", "correct"]
Reason: TypeAlias = Literal[
    "floor",  # a law or contract asks for it, for what it covers
    "hold",  # a legal hold covers it
    "others",  # somebody else's too
    "ground",  # decided: a ground of the law allows keeping it
    "tenant",  # whose customer's it is is unknown: shown, never touched
    "customer",  # a customer decides about it
    "contested",  # only a shared address leads there
    "waits",  # an owner may be in a store that did not answer
    "verify",  # the store is only measured
    "shape",  # the store is not as mapped, so it is only read
    "fixed",  # a field that cannot be changed where it lies
]
ByRequest: TypeAlias = tuple[tuple[str, tuple[Key, ...]], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What one request asks, as far as stores are concerned. `right`: erasure, rectification or
    withdraw. `spare`: (activity, ground) that was decided to be kept. `corrections`: (category, or
    `store.collection.field`, and the new value). `purpose`: whose consent is withdrawn; blank: any.
    """

    ref: str
    right: str
    subject: Subject
    spare: tuple[tuple[str, str], ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """One thing done to records of one collection. `fields` name a record; `by`: whose request
    asks for which. `condition` must still be true of a record when it is done."""

    collection: str
    deed: Deed
    fields: tuple[str, ...]
    by: ByRequest
    erase: tuple[tuple[str, Erasure], ...] = ()
    correct: tuple[tuple[str, str], ...] = ()
    condition: Predicate = field(default_factory=Everything)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Each record once, though several may have asked for it."""
        if len(self.by) == 1:  # one person's records are named once
            return self.by[0][1]
        return tuple(dict.fromkeys(key for _, keys in self.by for key in keys))


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of one request that stay, or stay in part. `fields`: what of them; empty: all."""

    ref: str
    collection: str
    reason: Reason
    keys: tuple[Key, ...]
    until: datetime | None = None
    ground: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    """A store that could not be searched: what is there is done later."""

    store: str
    why: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A request of which nobody can say yet whose records are meant."""

    ref: str
    ambiguities: tuple[Ambiguity, ...]


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """Frozen. `digest` covers everything else in it. `lots` stand in the order of their doing,
    those of one store together. `gone`: by which values what goes here leads on, by request."""

    made_at: datetime
    policy: str
    mapping: str
    refs: tuple[str, ...]
    lots: tuple[Lot, ...]
    kept: tuple[Kept, ...]
    silent: tuple[Silent, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    gone: tuple[tuple[str, Gone], ...] = ()
    people: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # erased, in normal form
    shapes: tuple[tuple[str, str], ...] = ()
    empty: tuple[str, ...] = ()  # requests of whose person nothing was found
    digest: str = ""

    def parts(self) -> Iterator[tuple[str, tuple[Lot, ...]]]:
        """(store, its lots): what is done together."""
        for store in dict.fromkeys(store_of(lot.collection) for lot in self.lots):
            yield store, tuple(lot for lot in self.lots if store_of(lot.collection) == store)


def store_of(collection_id: str) -> str:
    return collection_id.partition(".")[0]


def names(values: tuple[Scalar, ...]) -> str:
    """A key for people."""
    return ", ".join("" if each is None else str(each) for each in values)
