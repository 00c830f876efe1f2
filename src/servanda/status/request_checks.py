"""Promises about requests: answered in time, refused with a reason, routed, erased again.

Every day someone looked (`requests.census`) is the heartbeat: without it nothing here is *kept*.
What is overdue is broken even so, for as long as it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from servanda.status.evidence import Entry, Evidence
from servanda.status.spans import Track
from servanda.status.verdict import Check, Verdict

_SHOWN = 3


def right(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`rights.<right>`: no request of the right is unanswered after its day."""
    track = evidence.requests.rights.get(control.partition(".")[2], Track())
    overdue = track.overdue.refs(as_of)
    return [_judged(evidence, control, as_of, _late(overdue), _counts(track, as_of, "answered"))]


def refusals(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.refusals`: each names a ground, and none was closed without a letter."""
    found = evidence.requests
    broken = _listed("refused without a ground", found.ungrounded.refs(as_of))
    broken = broken or _listed("refused without a letter", found.unexplained.refs(as_of))
    n = bisect_right(found.refusals, as_of)
    kept = f"{n:,} refused, each with its ground" if n else "nothing was refused yet"
    return [_judged(evidence, control, as_of, broken, kept)]


def complaints(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.complaints`: acknowledged in time; every reply names the regulator."""
    found = evidence.requests
    track = found.rights.get("complaint", Track())
    broken = _late(track.overdue.refs(as_of))
    broken = broken or _listed("answered without naming the regulator", found.silent.refs(as_of))
    unproven = _listed("the ledger does not tell what the reply says", found.unsaid.refs(as_of))
    n = bisect_right(found.replies, as_of)
    kept = f"{n:,} replies, each naming the regulator" if n else "no reply yet"
    kept += f"; complaints: {_counts(track, as_of, 'acknowledged')}"
    return [_judged(evidence, control, as_of, broken, kept, unproven)]


def children(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.children`: what was found of a child is erased in time."""
    track = evidence.requests.children
    broken = _late(track.overdue.refs(as_of), "not erased")
    return [_judged(evidence, control, as_of, broken, _counts(track, as_of, "erased"))]


def routing(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.routing`: requests about a customer's data went to that customer in time."""
    track = evidence.requests.routing
    broken = _late(track.overdue.refs(as_of), "not routed")
    return [_judged(evidence, control, as_of, broken, _counts(track, as_of, "routed"))]


def replay(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`requests.replay`: after each restore the erased were erased again, and none is left."""
    last, census = evidence.replays.latest(as_of), evidence.requests_census.latest(as_of)
    if last is not None and last.entry.get("left"):
        why = f"{last.entry['left']:,} records that came back could not be erased again"
        return [Check(control, "requests", Verdict.BROKEN, why, last.at, None, last.index)]
    restored: dict[str, str] = dict(census.entry.get("restored") or {}) if census else {}
    waiting = sorted(
        store for store, when in restored.items() if not _replayed(evidence, store, when, as_of)
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


def _replayed(evidence: Evidence, store: str, when: str, as_of: datetime) -> bool:
    restored = datetime.fromisoformat(when)
    return any(
        restored < fact.at <= as_of
        and not fact.entry.get("left")
        and store in fact.entry.get("stores", ())
        and store not in fact.entry.get("unreachable", ())
        for fact in evidence.replays.facts
    )


def _judged(
    evidence: Evidence,
    control: str,
    as_of: datetime,
    broken: str,
    kept: str,
    unproven: str = "",
) -> Check:
    """Broken, else unproven (by the reason, or because nobody looked lately), else kept."""
    census = evidence.requests_census.latest(as_of)
    at, due, index = None, None, None
    subject = f"requests: {control.rpartition('.')[2]}"
    if census is not None:
        at, due, index = census.at, census.at + evidence.heartbeat(as_of), census.index
    if broken:
        return Check(control, subject, Verdict.BROKEN, broken, at, due, index)
    if census is None:
        unproven = "nobody has looked at the requests yet; the scheduled run does"
    elif due is not None and as_of > due:
        unproven = f"nobody has looked at the requests since {census.at:%Y-%m-%d}"
    if unproven:
        return Check(control, subject, Verdict.UNPROVEN, unproven, at, due, index)
    return Check(control, subject, Verdict.KEPT, kept, at, due, index)


def _counts(track: Track, as_of: datetime, done: str) -> str:
    """`3 answered in time, 1 late, 1 open, none overdue`."""
    (in_time, late), waiting = track.settled(as_of), track.open.count(as_of)
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
