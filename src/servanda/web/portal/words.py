"""Words of the policy's vocabulary, of rights and of dates, in the reader's language.

The words of `policy.yaml` itself stay in the language in which the policy is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from servanda import law
from servanda.kernel.period import Period
from servanda.policy.rules import Policy
from servanda.policy.vocabulary import Kind, countries, country_of, terms
from servanda.publish.policy.words import Wording
from servanda.runtime import hub
from servanda.status.verdict import Verdict

RIGHTS: Mapping[str, tuple[Promise | str, Promise | str]] = {
    "access": (
        lazy("See what you hold about me"),
        lazy("You get a copy of your data, and what we use it for."),
    ),
    "portability": (
        lazy("Take my data along"),
        lazy("You get your data in a form that other programs can read."),
    ),
    "rectification": (lazy("Correct it"), lazy("We set right what is wrong or out of date.")),
    "erasure": (lazy("Delete it"), lazy("We delete what we need not keep, and tell you the rest.")),
    "restriction": (
        lazy("Keep it, but stop using it"),
        lazy("Your data stays where it is, and nobody works with it for now."),
    ),
    "object": (
        lazy("Object to a use"),
        lazy("For example, to being sent advertising."),
    ),
    "withdraw": (lazy("Take back my consent"), lazy("You agreed to something once, and no more.")),
    "complaint": (
        lazy("Complain"),
        lazy("Something went wrong with your data. We look into it."),
    ),
}
VERDICTS: Mapping[Verdict, Promise | str] = {
    Verdict.BROKEN: lazy("broken"),
    Verdict.UNPROVEN: lazy("not proven"),
    Verdict.SUSPENDED: lazy("suspended"),
    Verdict.ATTESTED: lazy("confirmed by a person"),
    Verdict.KEPT: lazy("kept"),
    Verdict.PLANNED: lazy("not checked automatically yet"),
}
LETTERS: Mapping[str, Promise | str] = {
    "reply": lazy("our answer"),
    "acknowledgement": lazy("that it arrived"),
    "identity": lazy("a question: who are you?"),
    "scope": lazy("a question: what do you mean?"),
    "extension": lazy("that it takes longer, and why"),
    "lifting": lazy("that the restriction ends"),
    "complaint-received": lazy("that your complaint arrived"),
    "routed-person": lazy("that we passed it on"),
}


def term(kind: Kind, id_: str) -> str:
    """A word of the vocabulary."""
    found = terms(kind).get(id_)
    return _(found.label) if found else id_.replace("_", " ").replace("-", " ")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def right_name(id_: str) -> str:
    return str(RIGHTS[id_][0]) if id_ in RIGHTS else term("right", id_)


def country(code: str) -> str:
    """A country or a part of one. Names in Spanish come with the library of telephone numbers."""
    whole, dash, _part = code.partition("-")
    place = law.near(code)
    if dash and place is not None and place.part and whole != "EU":
        return _(place.name)
    code = code.removeprefix("EU-")
    language = (get_language() or "en").partition("-")[0]
    if language != "en" and (named := _countries(language).get(code, "")):
        return named
    if code in countries():
        return countries()[code].name
    found = country_of(code)
    return place.name if place is not None else found.name if found else code


@cache
def _countries(language: str) -> Mapping[str, str]:
    """By code. `*aa` there says: as in that other language."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    found = {}
    for code, names in LOCALE_DATA.items():
        name = names.get(language, "")
        found[code] = names.get(name[1:], "") if name.startswith("*") else name
    return found


def day(when: date) -> str:
    """`28 November 2026`, `28 de noviembre de 2026`."""
    spanish = (get_language() or "en").startswith("es")
    return dateformat.format(when, r"j \d\e F \d\e Y" if spanish else "j F Y")


def moment(when: datetime) -> str:
    """With the hour on the policy's wall clock."""
    there = when.astimezone(ZoneInfo(hub.workspace().policy.zone))
    return f"{day(there)}, {there:%H:%M}"


def wording(policy: Policy | None = None) -> Wording:
    """The words of this language, for sentences that the published policy says as well."""
    return Wording(_, ngettext, day, country, dict(policy.events) if policy else {})


def period(found: Period) -> str:
    """`12 months`, `12 meses`."""
    return wording().period(found)
