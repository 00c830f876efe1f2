"""Every change of every verdict, found while the ledger is read once from its beginning.

The danger: a change that is missed shows a promise *kept* that was not. A verdict can change only
where an entry is about what its controls read (topics), where proof gets too old or a day has
passed (alarms), or where the policy changes. Each of these moments is judged, and nothing else is,
so that years of a ledger are read in seconds and one more entry costs next to nothing.

What was judged before the newest entry's moment is final: time in the ledger never runs back. What
lies after it, up to the moment of asking, is judged for that question only, since an entry may yet
come between. Test: tests/status/test_chronicle.py judges random ledgers at random moments both
ways, and reads them in random portions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from operator import itemgetter
from typing import TypeAlias

from servanda.status.checks import checker, topics
from servanda.status.evidence import POLICY, Evidence
from servanda.status.facts import Entry, Fact
from servanda.status.verdict import Check, Verdict, worst

Step: TypeAlias = tuple[datetime, Verdict | None]
"""From this moment on; None while no policy makes the promise."""

_AT = itemgetter(0)


class Chronicle:
    """Add entries in ledger order; ask at any moment that is not before the newest of them."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.moment: datetime | None = None  # of the newest entry
        self._touched: set[str] = set()  # topics of the entries of that moment
        self._alarms: list[tuple[datetime, str]] = []  # a heap
        self._verdicts: dict[str, Verdict] = {}  # by control, as last judged
        self._steps: dict[str, list[Step]] = {}  # by promise
        self._readers: dict[str, list[str]] = {}  # controls by topic, in the policy in force
        self._kept_by: dict[str, tuple[str, ...]] = {}  # controls by promise, likewise
        self._planned: set[str] = set()

    def add(self, index: int, entry: Entry, at: datetime | None = None) -> None:
        """One entry. `at`: where the moment is known already."""
        moment = datetime.fromisoformat(entry["at"]) if at is None else at
        if self.moment is not None:
            if moment > self.moment:
                self._close(moment)
            moment = max(moment, self.moment)
        self.moment = moment
        self._touched.update(self.evidence.add(Fact(index, moment, entry)))
        for alarm in self.evidence.alarms:
            heappush(self._alarms, alarm)
        self.evidence.alarms.clear()
        if entry["kind"] == "policy":
            self._read_policy(entry)

    @property
    def controls(self) -> Iterable[str]:
        """Those of the policy in force, each once."""
        return dict.fromkeys(each for kept_by in self._kept_by.values() for each in kept_by)

    def check(self, control: str, as_of: datetime) -> list[Check]:
        judge, policy = checker(control), self.evidence.policy
        if judge is None or policy is None:
            why = "this version does not know the control"
            return [Check(control, control, Verdict.UNPROVEN, why)]
        return judge(self.evidence, control, policy.entry, as_of)

    def steps(self, as_of: datetime) -> dict[str, list[Step]]:
        """The changes of each promise up to `as_of`, oldest first."""
        if self.moment is None:
            return {}
        if as_of < self.moment:
            raise ValueError("the chronicle has gone on; read the ledger again up to that moment")
        verdicts, later = dict(self._verdicts), dict[str, list[Step]]()
        coming = sorted(alarm for alarm in self._alarms if alarm[0] <= as_of)
        for moment, touched in self._stops(coming):
            for promise, verdict in self._judge(verdicts, touched, moment):
                known = later.get(promise) or self._steps.get(promise, [])
                if not known or known[-1][1] is not verdict:
                    later.setdefault(promise, []).append((moment, verdict))
        every = {**self._steps, **later}
        return {each: [*self._steps.get(each, ()), *later.get(each, ())] for each in every}

    def next_alarm(self, after: datetime) -> datetime | None:
        """When a verdict may next change although no entry comes."""
        return min(
            (a[0] for a in self._alarms if a[0] > after and not self._idle(*a)), default=None
        )

    def _read_policy(self, entry: Entry) -> None:
        self._kept_by = {each["id"]: tuple(each["kept_by"]) for each in entry["promises"]}
        self._planned = {each["id"] for each in entry["promises"] if each["planned"]}
        self._readers = {}
        for control in self.controls:
            for topic in topics(control, entry):
                self._readers.setdefault(topic, []).append(control)

    def _close(self, until: datetime) -> None:
        """Judge what can no longer change: all that lies before `until`."""
        coming = []
        while self._alarms and self._alarms[0][0] < until:
            coming.append(heappop(self._alarms))
        for moment, touched in self._stops(coming):
            for promise, verdict in self._judge(self._verdicts, touched, moment):
                steps = self._steps.setdefault(promise, [])
                if not steps or steps[-1][1] is not verdict:
                    steps.append((moment, verdict))
        self._touched.clear()

    def _stops(self, alarms: Iterable[tuple[datetime, str]]) -> Iterator[tuple[datetime, set[str]]]:
        """The moment in hand and those of the alarms, each with what is to be judged then."""
        assert self.moment is not None
        moment, touched = self.moment, set(self._touched)
        for at, topic in alarms:
            if self._idle(at, topic):
                continue
            if at > moment:
                yield moment, touched
                moment, touched = at, set()
            touched.add(topic)
        yield moment, touched

    def _idle(self, at: datetime, topic: str) -> bool:
        """An alarm that newer proof has put off."""
        stale = self.evidence.stale_after(topic)
        return stale is not None and at < stale

    def _judge(
        self, verdicts: dict[str, Verdict], touched: set[str], moment: datetime
    ) -> Iterator[tuple[str, Verdict | None]]:
        """Promises whose verdict may be another at that moment. Updates `verdicts`."""
        if self.evidence.policy is None:
            return
        anew = POLICY in touched
        if anew:
            controls = self.controls
            yield from ((gone, None) for gone in self._steps if gone not in self._kept_by)
        else:
            readers = self._readers
            controls = {each for topic in touched for each in readers.get(topic, ())}
        changed = set()
        for control in controls:
            verdict = worst(self.check(control, moment))
            if verdicts.get(control) is not verdict:
                verdicts[control] = verdict
                changed.add(control)
        if anew or changed:
            for promise, kept_by in self._kept_by.items():
                if anew or not changed.isdisjoint(kept_by):
                    yield promise, self._verdict(promise, [verdicts[each] for each in kept_by])

    def _verdict(self, promise: str, found: list[Verdict]) -> Verdict:
        if promise in self._planned:
            return Verdict.PLANNED
        return min(found, key=lambda verdict: verdict.rank, default=Verdict.UNPROVEN)


def at(steps: list[Step], moment: datetime) -> Verdict | None:
    """The verdict at a moment."""
    place = bisect_right(steps, moment, key=_AT)
    return steps[place - 1][1] if place else None


def history(steps: list[Step]) -> tuple[tuple[datetime, Verdict], ...]:
    """The changes, newest first, without the times at which the promise was not made."""
    changes: list[tuple[datetime, Verdict]] = []
    for moment, verdict in steps:
        if verdict is not None and (not changes or changes[-1][1] is not verdict):
            changes.append((moment, verdict))
    return tuple(reversed(changes))
