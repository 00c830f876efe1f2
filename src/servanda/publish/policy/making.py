"""What the sections are made from, and small helpers they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from servanda import law
from servanda.policy.rules import Policy
from servanda.policy.vocabulary import Kind
from servanda.publish.policy.model import Facts, Points, Table
from servanda.publish.policy.words import Wording


@dataclass(frozen=True, slots=True)
class Making:
    policy: Policy
    today: date
    edition: Facts | None
    wording: Wording

    def terms(self, kind: Kind, ids: Iterable[str]) -> str:
        return ", ".join(self.wording.term(kind, each) for each in ids)

    def recipients(self, ids: Iterable[str]) -> str:
        names = {each.id: each.name for each in self.policy.recipients}
        return ", ".join(names.get(each, each) for each in ids)

    @property
    def places(self) -> tuple[law.Place, ...]:
        """Whose law applies to somebody of whom nothing is known: ours, and all we name."""
        return law.applicable(
            None, self.policy.jurisdictions, home=self.policy.country, on=self.today
        )


def points(*pairs: tuple[str, str | Iterable[str]]) -> Points:
    """Those of the pairs that say something."""
    told = [
        (term, (said,) if isinstance(said, str) else tuple(said)) for term, said in pairs if said
    ]
    return Points(tuple((term, said) for term, said in told if said))


def table(title: str, head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    """Without the columns in which no row says anything."""
    names, lines = tuple(head), tuple(rows)
    kept = [n for n in range(len(names)) if n == 0 or any(line[n] for line in lines)]
    return Table(
        title,
        tuple(names[n] for n in kept),
        tuple(tuple(line[n] for n in kept) for line in lines),
    )
