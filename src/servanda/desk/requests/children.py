"""Children: below the age of the law that applies, or of the policy, and without a parent, an
erasure is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from servanda import law
from servanda.desk.requests.book import Book
from servanda.kernel.age import years

if TYPE_CHECKING:
    from servanda.desk.requests.opening import Arrival

FOUND = "found to be a child's, without a parent's consent"


def why(book: Book, arrival: Arrival) -> str:
    """Why the person's data should not be here; blank where there is no reason to think so."""
    age = arrival.age if arrival.born is None else years(arrival.born, arrival.received)
    if age is None or arrival.parent_consents:
        return ""
    places = book.places(arrival.place, arrival.received)
    wants = [
        (law.child_age(each, arrival.received) or 0, f"the law of {each.name}") for each in places
    ]
    wants.append((book.policy.children_below or 0, "our policy"))
    limit, who = max(wants)
    if age >= limit:
        return ""
    return f"under {limit} without a parent's consent, which {who} wants"
