"""Is every edition still what was published? Compared with the evidence, not with itself alone.

The danger: an earlier version is rewritten, and nobody sees it. What guards it: the ledger's entry
has the digest of each file, and the ledger cannot be rewritten unseen.
Tests: tests/desk/editions/test_publish.py, test_verify.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from servanda.desk.editions.rows import about, unpacked
from servanda.kernel.digest import sha256_hex
from servanda.ledger import history
from servanda.state.connection import guard
from servanda.state.models import ChangeNotice, Edition, EditionFile

_SAID = (
    *("digest", "sha256", "language", "material", "computed", "reasons", "overruled", "terms"),
    *("asks", "guarded", "purposes", "ways", "by"),
)
_DATES = ("binds_at", "published_at")
"""Whatever decides who is bound, and from when. An entry of an older release lacks some of them."""


@dataclass(frozen=True, slots=True)
class Damage:
    """`what`: the kind of a file, `content` or `row` of the edition itself, or `told`: when it was
    told, or how long before it binds."""

    number: int
    what: str


def verify() -> list[Damage]:
    """What does not match, of every edition. None: all is as it was published."""
    with guard():
        rows = {row.number: row for row in Edition.objects.order_by("number")}
    told = _told()
    found: list[Damage] = []
    seen = set()
    for entry in history.entries("policy.published"):
        number = int(entry.data["number"])
        seen.add(number)
        row = rows.get(number)
        if row is None:
            found.append(Damage(number, "row"))
        else:
            found += _of_one(row, entry.data)
            found += _of_notices(row, entry.data, told)
    found += [Damage(number, "row") for number in rows if number not in seen]
    return found


def _of_one(row: Edition, said: Mapping[str, Any]) -> Iterator[Damage]:
    values = {key: getattr(row, key) for key in _SAID}
    values |= {key: getattr(row, key).astimezone(UTC).isoformat() for key in _DATES}
    if any(said.get(key, value) != value for key, value in values.items()):
        yield Damage(row.number, "row")
    if sha256_hex(row.content.encode()) != said["content"]:
        yield Damage(row.number, "content")
    with guard():
        files = {each.kind: each for each in EditionFile.objects.filter(edition=row)}
    for kind, wanted in said["files"].items():
        content = unpacked(files[kind]) if kind in files else None
        if content is None or sha256_hex(content) != wanted:
            yield Damage(row.number, kind)
    for kind in files:
        if kind not in said["files"]:
            yield Damage(row.number, kind)


def _told() -> dict[tuple[str, str], str]:
    """From when something counts, by what it is about and the way it was told; as on record."""
    entries = history.entries("policy.told")
    return {(e.data["about"], e.data["way"]): e.data["counts_from"] for e in entries}


def _of_notices(
    row: Edition, said: Mapping[str, Any], told: Mapping[tuple[str, str], str]
) -> Iterator[Damage]:
    name = about(row.number)
    with guard():
        notices = list(ChangeNotice.objects.filter(about=name))
    there = {}
    for each in notices:
        at = each.counts_from
        there[name, each.way] = at.astimezone(UTC).isoformat() if at is not None else None
    wanted = {(name, way): told.get((name, way)) for way in said["ways"]}
    window = said.get("window")
    if there != wanted or any(each.window != window for each in notices if window is not None):
        yield Damage(row.number, "told")
