"""The jurisdictions that ship, and how they are named: `GB`, `GB-NIR`, `EU-DE`, `US-CA`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.law.facts import Age, Ground, Jurisdiction, Reply, Right, in_force, read


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction, and the part of it that is meant (its holidays count), or none."""

    law: Jurisdiction
    part: str

    @property
    def code(self) -> str:
        return f"{self.law.place}-{self.part}" if self.part else self.law.place

    @property
    def name(self) -> str:
        return self.law.parts[self.part] if self.part else self.law.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.law.zones.get(self.part, self.law.zone))

    def rights(self, on: date) -> list[Right]:
        return in_force(self.law.rights, on)

    def grounds(self, right: str, on: date) -> list[Ground]:
        """On what a request for the right may be refused."""
        return [each for each in in_force(self.law.grounds, on) if right in each.rights]

    def ages(self, on: date) -> list[Age]:
        """Of each kind the most particular one."""
        found: dict[str, Age] = {}
        for each in in_force(self.law.ages, on):
            if not each.parts or self.part in each.parts:
                found[each.of] = each
        return list(found.values())

    def reply(self, to: str, on: date) -> Reply | None:
        """What a reply must say; None where the law does not."""
        return next((each for each in in_force(self.law.replies, on) if each.to == to), None)


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """All of them, by place."""
    folder = files("servanda.law").joinpath("data")
    paths = [each for each in folder.iterdir() if re.fullmatch(r"[A-Z-]+\.yaml", each.name)]
    found = [read(YAML(typ="safe").load(path.read_text("utf-8"))) for path in paths]
    return {each.place: each for each in sorted(found, key=lambda law: law.place)}


def codes() -> list[str]:
    """Every code `find` knows."""
    return [
        code
        for place, law in jurisdictions().items()
        for code in (place, *(f"{place}-{part}" for part in law.parts))
    ]


def find(code: str) -> Place:
    """The place of a code; a member state may be named alone (`DE`). UsageError for another."""
    wanted = code.strip().upper()
    for place, law in jurisdictions().items():
        if wanted == place:
            return Place(law, "")
        part = wanted.removeprefix(f"{place}-")
        if part != wanted and part in law.parts:
            return Place(law, part)
    union = jurisdictions()["EU"]
    if wanted == "EEA":
        return Place(union, "")
    if wanted in union.parts:
        return Place(union, wanted)
    raise UsageError(f'no law is known for "{code[:40]}"', did_you_mean(wanted, codes()))


def near(code: str) -> Place | None:
    """The place of a code, or what it is a part of (`US-TX`: the federal law). None without law."""
    whole = code.partition("-")[0]
    for each in (code, whole):
        try:
            return find(each)
        except UsageError:
            continue
    return None
