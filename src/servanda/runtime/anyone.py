"""What is somebody's in every store, where no request asks for it: `find`, for the desk.

The danger: a search for whomever somebody is curious about. What guards it: a right of its own, a
purpose that covers what is shown, an entry in the ledger before the search begins, and an answer
of counts and places: never a value of a record, not even a key. Nothing of it is kept, so it is
no job: what a job tells stays.
Tests: tests/web/requests/test_find.py, tests/web/api/test_find.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servanda.kernel.errors import UsageError
from servanda.plan.find import Subject
from servanda.plan.find.text import ambiguity_in_words
from servanda.runtime import person

if TYPE_CHECKING:
    from servanda.runtime.workspace import Workspace

SCOPE = "find"
LOOKED = "person searched without a request"
MOST_IDENTITIES = 50
MOST_BRANCHES = 500


@dataclass(frozen=True, slots=True)
class Found:
    """`branches`: the first of them; `left_out`: how many more there are. `unclear`: where several
    people share what was given, in words."""

    whole: person.Person
    branches: tuple[person.Shown, ...]
    left_out: int
    unclear: tuple[str, ...]


def look(
    workspace: Workspace,
    identities: Sequence[tuple[str, str]],
    purpose: str,
    tenant: str | None = None,
) -> Found:
    """Search every store. UsageError for what is no identity, or for a customer nobody knows."""
    wanted = tuple(dict.fromkeys(identities))
    if not wanted:
        raise UsageError("nobody was named", "give an address, a number or a name")
    if len(wanted) > MOST_IDENTITIES:
        raise UsageError(
            f"{len(wanted)} identities are too many for one person",
            f"give {MOST_IDENTITIES} at most",
        )
    whole = person.look(workspace, Subject("person", wanted, tenant), purpose)
    return Found(
        whole,
        whole.branches[:MOST_BRANCHES],
        max(0, len(whole.branches) - MOST_BRANCHES),
        tuple(ambiguity_in_words(each) for each in whole.tree.ambiguities),
    )
