"""Publish an edition: tables and evidence in one transaction, and never changed afterwards.

The danger: a change that takes something from people goes out as a small one, or binds before they
were told. What guards it: whether it is material is computed, a person who says otherwise gives a
reason that stands in the evidence, and a day before the promised notice is over is refused.
Tests: tests/desk/editions/test_publish.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError

from servanda import ledger, state
from servanda.desk import recipients
from servanda.desk.changenotices import begin
from servanda.desk.editions.promising import promised
from servanda.desk.editions.rows import KINDS, about, compiled, newest
from servanda.desk.requests.book import need
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import UsageError
from servanda.kernel.suggest import did_you_mean
from servanda.policy.differing import differences, new_purposes, reasons
from servanda.policy.rules import Changes, Policy
from servanda.state.models import Edition, EditionFile

OVERRULES: Mapping[str, str] = {
    "correction": "it corrects what was said wrongly; in practice nothing changes",
    "law": "the law asks for it, whatever we promised",
    "practice": "it was done so before, and people were told",
    "caution": "nothing was found, but people should be told",
}
"""Why a person may decide otherwise than was computed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an edition before it is published, for its text."""

    number: int
    published: datetime
    binds: datetime
    earlier: tuple[tuple[int, datetime], ...] = ()


def earliest(policy: Policy, now: datetime, *, material: bool) -> datetime:
    """When a change from the newest edition to this policy can bind at the earliest."""
    if newest() is None or not material:
        return now
    return _earliest(promised(policy, now), now, ZoneInfo(policy.zone))


def _earliest(promise: Changes | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The first midnight after the notice is over; at once where none was promised."""
    if promise is None or not (
        promise.notice.months or promise.notice.days or promise.notice.hours
    ):
        return now
    over = promise.notice.after(now, zone).astimezone(zone)
    midnight = over.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if midnight != over.replace(tzinfo=None):
        midnight += timedelta(days=1)
    return midnight.replace(tzinfo=zone).astimezone(UTC)


def facts(policy: Policy, now: datetime, binds_at: datetime | None, *, material: bool) -> Facts:
    """Of the edition that would be published now."""
    from servanda.desk.editions.rows import listed

    rows = listed()
    return Facts(
        rows[0].number + 1 if rows else 1,
        now,
        _day(binds_at, now, policy) or earliest(policy, now, material=material),
        tuple((row.number, row.published_at) for row in rows),
    )


def publish(
    policy: Policy,
    files: Mapping[str, bytes],
    *,
    by: str,
    binds_at: datetime | None = None,
    material_confirmed: bool,
    note: str = "",
    now: datetime | None = None,
    language: str = "en",
    overruled: str = "",
    number: int | None = None,
    rewritten: bool = False,
) -> Edition:
    """Record the next edition. `files`: what people read, by kind; `text` is the one whose digest
    names the edition. `material_confirmed`: what a person says of the change; `overruled`: a key of
    OVERRULES where that is not what was computed. `number`: the number its text bears, if any.
    `rewritten`: the policy is the same, and only the words of its text changed."""
    need(by)
    moment = now or datetime.now(UTC)
    _check(files, overruled)
    row = Edition(
        digest=policy.digest,
        content=policy.source.decode("utf-8-sig"),
        language=language,
        sha256=sha256_hex(files["text"]),
        published_at=moment,
        by=by,
        note=" ".join(note.split())[:500],
        material=material_confirmed,
        guarded=policy.changes is not None,
        purposes=sorted({each for a in policy.activities for each in a.purposes}),
    )
    try:
        with state.transaction():
            promise = promised(policy, moment)  # before this edition stands among the others
            _compare(row, policy, promise, overruled, number, rewritten=rewritten)
            _dates(row, policy, promise, binds_at, moment)
            row.save(force_insert=True)
            for kind, content in files.items():
                EditionFile.objects.create(
                    edition=row,
                    kind=kind,
                    language=language,
                    sha256=sha256_hex(content),
                    content=zlib.compress(content, 9),
                )
            window = str(promise.notice) if promise else ""
            begin(about(row.number), row.ways, window, policy.zone, moment)
            row.entry = ledger.append([_entry(row, files, window)], now=now).start
            row.save(update_fields=["entry"])
            if row.ways:
                _told_at_once(row, policy, moment, now)
            recipients.noticed(policy, promise, moment, first=row.number == 1, now=now)
    except IntegrityError:
        raise UsageError(
            "somebody published an edition at the same moment", "look at it, then publish again"
        ) from None
    return row


