"""What a law gives a person, by the names of rights this product uses everywhere.

Laws call them differently: the Californian right to know is `access`, to delete is `erasure`, to
correct is `rectification` (`Right.called`). Where a law lacks a right, `instead` tells by which
others much of it is reached; where there is none at all, only the policy's promise binds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.law.facts import Ground, Instead, Prompt, Regulator, Right, in_force
from servanda.law.tables import Place

RIGHTS: Mapping[str, str] = {
    "access": "to know what we hold and get a copy",
    "portability": "to take data along in a form machines read",
    "rectification": "to have wrong data corrected",
    "erasure": "to have data erased",
    "restriction": "to have data kept but not used",
    "object": "to object to a use",
    "withdraw": "to withdraw consent",
    "complaint": "to complain to us",
}
ALIASES: Mapping[str, str] = {
    "correction": "rectification",
    "deletion": "erasure",
    "know": "access",
    "objection": "object",
    "withdrawal": "withdraw",
}

ReplyTo = Literal["access", "refusal", "breach_regulator", "breach_subject"]


def right_id(word: str) -> str:
    """The id of a right from what people call it; UsageError for an unknown one."""
    wanted = word.strip().lower()
    wanted = ALIASES.get(wanted, wanted)
    if wanted not in RIGHTS:
        raise UsageError(
            f'there is no right "{word[:40]}"', did_you_mean(wanted, [*RIGHTS, *ALIASES])
        )
    return wanted


def right(place: Place, id_: str, on: date) -> Right | None:
    """The right as the law of that day has it; None where it has none of that kind."""
    return next((each for each in place.rights(on) if each.id == id_), None)


def instead(place: Place, id_: str, on: date) -> Instead | None:
    """How a right that the law lacks is reached all the same; None where it is not."""
    return next((each for each in in_force(place.law.instead, on) if each.right == id_), None)


def prompt(place: Place, what: str, on: date) -> Prompt | None:
    """What the law wants of `what` where it counts no days."""
    return next((each for each in in_force(place.law.prompt, on) if what in each.what), None)


def grounds(place: Place, id_: str, on: date) -> list[Ground]:
    """On what a request may be refused there. Of a right reached by others: their grounds."""
    found = place.grounds(id_, on)
    other = instead(place, id_, on)
    if not found and other is not None:
        found = [each for by in other.by for each in place.grounds(by, on)]
    return list({each.id: each for each in found}.values())


def regulators(place: Place, on: date) -> list[Regulator]:
    """To whom a person may complain, and how."""
    return in_force(place.law.regulators, on)


def child_age(place: Place, on: date) -> int | None:
    """Below this age a parent must consent to the processing; None where the law names none."""
    return max((each.age for each in place.ages(on) if each.parent), default=None)


def reply_must_say(place: Place, to: ReplyTo, on: date) -> tuple[str, ...]:
    """What must stand in it, by id; empty where the law does not say."""
    found = place.reply(to, on)
    return found.states if found is not None else ()
