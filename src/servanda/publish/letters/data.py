"""What a letter is made of. Plain data: whoever writes a letter has looked it all up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from servanda.law import Place
from servanda.policy.rules import Activity, Policy
from servanda.policy.vocabulary import terms
from servanda.publish.package.choice import LeftOut
from servanda.publish.receipt import StoreLine

_ASKED = {
    "access": "for a copy of your data",
    "portability": "for your data in a form that other systems can read",
    "rectification": "to correct your data",
    "erasure": "to erase your data",
    "restriction": "to restrict the use of your data",
    "object": "to stop using your data",
    "withdraw": "to take your consent as withdrawn",
    "complaint": "to look into your complaint",
}


@dataclass(frozen=True, slots=True)
class LetterData:
    """`places`: whose law applies, as it was on the day of receipt. Which of the others a letter
    uses depends on its kind; one that a kind cannot do without is a ValueError there.

    `reasons`: our own words why (refusal, extension, lifting), or what we ask (scope, identity).
    `grounds`: ids of the law's grounds for refusal. `due`: when we answer, or when it takes effect.
    `ways`: how identity can be shown. `restarts`, `pauses`: what our question does to the clock.
    `left_out`, `activities`, `package_until`, `passphrase_by`: of an access package.
    `told`: recipients who were told. `residue`: copies that go later, each with its date.
    """

    ref: str
    right: str
    policy: Policy
    places: tuple[Place, ...]
    received: date
    on: date
    name: str = ""
    due: date | None = None
    reasons: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    restarts: bool = False
    pauses: bool = False
    stores: tuple[StoreLine, ...] = ()
    searched: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    activities: tuple[Activity, ...] = ()
    package_until: date | None = None
    passphrase_by: str = ""
    corrections: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    residue: tuple[str, ...] = ()
    purpose: str = ""
    outcome: str = ""
    customer: str = ""
    customer_contact: str = ""

    @property
    def asked(self) -> str:
        """What was asked for, as `you asked us …` goes on."""
        said = _ASKED.get(self.right, self.right)
        return f"{said} for {self.what_for}" if self.right == "object" and self.purpose else said

    @property
    def what_for(self) -> str:
        """The purpose in plain English; blank where all purposes are meant."""
        term = terms("purpose").get(self.purpose)
        return term.label if term else self.purpose


def day(moment: date) -> str:
    """`1 March 2026`"""
    return f"{moment.day} {moment:%B %Y}"
