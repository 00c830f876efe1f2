"""The standards a law sets, and the promises that carry each: by what keeps a promise.

Which control belongs to which standard is data. A standard that no promise carries is shown, never
left out: that is what the report is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from servanda.law.notices import places
from servanda.policy.rules import Policy, Promise


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard. `controls`: names of controls; `rights.*` stands for all that begin so."""

    place: str
    id: str
    name: str
    source: str
    mark: str
    controls: tuple[str, ...]

    def carried_by(self, promise: Promise) -> bool:
        return any(_fits(control, each) for each in promise.kept_by for control in self.controls)


def _fits(pattern: str, control: str) -> bool:
    if pattern.endswith("*"):
        return control.startswith(pattern[:-1])
    return pattern == control


@cache
def standards() -> Mapping[str, tuple[Standard, ...]]:
    """By place, in the law's own order."""
    text = files("servanda.publish").joinpath("data", "standards.yaml").read_text("utf-8")
    return {
        place: tuple(
            Standard(place, str(e["id"]), e["name"], e["source"], e["mark"], tuple(e["controls"]))
            for e in listed
        )
        for place, listed in YAML(typ="safe").load(text).items()
    }


def mapping(policy: Policy, today: date | None = None) -> dict[str, dict[str, list[str]]]:
    """Ids of the promises that carry each standard, by place: `{"JM": {"1": ["RT-04"], …}}`.

    Only of places whose law applies to the policy. An empty list: nothing carries it.
    """
    applies = places(policy, today or date.max)
    return {
        place: {each.id: [p.id for p in policy.promises if each.carried_by(p)] for each in listed}
        for place, listed in standards().items()
        if place in applies
    }
