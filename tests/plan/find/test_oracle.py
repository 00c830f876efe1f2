"""Random worlds, found by the search and by an oracle that knows every row at once.

The oracle shares nothing with the search but the meaning of the words: a row stays when somebody
who does not go owns it, by whatever chain; every other row of a person goes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from servanda.kernel.predicate import Scalar
from servanda.stores.link import Link
from servanda.stores.mapping import Collection
from tests.plan.find.town import fates, link, table, town

PEOPLE = [f"p{number}@example.test" for number in range(4)]
_Row = dict[str, Scalar]
_Id = tuple[str, Scalar]  # collection, key


@dataclass
class World:
    """3 to 6 tables with 1 to 7 rows each; every link is a column that may hold any row's id."""

    collections: list[Collection] = field(default_factory=list)
    rows: dict[str, list[tuple[Scalar, ...]]] = field(default_factory=dict)
    edges: list[tuple[str, str, str, str, bool]] = field(default_factory=list)

    @classmethod
    def of(cls, random: Random) -> World:
        made = cls()
        names = [f"t{number}" for number in range(random.randint(3, 6))]
        links: dict[str, list[Link]] = {name: [] for name in names}
        columns: dict[str, list[str]] = {name: [] for name in names}
        for number in range(random.randint(2, 8)):
            here, there = random.choice(names), random.choice(names)
            as_ = random.choice(["owns", "owned_by", "owned_by", "accesses", "accessed_by"])
            column = f"l{number}"
            theirs = random.choice(["id", "mark"])  # by key, or by a value that several share
            columns[here].append(column)
            links[here].append(link(f"crm.{there}", column, theirs, as_))  # type: ignore[arg-type]
            below = as_ in ("owns", "accesses")
            ends = (here, column, there, theirs) if below else (there, theirs, here, column)
            made.edges.append((*ends, as_ in ("owns", "owned_by")))
        for place, name in enumerate(names):
            two = random.random() < 0.3
            known = ["email", "other"] if two else ["email"] if place == 0 or two else []
            if not two and place and random.random() < 0.4:
                known = ["email"]
            made.collections.append(
                table(
                    name,
                    "mark",
                    *known,
                    *columns[name],
                    identify={"email": known} if known else None,
                    links=links[name],
                )
            )
            made.rows[f"crm.{name}"] = [
                (
                    number,
                    random.choice([None, 1, 2, 3]),
                    *(random.choice([*PEOPLE, None, ""]) for _ in known),
                    *(random.choice([None, "", 0, 1, 2, 3, 4]) for _ in columns[name]),
                )
                for number in range(random.randint(1, 7))
            ]
        return made

    def oracle(self, going: Sequence[str]) -> dict[_Id, str]:
        """What becomes of whatever these people reach, when they go."""
        rows: dict[_Id, _Row] = {}
        people: dict[_Id, list[str]] = {}
        for each in self.collections:
            for values in self.rows[each.id]:
                row = dict(zip((f.name for f in each.fields), values, strict=True))
                rows[each.id, row["id"]] = row
                known = [row[f] for _, fields in each.identify for f in fields]
                people[each.id, row["id"]] = [str(v).lower() for v in known if v]
        owns: dict[_Id, set[_Id]] = {each: set() for each in rows}
        shows: dict[_Id, set[_Id]] = {each: set() for each in rows}
        for upper, ours, lower, theirs, owning in self.edges:
            for a, one in rows.items():
                for b, other in rows.items():
                    joined = one.get(ours), other.get(theirs)
                    if (a[0], b[0]) == (f"crm.{upper}", f"crm.{lower}") and self._same(*joined):
                        (owns if owning else shows)[a].add(b)
        owned = _closure({r for r in rows if set(people[r]) & set(going)}, [owns])
        seen = _closure({b for a in owned for b in shows[a]}, [owns, shows]) - owned
        strangers = {r for r in rows if r not in owned or set(people[r]) - set(going)}
        kept = _closure(strangers, [owns])
        found = {r: "stays" if r in kept else "goes" for r in owned}
        return {**found, **dict.fromkeys(seen, "seen")}

    @staticmethod
    def _same(one: Scalar, other: Scalar) -> bool:
        return one not in (None, "") and other not in (None, "") and str(one) == str(other)


def _closure(start: set[_Id], ways: Sequence[dict[_Id, set[_Id]]]) -> set[_Id]:
    found = set(start)
    while more := {b for a in found for way in ways for b in way[a]} - found:
        found |= more
    return found


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3))
def test_the_search_agrees_with_the_oracle(seed: int, number: int) -> None:
    world = World.of(Random(seed))
    with (
        tempfile.TemporaryDirectory() as folder,
        town(Path(folder), world.collections, world.rows) as made,
    ):
        asked = PEOPLE[:number]
        for each, tree in zip(asked, made.find(*asked), strict=True):
            assert fates(tree) == world.oracle([each]), each
        together: dict[_Id, str] = {}
        for tree in made.find(*asked, together=True):
            for record, fate in fates(tree).items():
                if together.get(record, "seen") == "seen":  # one sees what another owns
                    together[record] = fate
        assert together == world.oracle(asked)