def _check(files: Mapping[str, bytes], overruled: str) -> None:
    unknown = [each for each in files if each not in KINDS]
    if "text" not in files or unknown:
        raise UsageError("an edition needs its text, and no form but the known", ", ".join(KINDS))
    if overruled and overruled not in OVERRULES:
        raise UsageError(
            f'there is no reason "{overruled[:20]}"', did_you_mean(overruled[:20], OVERRULES)
        )


def _compare(
    row: Edition,
    policy: Policy,
    promise: Changes | None,
    overruled: str,
    number: int | None,
    *,
    rewritten: bool,
) -> None:
    """Within the transaction: what the edition changes, and whether a person sees it so too."""
    last = newest()
    row.number = last.number + 1 if last is not None else 1
    if number is not None and number != row.number:
        raise UsageError(
            f"the text was made for edition {number}, and the next one is {row.number}",
            "publish again",
        )
    old = compiled(last) if last is not None else None
    if last is not None and last.digest == policy.digest and not rewritten:
        raise UsageError(
            f"edition {last.number} says the same already",
            "change policy.yaml first; or say that only the words of the text changed",
        )
    found = differences(old, policy) if old is not None else ()
    row.computed = list(reasons(found))
    if row.material != bool(row.computed):
        if not overruled:
            is_material = "material" if row.computed else "minor"
            raise UsageError(
                f"the change was found to be {is_material}, and you say otherwise",
                f"say so too, or give a reason: {', '.join(OVERRULES)}",
            )
        row.overruled = overruled
    if row.material:
        row.reasons = row.computed or ["decided"]
        row.terms = list(new_purposes(old, policy)) if old is not None else []
        row.asks = bool(promise and promise.consent and old is not None)
        row.ways = list(promise.tell) if promise else []
        if "banner" in row.ways and policy.banner is None:
            raise UsageError(
                "a material change is told by the banner, and the policy has none",
                "add `banner:` with its sites; where no acceptance was promised, "
                "`changes: {tell: [portal]}` in an edition before will do, once it binds",
            )


def _dates(
    row: Edition,
    policy: Policy,
    promise: Changes | None,
    binds_at: datetime | None,
    now: datetime,
) -> None:
    zone = ZoneInfo(policy.zone)
    told_first = row.material and row.number > 1
    first = _earliest(promise, now, zone) if told_first else now
    row.binds_at = _day(binds_at, now, policy) or first
    if row.binds_at < first:
        day = first.astimezone(zone).date().isoformat()
        raise UsageError(
            f"people are told of a material change before it binds, so it binds on {day} at the "
            "earliest",
            f"give that day or a later one: --binds {day}",
        )


def _day(binds_at: datetime | None, now: datetime, policy: Policy) -> datetime | None:
    """Today means at once; another day in the past is refused."""
    if binds_at is None or binds_at >= now:
        return binds_at
    zone = ZoneInfo(policy.zone)
    if binds_at.astimezone(zone).date() != now.astimezone(zone).date():
        raise UsageError("an edition cannot bind before it is published", "give a day from today")
    return now


def _told_at_once(row: Edition, policy: Policy, moment: datetime, now: datetime | None) -> None:
    """Banner and portal show it as soon as this is committed."""
    from servanda.desk.changenotices import told

    for way in row.ways:
        if way != "email":
            told(about(row.number), way, policy.zone, moment, now=now)


def _entry(row: Edition, files: Mapping[str, bytes], window: str) -> dict[str, object]:
    """`checking` holds the tables against this: whatever decides who is bound stands here."""
    return {
        "kind": "policy.published",
        "number": row.number,
        "digest": row.digest,
        "sha256": row.sha256,
        "content": sha256_hex(row.content.encode()),
        "language": row.language,
        "files": {kind: sha256_hex(content) for kind, content in sorted(files.items())},
        "binds_at": row.binds_at.astimezone(UTC).isoformat(),
        "material": row.material,
        "computed": row.computed,
        "reasons": row.reasons,
        "overruled": row.overruled,
        "terms": row.terms,
        "asks": row.asks,
        "guarded": row.guarded,
        "purposes": row.purposes,
        "ways": row.ways,
        "window": window,
        "published_at": row.published_at.astimezone(UTC).isoformat(),
        "by": row.by,
    }
