"""A plan is data: a closed union of small frozen steps, built without side effects.

`explain` and `apply` visit the same steps; there is no dry run, only a plan nobody applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from servanda.kernel.predicate import Predicate
from servanda.stores.mapping import Erasure
from servanda.stores.port import Tally

KeepReason: TypeAlias = Literal[
    "hold",  # suspended: past a ceiling, but a legal hold covers it
    "floor",  # past a ceiling, kept by a floor in force
    "event",  # the event that starts the clock has not happened
    "consent",  # the person consented, so this ceiling does not bind
    "tenant",  # whose data it is is unknown: shown, never touched
    "exempt",  # no rule, with reason, owner, and expiry
    "shape",  # the store's shape has drifted: read-only
    "verify",  # the store is in verify mode: measured, never written
    "partner",  # waits for the linked record (a recording that could not be removed)
]


@dataclass(frozen=True, slots=True)
class Delete:
    """Records past their ceiling go. `partitions`: dropped whole before the rest by rows."""

    id: str
    collection: str  # store.collection
    where: Predicate
    clock: str | None
    tally: Tally
    total: int  # records in the collection
    because: tuple[str, ...]  # sentences: which rule, which cutoff
    promises: tuple[str, ...]
    after: tuple[str, ...] = ()  # ids of steps that must have ended well before this one starts
    partitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redact:
    """Fields are overwritten. `kind` says what may be claimed afterwards."""

    id: str
    collection: str
    where: Predicate
    clock: str | None
    changes: tuple[tuple[str, Erasure], ...]
    kind: Literal["anonymised", "pseudonymised", "redacted"]
    tally: Tally
    total: int
    because: tuple[str, ...]
    promises: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """Records are copied to another store, the copy is read back, then they are deleted here."""

    id: str
    collection: str
    where: Predicate
    clock: str | None
    to: str
    tally: Tally
    total: int
    because: tuple[str, ...]
    promises: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Records are exported for their owner (JSON lines, with digest), then deleted here."""

    id: str
    collection: str
    where: Predicate
    clock: str | None
    to: str
    tally: Tally
    total: int
    because: tuple[str, ...]
    promises: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """A non-event worth saying: records that stay, and why."""

    id: str
    collection: str
    reason: KeepReason
    tally: Tally
    because: tuple[str, ...]
    promises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verify:
    """After everything else: a separate reader counts what is past its ceiling (must be none).

    Holds come and go after planning: count with `plan.holds.recount_predicates(verify, held)`,
    `held` being what the holds in force at the recount cover.
    """

    id: str
    collection: str
    overdue: Predicate  # past the ceiling today (no lead), floor-kept records taken out
    suspended: Predicate  # past the ceiling, known to be held when the plan was made
    promises: tuple[str, ...]


Step: TypeAlias = Delete | Redact | Archive | Return | Keep | Verify
Write: TypeAlias = Delete | Redact | Archive | Return


@dataclass(frozen=True, slots=True)
class Plan:
    """Frozen. `digest` covers everything else in it."""

    made_at: datetime
    as_of: datetime
    policy: str  # digest of the policy it was built from
    mapping: str  # digest of stores.yaml and packs
    shapes: tuple[tuple[str, str], ...]  # (store, digest of its shape)
    steps: tuple[Step, ...]
    unreachable: tuple[str, ...] = ()  # stores that did not answer while planning
    digest: str = ""
    terms: str = ""  # digest of the older limits that still hold for some; blank: there are none
