"""The words a policy may use: categories of data, purposes, bases, rights, subjects, events.

Most ids stand for a term of the W3C Data Privacy Vocabulary; `match` says how closely: `exact`,
`broader` (the term is wider than our word, `note` says why we need ours), or `own` (no term).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "data", "purpose", "basis", "right", "subject", "transfer", "recipient", "event"
]


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    iri: str  # empty where match is `own`
    match: str  # "exact", "broader", "own"
    label: str  # in plain English, for published text
    note: str


@cache
def terms(kind: Kind) -> Mapping[str, Term]:
    """All terms of one kind by id."""
    found: dict[str, Term] = {}
    for row in _rows("vocabulary.csv"):
        if row["kind"] == kind:
            found[row["id"]] = Term(row["id"], row["iri"], row["match"], row["label"], row["note"])
    return found


def covers(wide: str, category: str) -> bool:
    """True when category `wide` is `category` or stands above it (`contact`: `contact.email`)."""
    return category == wide or category.startswith(wide + ".")


def sensitive(category: str) -> bool:
    """Special categories (GDPR art. 9), offences (art. 10): all stand under `sensitive`."""
    return covers("sensitive", category)


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    name: str
    zone: str | None  # None: several zones, or none known
    area: str  # "EEA", "US", or ""


@cache
def countries() -> Mapping[str, Country]:
    return {
        row["code"]: Country(row["code"], row["name"], row["zone"] or None, row["area"])
        for row in _rows("countries.csv")
    }


def country_of(place: str) -> Country | None:
    """The country of `GB` or of one of its parts, `GB-NIR`; None when there is no such place."""
    code, dash, part = place.partition("-")
    if dash and not (1 <= len(part) <= 3 and part.isalnum() and part == part.upper()):
        return None
    return countries().get(code)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("servanda.policy").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
