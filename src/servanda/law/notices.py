"""What the law of each place wants a published policy to say, and which of it a policy lacks.

Much stands in every published policy, because the language asks for it or because the law's own
facts say it: for these nothing can be missing. The rest is looked for in the policy. What is not
marked V was not read in the law; whoever shows it says so (`verified`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from ruamel.yaml import YAML

from servanda.law.facts import Fact, in_force
from servanda.law.reach import applicable
from servanda.law.tables import near


class Notice(Fact):
    """Something that a policy must say where this law applies."""

    id: str
    place: str
    says: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What a law wants said and the policy does not say."""

    place: str
    id: str
    article: str
    says: str
    verified: bool


class Told(Protocol):
    """The parts of a compiled policy that are looked at here."""

    @property
    def country(self) -> str: ...
    @property
    def jurisdictions(self) -> Sequence[str]: ...
    @property
    def activities(self) -> Sequence[Any]: ...
    @property
    def officer(self) -> Any: ...
    @property
    def representatives(self) -> Sequence[tuple[str, Any]]: ...
    @property
    def rights(self) -> Sequence[Any]: ...
    @property
    def forms(self) -> Sequence[Any]: ...
    @property
    def security(self) -> Sequence[str]: ...
    @property
    def changes(self) -> Any: ...
    @property
    def cookies(self) -> Sequence[Any]: ...
    @property
    def banner(self) -> Any: ...


def _always(policy: Told, place: str) -> bool:
    return True


def _represented(policy: Told, place: str) -> bool:
    """Only who is established elsewhere needs one."""
    home = near(policy.country)
    if home is not None and home.law.place == place:
        return True
    return any(
        (found := near(code)) is not None and found.law.place == place
        for code, _ in policy.representatives
    )


def _rights(policy: Told, place: str) -> bool:
    """Those of the law are always published; where it gives none, only the policy can."""
    found = near(place)
    return bool(policy.rights) or bool(found and found.law.rights)


def _cookies(policy: Told, place: str) -> bool:
    """Who has no site with visitors need not list any."""
    visited = policy.banner is not None or any("visitor" in a.subjects for a in policy.activities)
    return bool(policy.cookies) or not visited


def _kept(policy: Told, place: str) -> bool:
    return all(each.retention is not None for each in policy.activities)


def _sold(policy: Told, place: str) -> bool:
    """Published is that nothing is sold; who shares for advertising needs a way to say no."""
    shares = any("ads_targeted" in each.purposes for each in policy.activities)
    return not shares or policy.banner is not None


def _reviewed(policy: Told, place: str) -> bool:
    if policy.changes is None:
        return False
    review = policy.changes.review
    return place != "US-CA" or (review is not None and 0 < review.months <= 12)


SAID: Mapping[str, Callable[[Told, str], bool]] = {
    "n.controller_identity_contact": _always,
    "n.representative": _represented,
    "n.dpo_contact": lambda policy, place: policy.officer is not None,
    "n.purposes": _always,
    "n.legal_basis": _always,
    "n.legitimate_interests": _always,
    "n.categories_of_data": _always,
    "n.source": _always,
    "n.recipients": _always,
    "n.transfers_and_safeguards": _always,
    "n.retention": _kept,
    "n.rights": _rights,
    "n.withdraw_consent": _always,
    "n.complain_controller": _always,
    "n.complain_regulator": _always,
    "n.mandatory_or_not": lambda policy, place: bool(policy.forms),
    "n.automated_decisions": _always,
    "n.object_separately": _always,
    "n.security_measures": lambda policy, place: bool(policy.security),
    "n.sold_or_shared": _sold,
    "n.change_notice": _reviewed,
    "n.cookies": _cookies,
}
"""Whether a policy says it, by id. `_always`: every published policy does, whatever is in it."""


@cache
def notices() -> tuple[Notice, ...]:
    """All of them, of every place and time."""
    text = files("servanda.law").joinpath("data", "notices.yaml").read_text("utf-8")
    return tuple(Notice.model_validate(each) for each in YAML(typ="safe").load(text)["notices"])


def wanted(place: str, on: date) -> list[Notice]:
    """What the law of a place wants said on a day."""
    return [each for each in in_force(notices(), on) if each.place == place]


def places(policy: Told, on: date) -> list[str]:
    """Whose law wants something said of this policy: of its own country, and of all it names."""
    found = applicable(None, policy.jurisdictions, home=policy.country, on=on)
    return list(dict.fromkeys(each.law.place for each in found))


def missing(policy: Told, today: date) -> list[Missing]:
    """What the law wants and the policy lacks, place by place."""
    return [
        Missing(place, each.id, each.source, each.says, each.verified)
        for place in places(policy, today)
        for each in wanted(place, today)
        if not SAID[each.id](policy, place)
    ]
