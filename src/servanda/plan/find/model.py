"""What was found of one person, as data: which records, by which way, and what may become of them.

No value of a record leaves the stores but what names it (its key), which the caller needs to act.
Nothing here is printed by itself: `text` shows counts, `data` gives everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from servanda.kernel.predicate import Scalar
from servanda.stores.ownership import Tie

Key: TypeAlias = tuple[Scalar, ...]
Role: TypeAlias = Literal["owner", "co-owner", "accessor"]
Why: TypeAlias = Literal["others", "accessor", "tenant", "waits", "contested"]


@dataclass(frozen=True, slots=True)
class Gone:
    """Records that have been erased already, of which something is left to follow: the values
    (`rows` of `fields`) by which records of `collection` owned others, in stores that did not
    answer then."""

    collection: str
    fields: tuple[str, ...]
    rows: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who is looked for. `identities`: pairs like ("email", "jo@example.test").

    `tenant`: the customer on whose behalf it is asked; only that customer's records count.
    `only`: where one address is several people's, which records are this person's:
    (collection, key). Other records of these collections are then somebody else's.
    `gone`: what an earlier attempt erased, so that what hung on it is found still.
    """

    ref: str
    identities: tuple[tuple[str, str], ...]
    tenant: str | None = None
    only: tuple[tuple[str, Key], ...] = ()
    gone: tuple[Gone, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Way:
    """How a record was reached: by identifiers in its own fields, or from another one by a tie.

    The same way to the same collection is one object, however many records were reached by it.
    """

    collection: str
    kinds: tuple[str, ...] = ()  # of identifiers; empty when reached by a tie
    tie: Tie | None = None
    above: Way | None = None

    @property
    def steps(self) -> tuple[Way, ...]:
        """From where the person was recognised to here."""
        return (*(self.above.steps if self.above else ()), self)


@dataclass(frozen=True, slots=True)
class Branch:
    """Records of one collection that share a way and a fate.

    `keys`: values of `named_by`, which is the collection's key, or all its fields where it has
    none. `goes`: nobody else owns them, so they go with this person; else `why` they stay.
    `others`: how many other owners each has. `redact`: fields that are erased where they stay.
    `hide`: fields that an access package leaves out. `waits_for`: stores that did not answer.
    `tenant`: whose they are; None where nothing says so although it should.
    """

    collection: str
    way: Way
    role: Role
    others: int
    goes: bool
    why: tuple[Why, ...]
    redact: tuple[str, ...]
    hide: tuple[str, ...]
    tenant: str | None
    waits_for: tuple[str, ...]
    named_by: tuple[str, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Several records that are one person each, behind one address. `differ`: fields by which
    they can be told apart. Nobody may act before somebody has chosen (`Subject.only`)."""

    collection: str
    kinds: tuple[str, ...]
    named_by: tuple[str, ...]
    keys: tuple[Key, ...]
    differ: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """A store that could not be searched, and the collections that may therefore be incomplete."""

    store: str
    why: str
    collections: tuple[str, ...]
    behind: tuple[str, ...]  # collections of other stores to which a way leads through it


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything that is one person's, over all stores. `searched`: collections looked into."""

    subject: Subject
    branches: tuple[Branch, ...]
    ambiguities: tuple[Ambiguity, ...]
    pending: tuple[Pending, ...]
    searched: tuple[str, ...]
    leads: tuple[Gone, ...] = ()  # by which values what is owned leads on

    @property
    def records(self) -> int:
        return sum(len(each.keys) for each in self.branches)

    @property
    def complete(self) -> bool:
        """Every store answered, and it is clear who is meant."""
        return not self.pending and not self.ambiguities
