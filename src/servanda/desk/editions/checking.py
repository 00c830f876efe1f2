"""Is every edition still what was published? Compared with the evidence, not with itself alone.

The danger: an earlier version is rewritten, and nobody sees it. What guards it: the ledger's entry
has the digest of each file, and the ledger cannot be rewritten unseen.
Tests: tests/desk/editions/test_verify.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from servanda.desk.editions.rows import unpacked
from servanda.kernel.digest import sha256_hex
from servanda.ledger import history
from servanda.state.connection import guard
from servanda.state.models import Edition, EditionFile

_SAID = ("digest", "sha256", "language", "material", "computed", "terms", "asks", "ways", "by")


@dataclass(frozen=True, slots=True)
class Damage:
    """`what`: the kind of a file, or `content` or `row` of the edition itself."""

    number: int
    what: str


def verify() -> list[Damage]:
    """What does not match, of every edition. None: all is as it was published."""
    with guard():
        rows = {row.number: row for row in Edition.objects.order_by("number")}
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
    found += [Damage(number, "row") for number in rows if number not in seen]
    return found


def _of_one(row: Edition, said: Mapping[str, Any]) -> Iterator[Damage]:
    told = (row.digest, row.sha256, row.material, row.terms, row.asks, row.ways)
    if (
        told
        != tuple(said[key] for key in ("digest", "sha256", "material", "terms", "asks", "ways"))
        or row.binds_at.astimezone(UTC).isoformat() != said["binds_at"]
    ):
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
