"""What the portal asks: only what is needed to find somebody and to do what they want.

The danger: more data asked for than needed, or a card number taken down for ever. What guards it:
kinds of identities are those by which the mapped collections can be searched; rights are those the
policy promises or a law gives; a text with a valid card number is refused before it is kept.
Tests: tests/desk/portal/test_form.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from servanda import law
from servanda.desk.intake import counts
from servanda.desk.requests.book import Book
from servanda.kernel import cards, identity
from servanda.policy.rules import Policy

LONGEST_TEXT = 2_000
ANOTHER, PARENT = "agent", "parent"
"""Relations of people who act for somebody else."""
CORRECTABLE = (
    *("name", "contact.email", "contact.phone", "contact.postal"),
    *("employment.job", "employment.company", "preference.language", "preference.marketing"),
)


def relations(policy: Policy) -> list[str]:
    """Whose data the policy is about, in its order: subjects, then those who act for another."""
    found = dict.fromkeys(each for a in policy.activities for each in a.subjects)
    return [*(each for each in found if each not in ("child", "requester")), PARENT, ANOTHER]


def rights(book: Book, on: date) -> list[str]:
    """What may be asked for, wherever the person lives: promised, or given by a law. Anybody may
    complain; only what rests on consent can be withdrawn."""
    places = book.places(None, on)
    lawful = {each for each in law.RIGHTS if any(law.right(place, each, on) for place in places)}
    if not purposes(book.policy, "withdraw"):
        lawful.discard("withdraw")
    lawful.add("complaint")
    return [each for each in law.RIGHTS if each in lawful or book.policy.right(each)]


def kinds(known: Iterable[str]) -> list[str]:
    """Kinds of identities to ask for, of those by which collections are searched. A name finds
    too many people, and an address of a device nobody knows by heart."""
    found = dict.fromkeys(each for each in known if each not in ("name", "mac", "ip", "device"))
    first = [each for each in ("email", "phone") if each in found]
    return [*(first or ["email"]), *(e for e in sorted(found) if e not in ("email", "phone"))]


def corrections(policy: Policy) -> list[str]:
    """Categories that people can say the right value of, of those the policy names."""
    held = {each for activity in policy.activities for each in activity.data}
    return [
        each for each in CORRECTABLE if any(each == h or each.startswith(f"{h}.") for h in held)
    ]


def purposes(policy: Policy, right: str) -> list[str]:
    """Uses that may be objected to, or to which consent may be withdrawn."""
    asked = ("consent", "consent_explicit") if right == "withdraw" else None
    found = dict.fromkeys(
        each
        for activity in policy.activities
        if asked is None or activity.basis in asked
        for each in activity.purposes
    )
    found |= dict.fromkeys(each.purpose for each in policy.consents)
    return list(found)


def places(policy: Policy) -> list[tuple[str, str]]:
    """(code, name) of where people may live, as far as it makes a difference in law: the policy's
    own places first."""
    named = [found.code for code in policy.jurisdictions if (found := law.near(code))]
    order = dict.fromkeys([*named, *(each for each in law.codes() if each not in ("EU", "US"))])
    return [(code, law.find(code).name) for code in order if code not in ("EU",)]


def child_age(book: Book, place: str | None, on: date) -> int:
    """Below which age a law, or the policy, wants a parent's consent; 0 where the question has no
    use: it has one where data is used with consent, or the policy speaks of children."""
    ours = book.policy.children_below
    consent = any(
        a.basis in ("consent", "consent_explicit") or "child" in a.subjects
        for a in book.policy.activities
    )
    if not consent and ours is None:
        return 0
    lawful = (law.child_age(each, on) or 0 for each in book.places(place, on))
    return max(lawful, default=0) if ours is None else max((*lawful, ours))


def normal(book: Book, kind: str, value: str) -> str:
    """UsageError for what is no identity of that kind."""
    return identity.require(kind, value, book.region)


def card_refused(text: str) -> bool:
    """Whether it holds the number of a payment card: then it is not kept, and the refusal
    counted."""
    found = cards.there(text)
    if found:
        counts.refused(counts.PORTAL, ["card"])
    return found
