"""Promises about requests: answered in time, refused with a reason, routed, erased again.

Every day someone looked (`requests.census`) is the heartbeat: without it nothing here is *kept*.
What is overdue is broken even so, for as long as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from servanda.status.evidence import Entry, Evidence
from servanda.status.looked import judged
from servanda.status.requests import ANY, topic
from servanda.status.spans import Track
from servanda.status.verdict import Check, Verdict

_SHOWN = 3
_LOOKED = ("requests.census",)


def of_right(control: str, policy: Entry) -> tuple[str, ...]:
    """What `right` reads."""
    return (*_LOOKED, topic(control.partition(".")[2]))


def of_all(control: str, policy: Entry) -> tuple[str, ...]:
    return (*_LOOKED, ANY)


def of_replays(control: str, policy: Entry) -> tuple[str, ...]:
    return (*_LOOKED, "replay")


def right(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`rights.<right>`: no request of the right is unanswered after its day."""
    track = evidence.requests.rights.get(control.partition(".")[2], Track())
    broken = _late(track.overdue(as_of))
    return [_judged(evidence, control, as_of, broken, _counts(track, "answered"))]


def refusals(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.refusals`: each names a ground, and none was closed without a letter."""
    found = evidence.requests
    broken = _listed("refused without a ground", found.ungrounded.refs())
    broken = broken or _listed("refused without a letter", found.unexplained.refs())
    n = found.refusals
    kept = f"{n:,} refused, each with its ground" if n else "nothing was refused yet"
    return [_judged(evidence, control, as_of, broken, kept)]


def complaints(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.complaints`: acknowledged in time; every reply names the regulator."""
    found = evidence.requests
    track = found.rights.get("complaint", Track())
    broken = _late(track.overdue(as_of))
    broken = broken or _listed("answered without naming the regulator", found.silent.refs())
    unproven = _listed("the ledger does not tell what the reply says", found.unsaid.refs())
    n = found.replies
    kept = f"{n:,} replies, each naming the regulator" if n else "no reply yet"
    kept += f"; complaints: {_counts(track, 'acknowledged')}"
    return [_judged(evidence, control, as_of, broken, kept, unproven)]


def children(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.children`: what was found of a child is erased in time."""
    track = evidence.requests.children
    broken = _late(track.overdue(as_of), "not erased")
    return [_judged(evidence, control, as_of, broken, _counts(track, "erased"))]


def routing(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.routing`: requests about a customer's data went to that customer in time."""
    track = evidence.requests.routing
    broken = _late(track.overdue(as_of), "not routed")
    return [_judged(evidence, control, as_of, broken, _counts(track, "routed"))]


def replay(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.replay`: after each restore the erased were erased again, and none is left."""
    last = evidence.replays[-1] if evidence.replays else None
    census = evidence.requests_census
    if last is not None and last.entry.get("left"):
        why = f"{last.entry['left']:,} records that came back could not be erased again"
        return [Check(control, "requests", Verdict.BROKEN, why, last.at, None, last.index)]
    restored: dict[str, str] = dict(census.entry.get("restored") or {}) if census else {}
    waiting = sorted(
        store for store, when in restored.items() if not _replayed(evidence, store, when)
    )
    broken = f"restored, and not replayed since: {', '.join(waiting)}" if waiting else ""
    kept, unproven = "no store was restored", ""
    if last is not None:
        found = last.entry.get("found", 0)
        kept = f"last replay on {last.at:%Y-%m-%d} found {found:,} come back and left none"
        unproven = _unsure(last.entry)
    elif census is None or "restored" not in census.entry:
        unproven = "nobody has said whether a store was restored"
    return [_judged(evidence, control, as_of, broken, kept, unproven)]


def _unsure(entry: Entry) -> str:
    """What a replay could not settle."""
    if entry.get("unreachable"):
        return f"the last replay could not reach {', '.join(entry['unreachable'][:_SHOWN])}"
    if entry.get("doubtful"):
        return f"the last replay left {entry['doubtful']:,} records to be looked at by a person"
    return ""


def _replayed(evidence: Evidence, store: str, when: str) -> bool:
    restored = datetime.fromisoformat(when)
    return any(
        restored < fact.at
        and not fact.entry.get("left")
        and store in fact.entry.get("stores", ())
        and store not in fact.entry.get("unreachable", ())
        for fact in evidence.replays
    )


def _judged(
    evidence: Evidence,
    control: str,
    as_of: datetime,
    broken: str,
    kept: str,
    unproven: str = "",
) -> Check:
    return judged(
        control,
        f"requests: {control.rpartition('.')[2]}",
        evidence.requests_census,
        evidence.heartbeat,
        as_of,
        looks="looked at the requests",
        broken=broken,
        kept=kept,
        unproven=unproven,
    )


def _counts(track: Track, done: str) -> str:
    """`3 answered in time, 1 late, 1 open, none overdue`."""
    in_time, late, waiting = track.in_time, track.late, track.open
    if not in_time + late + waiting:
        return "no request yet"
    parts = [f"{in_time:,} {done} in time"]
    parts += [f"{late:,} late"] if late else []
    return ", ".join((*parts, f"{waiting:,} open", "none overdue"))


def _late(refs: Iterable[str], what: str = "unanswered") -> str:
    return _listed(f"past the day and {what}", refs)


def _listed(what: str, refs: Iterable[str]) -> str:
    found = list(refs)
    if not found:
        return ""
    more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    return f"{what}: request {', '.join(found[:_SHOWN])}{more}"
