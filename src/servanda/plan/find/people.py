"""Everybody who is looked for, and whom a value names.

The harm: somebody else's address taken for theirs, or a second person in one text overlooked, so
that a record goes which is also theirs. Values are compared by `kernel.identity` alone.
tests/plan/find/test_identities.py guards this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from servanda.kernel import identity, identity_within
from servanda.kernel.evaluate import as_text
from servanda.kernel.predicate import Folded, Predicate, Scalar, Within
from servanda.plan.find.model import Subject
from servanda.stores.mapping import Collection

_SHORTEST_NUMBER = 5
Named = tuple[str, str]  # (kind, folded identity)


def _nobody(kind: str, folded: str) -> bool:
    """A short extension is a desk of ours, not another person."""
    return kind == "phone" and len(folded) < _SHORTEST_NUMBER


def identities_in(collection: Collection, kind: str, name: str, value: Scalar) -> Iterator[str]:
    """All identities that the value has, folded; inside a text, those that can be known there."""
    fold = identity.fold_of(kind, collection.region)
    if (kind, name) not in collection.texts:
        folded = identity.folded(fold, value)
        if folded is not None:
            yield folded
    elif kind in ("email", "phone"):
        yield from identity_within.found_in(fold, as_text(value))


@dataclass
class People:
    """The subjects, by the folded forms of their identities. `own`: identities of the
    organisation itself, which make nobody the owner of a record. `region`: the country of the
    numbers they gave."""

    subjects: Sequence[Subject]
    own_identities: Iterable[Named] = ()
    region: str | None = None
    own: set[Named] = field(default_factory=set)
    known: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # kind: folded: subjects
    _typed: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for kind, value in self.own_identities:
            if (folded := self._folded(kind, value)) is not None:
                self.own.add((kind, folded))
        for number, subject in enumerate(self.subjects):
            for kind, value in dict.fromkeys(subject.identities):
                folded = self._folded(kind, value)
                if folded is None or (kind, folded) in self.own:
                    continue
                numbers = self.known.setdefault(kind, {}).setdefault(folded, [])
                if number not in numbers:
                    numbers.append(number)
                if kind == "email":
                    self._typed.add((number, str(identity.normal(kind, value))))

    def condition(
        self, collection: Collection, kind: str, name: str, wanted: Sequence[str]
    ) -> Predicate:
        """Where the field names one of these."""
        fold = identity.fold_of(kind, collection.region)
        made = Within if (kind, name) in collection.texts else Folded
        return made(name, fold, tuple(wanted))

    def named(self, collection: Collection, kind: str, name: str, value: Scalar) -> Iterator[str]:
        """Those looked for whom the value of the field names, folded."""
        wanted = self.known.get(kind, {})
        fold = identity.fold_of(kind, collection.region)
        if (kind, name) in collection.texts:
            yield from dict.fromkeys(identity_within.names(fold, as_text(value), wanted.keys()))
        elif (folded := identity.folded(fold, value)) in wanted:
            yield str(folded)

    def others_in(
        self, collection: Collection, kind: str, name: str, value: Scalar, ours: set[Named]
    ) -> bool:
        """Whether the value names a person beside ours, and not only the organisation."""
        fold = identity.fold_of(kind, collection.region)
        if (kind, name) in collection.texts:
            found = set(identity_within.surely_in(fold, as_text(value)))
        else:
            folded = identity.folded(fold, value)
            found = set() if folded is None or _nobody(kind, folded) else {folded}
        return any((kind, each) not in self.own and (kind, each) not in ours for each in found)

    def of(self, number: int) -> set[Named]:
        """The identities of a subject."""
        return {
            (kind, folded)
            for kind, each in self.known.items()
            for folded, numbers in each.items()
            if number in numbers
        }

    def by_alias(self, number: int, kind: str, value: Scalar) -> bool:
        """Whether the address differs from all those given by its plus part."""
        found = identity.normal(kind, value) if kind == "email" else None
        return found is not None and (number, found) not in self._typed

    def _folded(self, kind: str, value: str) -> str | None:
        return identity.folded(identity.fold_of(kind, self.region), value)
