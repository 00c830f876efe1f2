"""Which laws a request falls under: that of where we are, and that of where the person lives.

The danger: a law left out, whose earlier date is then missed. So every law that may apply does:
the dates of several are never averaged, the earliest binds. Guarded by tests/law/test_reach.py.

* The law of our own place (`home`, else the first jurisdiction of the policy) applies to
  everybody: GDPR and UK GDPR art. 3(1), Kenya s.4, Jamaica s.3.
* The law of the person's residence applies as well: art. 3(2), Kenya s.4(b), Jamaica s.3. The
  Californian only where the policy names California or the United States.
* Of an unknown residence, or of one whose law is not known here, every jurisdiction of the policy.
* Each law once, with the public holidays of our own part of it if we are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from servanda.law.facts import in_force
from servanda.law.tables import Place, near


@dataclass(frozen=True, slots=True)
class Applies:
    """A law that applies, and why, in words with the provision."""

    place: Place
    why: str


def applicable(
    residence: str | None,
    jurisdictions: Sequence[str],
    *,
    home: str | None = None,
    on: date | None = None,
) -> tuple[Place, ...]:
    """The places whose law applies, our own first. Empty where no law is known here."""
    return tuple(each.place for each in reasons(residence, jurisdictions, home=home, on=on))


def reasons(
    residence: str | None,
    jurisdictions: Sequence[str],
    *,
    home: str | None = None,
    on: date | None = None,
) -> tuple[Applies, ...]:
    """The same with the reason for each."""
    on = on or datetime.now(UTC).date()
    home = home or (jurisdictions[0] if jurisdictions else None)
    found: dict[str, Applies] = {}
    for each in _all(residence, jurisdictions, home, on):
        found.setdefault(each.place.law.place, each)
    return tuple(found.values())


def _all(
    residence: str | None, jurisdictions: Sequence[str], home: str | None, on: date
) -> Iterator[Applies]:
    ours = near(home) if home else None
    if ours is not None:
        yield Applies(ours, _why(ours, "home", on) or "the policy names it first")
    theirs = near(residence) if residence else None
    if theirs is not None:
        why = _why(theirs, "residence", on)
        if why and (not _only_named(theirs, on) or _names(jurisdictions, theirs)):
            yield Applies(theirs, why)
            return
    for code in jurisdictions:
        named = near(code)
        if named is not None:
            yield Applies(
                named, "the policy names it, and no law of the person's residence decides"
            )


def _why(place: Place, by: Literal["home", "residence"], on: date) -> str:
    return next((each.says for each in in_force(place.law.reach, on) if each.by == by), "")


def _only_named(place: Place, on: date) -> bool:
    return any(each.named for each in in_force(place.law.reach, on) if each.by == "residence")


def _names(jurisdictions: Sequence[str], place: Place) -> bool:
    whole = place.code.partition("-")[0]
    return any(code in (whole, place.code) for code in jurisdictions)
