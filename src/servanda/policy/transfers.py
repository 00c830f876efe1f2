"""When data may leave a country without a further mechanism. Dated facts, not opinions.

`verified` is False where a person has not yet checked the decision's text for this release.
"""

from __future__ import annotations

from dataclasses import dataclass

from servanda.policy.vocabulary import Country


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Data may flow from one area to another because a decision says so."""

    origin: str  # a country code or an area
    destination: str
    ground: str
    until: str | None  # ISO date
    verified: bool


ADEQUACY = (
    Adequacy("GB", "EEA", "UK GDPR article 45A regulations", None, False),
    Adequacy("EEA", "GB", "adequacy decision renewed on 19 December 2025", "2031-12-27", True),
)


def same_area(origin: Country, destination: Country) -> bool:
    """No transfer at all: one country, the EEA, or the United States and its territories."""
    return origin.code == destination.code or (
        origin.area != "" and origin.area == destination.area
    )


def adequacy(origin: Country, destination: Country, on: str) -> Adequacy | None:
    """The decision in force on an ISO date that lets data flow; None when there is none."""
    for each in ADEQUACY:
        if (
            each.origin in (origin.code, origin.area)
            and each.destination in (destination.code, destination.area)
            and (each.until is None or on <= each.until)
        ):
            return each
    return None
