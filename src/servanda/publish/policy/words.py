"""Words of terms, periods, days and places. In English, unless the caller hands in other words.

The portal hands in gettext, so that a sentence stands in one place for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from servanda import law
from servanda.kernel.period import Period
from servanda.policy.vocabulary import Kind, countries, country_of, terms

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
OUTCOMES: Mapping[str, str] = {
    "delete": "deleted",
    "anonymise": "made anonymous",
    "archive": "archived",
    "return": "given back",
}


def _many(one: str, more: str, number: int) -> str:
    return one if number == 1 else more


def day(when: date) -> str:
    """`28 November 2026`."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def place(code: str) -> str:
    """The name of a country, of a part of one, or of a union of several."""
    whole, dash, _ = code.partition("-")
    found = law.near(code)
    if code == "EEA":
        return "European Economic Area"
    if dash and found is not None and found.part and whole != "EU":
        return found.name
    code = code.removeprefix("EU-")
    if code in countries():
        return countries()[code].name
    country = country_of(code)
    return found.name if found is not None else country.name if country else code


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def title(id_: str) -> str:
    """An id of the policy as a heading: `call-recording` is `Call recording`."""
    return capital(id_.replace("-", " ").replace("_", " "))


@dataclass(frozen=True, slots=True)
class Wording:
    """How to say things in one language. `events`: what the policy's own events mean."""

    say: Callable[[str], str] = str
    many: Callable[[str, str, int], str] = _many
    day: Callable[[date], str] = day
    place: Callable[[str], str] = place
    events: Mapping[str, str] = field(default_factory=dict)

    def term(self, kind: Kind, id_: str) -> str:
        """A word of the vocabulary, or of the policy itself."""
        if kind == "event" and id_ in self.events:
            return self.events[id_]
        found = terms(kind).get(id_)
        return self.say(found.label) if found else id_.replace("_", " ").replace("-", " ")

    def outcome(self, id_: str) -> str:
        return self.say(OUTCOMES[id_])

    def period(self, found: Period) -> str:
        """`12 months`, `26 months`; two whole years and more in years."""
        many = self.many
        whole = found.months >= 24 and found.months % 12 == 0
        years, months = (found.months // 12, 0) if whole else (0, found.months)
        said = []
        if years:
            said.append(many("%(n)d year", "%(n)d years", years) % {"n": years})
        if months:
            said.append(many("%(n)d month", "%(n)d months", months) % {"n": months})
        if found.days:
            said.append(many("%(n)d day", "%(n)d days", found.days) % {"n": found.days})
        if found.hours:
            said.append(many("%(n)d hour", "%(n)d hours", found.hours) % {"n": found.hours})
        return " ".join(said) or str(found)
