"""Editions as they stand in the tables, and which of them binds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from servanda import policy as policy_language
from servanda.kernel.errors import ServandaError, UsageError
from servanda.policy.rules import Policy
from servanda.state.connection import guard
from servanda.state.models import ChangeNotice, Edition, EditionFile

KINDS = ("text", "html", "markdown", "jsonld", "pdf")


@dataclass(frozen=True, slots=True)
class Standing:
    """An edition, and from when it binds. `bound_at`: None while it is not told by every way that
    was promised, or waits for an earlier one. `outstanding`: those ways."""

    row: Edition
    bound_at: datetime | None
    outstanding: tuple[str, ...] = ()

    def bound(self, now: datetime) -> bool:
        return self.bound_at is not None and self.bound_at <= now


def about(number: int) -> str:
    """What notices and mails of an edition are found by."""
    return f"edition:{number}"


def standings() -> list[Standing]:
    """Every edition, the first first. None binds before the one it was compared with."""
    with guard():
        rows = list(Edition.objects.defer("content").order_by("number"))
        wanted = [about(row.number) for row in rows if row.ways]
        notices = list(ChangeNotice.objects.filter(about__in=wanted)) if wanted else []
    by_edition: dict[str, dict[str, datetime | None]] = {}
    for each in notices:
        by_edition.setdefault(each.about, {})[each.way] = each.counts_from
    found: list[Standing] = []
    for row in rows:
        told = by_edition.get(about(row.number), {})
        times = [told.get(way) for way in row.ways]
        outstanding = tuple(way for way in row.ways if told.get(way) is None)
        times += [row.binds_at, *([found[-1].bound_at] if found else [])]
        known = [each for each in times if each is not None]
        bound_at = max(known) if len(known) == len(times) else None
        found.append(Standing(row, bound_at, outstanding))
    return found


def current(now: datetime) -> Edition | None:
    """The edition that binds now."""
    return next((each.row for each in reversed(standings()) if each.bound(now)), None)


def newest() -> Edition | None:
    """The one published last, whether it binds or not."""
    with guard():
        return Edition.objects.order_by("-number").first()


def listed() -> list[Edition]:
    """Every edition, the newest first, without its content."""
    with guard():
        return list(Edition.objects.defer("content").order_by("-number"))


def get(number: int) -> Edition:
    """UsageError where there is none."""
    with guard():
        found = Edition.objects.filter(number=number).first()
    if found is None:
        raise UsageError(f"there is no edition {number} of the policy", "see the list of editions")
    return found


def kinds(number: int, language: str = "en") -> list[str]:
    """The forms in which an edition was published."""
    with guard():
        rows = EditionFile.objects.filter(edition__number=number, language=language)
        found = set(rows.values_list("kind", flat=True))
    return [each for each in KINDS if each in found]


def file(number: int, kind: str, language: str = "") -> bytes:
    """One form of an edition, as it was published. UsageError where there is none; ServandaError
    where it is not what was published any more."""
    with guard():
        rows = EditionFile.objects.filter(edition__number=number, kind=kind)
        rows = rows.filter(language=language) if language else rows.order_by("id")
        row = rows.first()
    if row is None:
        raise UsageError(f"edition {number} was not published in that form", "see its other forms")
    found = unpacked(row)
    if found is None:
        raise ServandaError(
            f"the {kind} form of edition {number} is not what was published",
            "restore it from a backup, and look who changed the state database",
        )
    return found


def unpacked(row: EditionFile) -> bytes | None:
    """None where it does not match its own sha256."""
    from servanda.kernel.digest import sha256_hex

    try:
        content = zlib.decompress(bytes(row.content))
    except zlib.error:
        return None
    return content if sha256_hex(content) == row.sha256 else None


def compiled(row: Edition) -> Policy:
    """Its policy, by the law of the day on which it was published."""
    return _compiled(row.content, row.published_at.date(), row.number)


@lru_cache(maxsize=32)
def _compiled(content: str, on: date, number: int) -> Policy:
    from pathlib import Path

    shown = f"edition {number}"
    loaded = policy_language.load(
        Path(shown), shown=shown, today=on.isoformat(), draft=content.encode()
    )
    return loaded.require()
