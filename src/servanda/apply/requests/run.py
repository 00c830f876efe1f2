"""A run that acts on requests, from its start to its end: `act`, `resume`, `unfinished`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from servanda.apply.boundaries import reach
from servanda.apply.identity import surely_dead, working
from servanda.apply.requests import end, record, work
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.end import Then, Went
from servanda.apply.requests.hashes import Hashes
from servanda.apply.requests.marks import mark_key
from servanda.apply.requests.outcome import Acted, Stays, StoreResult
from servanda.apply.requests.record import Held
from servanda.kernel.collector import resting
from servanda.kernel.errors import (
    Drift,
    StalePlan,
    StoreBusy,
    StoreRefused,
    StoreUnreachable,
    UsageError,
)
from servanda.kernel.keyring import Master
from servanda.plan.find import Gone
from servanda.plan.requests import Lot, RequestPlan
from servanda.plan.requests.model import store_of
from servanda.plan.requests.renaming import partners
from servanda.state.connection import guard
from servanda.state.models import Commitments, RequestPart, RequestRun, RequestRunOf
from servanda.stores.port import Keys

_AGAIN = "plan again: `servanda request act`"
OLDEST = timedelta(minutes=15)
"""How old a plan may be: somebody may have become an owner of a record meanwhile."""


@dataclass
class Doing:
    """What a run has come to so far: per store, and by part and lot which records went."""

    stores: list[StoreResult] = field(default_factory=list)
    gone: dict[tuple[int, int], Went] = field(default_factory=dict)
    unsure: bool = False  # a store was lost after its evidence: nobody knows yet what went


def act(
    plan: RequestPlan, actor: Actor, *, then: Then = end.nothing, worker: str = "main"
) -> Acted:
    """Apply a plan. `then` is called in the transaction that records the end.

    Raises StalePlan, UsageError (one of its requests is being acted on), StateFailed; whatever a
    store raises ends up in its StoreResult.
    """
    _current(plan, actor)
    with resting(), working(worker) as workers:
        held = record.begin(plan, actor.site.master, f"{workers}0", actor.site.now())
        reach("after-start")
        return _through(plan, actor, held, then, current=True)


def resume(run: str, actor: Actor, *, then: Then = end.nothing, worker: str = "main") -> Acted:
    """Bring a run whose worker is gone to its end. UsageError while it is worked on.

    Where the plan has aged or the policy has changed since, nothing more goes by it: what had been
    begun is found out and told, and the rest is for a new plan.
    """
    with resting(), working(worker) as workers:
        held = record.take_over(run, f"{workers}0", actor.site.now())
        plan = record.plan_of(run, actor.site.master)
        if plan is None:
            raise UsageError(f"run {run} has ended", "see `servanda request list`")
        return _through(plan, actor, held, then, current=_is_current(plan, actor))


def unfinished(now: datetime) -> list[str]:
    """Runs that were given up by their workers, oldest first."""
    with guard():
        rows = list(
            RequestRun.objects.filter(state=RequestRun.State.RUNNING).order_by("started_at")
        )
    return [
        row.id
        for row in rows
        if surely_dead(row.owner)
        or row.lease_until is None
        or not now <= row.lease_until <= now + 2 * record.LEASE
    ]


def busy() -> set[str]:
    """Requests that a run acts on now, or was given up while it did."""
    with guard():
        return set(RequestRunOf.objects.filter(running=True).values_list("ref", flat=True))


def leads(ref: str, master: Master) -> tuple[Gone, ...]:
    """What earlier runs erased of a request's person, so far as something may hang on it still."""
    with guard():
        runs = list(
            RequestRunOf.objects.filter(ref=ref, run__state=RequestRun.State.PENDING)
            .order_by("run__started_at")
            .values_list("run_id", flat=True)
        )
    plans = [plan for run in runs if (plan := record.plan_of(run, master)) is not None]
    found = (gone for plan in plans for of, gone in plan.gone if of == ref)
    return tuple(dict.fromkeys(found))


def done_for(ref: str) -> list[tuple[str, str, int]]:
    """All that was ever done for a request: (collection, what was done, how many)."""
    with guard():
        rows = Commitments.objects.filter(ref=ref).order_by("pk").values_list("counts", flat=True)
        found: dict[tuple[str, str], int] = {}
        for counts in rows:
            for collection, deed, count in counts:
                found[collection, deed] = found.get((collection, deed), 0) + count
    return [(collection, deed, count) for (collection, deed), count in found.items()]


def kept_for(ref: str) -> list[Stays]:
    """All that ever stayed for a request. What stayed in one run may have gone in a later one:
    whoever tells of it asks the stores again, so far as they can still tell."""
    with guard():
        rows = Commitments.objects.filter(ref=ref).order_by("pk").values_list("kept", flat=True)
        found = {
            (collection, reason, until, ground, tuple(fields)): count
            for kept in rows
            for collection, reason, count, until, ground, fields in kept
        }
    return [
        Stays(collection, reason, count, until, ground, fields)
        for (collection, reason, until, ground, fields), count in found.items()
    ]


def _current(plan: RequestPlan, actor: Actor) -> None:
    if plan.policy != actor.site.policy or plan.mapping != actor.site.mapping:
        raise StalePlan("the policy or stores.yaml changed since the plan was made", _AGAIN)
    if not _is_current(plan, actor):
        raise StalePlan(
            f"the plan is older than {OLDEST.total_seconds() / 60:.0f} minutes, and what is whose "
            "may have changed",
            _AGAIN,
        )


def _is_current(plan: RequestPlan, actor: Actor) -> bool:
    age = actor.site.now() - plan.made_at
    same = plan.policy == actor.site.policy and plan.mapping == actor.site.mapping
    return same and age <= OLDEST


def _through(plan: RequestPlan, actor: Actor, held: Held, then: Then, *, current: bool) -> Acted:
    with Hashes(plan, mark_key(actor.site.master)) as hashes:
        return _ended(plan, actor, held, hashes, then, current=current)


def _ended(
    plan: RequestPlan, actor: Actor, held: Held, hashes: Hashes, then: Then, *, current: bool
) -> Acted:
    doing = Doing()
    states = _states(held.run)
    shapes = dict(plan.shapes)
    for number, (name, lots) in enumerate(plan.parts()):
        if states[number] == RequestPart.State.DONE:
            gone = _recorded(actor, held.run, number, lots)
            doing.stores.append(_done(doing, name, number, lots, gone, actor))
            continue
        behind = _behind(lots, doing, actor)
        if behind:
            why = f'it names files of store "{behind}", which are not renamed yet'
            doing.stores.append(StoreResult(name, "pending", why, left=_planned(lots)))
            continue
        try:
            if not current:
                if states[number] == RequestPart.State.OPEN:
                    why = "the plan has aged; it is planned anew"
                    doing.stores.append(StoreResult(name, "pending", why, left=_planned(lots)))
                    continue
                gone = work.settle(actor, held, number, name, lots)
            else:
                config = actor.site.config(name)
                if shapes.get(name) != actor.look(config, actor.writer(name))[0]:
                    raise StoreRefused(
                        f'the shape of store "{name}" changed since the plan was made', _AGAIN
                    )
                gone = work.work(actor, held, number, name, lots, hashes.start)
            work.absent(actor, name, lots, gone)
            doing.stores.append(_done(doing, name, number, lots, gone, actor))
        except (StoreUnreachable, StoreBusy) as error:
            doing.unsure |= any(record.known(held.run, number, lots, actor.site.master))
            doing.stores.append(StoreResult(name, "pending", str(error), left=_planned(lots)))
        except (StoreRefused, Drift) as error:
            doing.stores.append(_refused(doing, held, name, number, lots, str(error), actor))
    for silent in plan.silent:
        if silent.store not in {each.store for each in doing.stores}:
            doing.stores.append(StoreResult(silent.store, "pending", silent.why))
    reach("before-end")
    if doing.unsure:
        return end.left_open(plan, actor, held, doing.stores, then)
    return end.end(plan, actor, held, doing.stores, doing.gone, hashes, then)


def _behind(lots: Sequence[Lot], doing: Doing, actor: Actor) -> str:
    """The store that has to come first and has not come to its end; blank where none has to."""
    collections = [each for config in actor.site.configs.values() for each in config.collections]
    others = {
        store_of(each) for lot in lots for each in partners(lot.collection, lot.erase, collections)
    }
    return next((e.store for e in doing.stores if e.store in others and e.state != "done"), "")


def _refused(
    doing: Doing,
    held: Held,
    name: str,
    number: int,
    lots: Sequence[Lot],
    why: str,
    actor: Actor,
) -> StoreResult:
    """A person has to look. What went before the store refused is told all the same."""
    found = StoreResult(name, "failed", why, left=_planned(lots))
    if not any(record.known(held.run, number, lots, actor.site.master)):
        return found
    try:
        gone = work.settle(actor, held, number, name, lots)
        told = _done(doing, name, number, lots, gone, actor)
    except (StoreUnreachable, StoreBusy, StoreRefused, Drift):
        doing.unsure = True
        return found
    return replace(found, done=told.done, left=told.left)


def _states(run: str) -> dict[int, str]:
    with guard():
        return dict(RequestPart.objects.filter(run_id=run).values_list("number", "state"))


def _recorded(actor: Actor, run: str, part: int, lots: Sequence[Lot]) -> list[Keys]:
    """What went in a part that was done before this process took over."""
    found = record.known(run, part, lots, actor.site.master)
    return [each[-1] if each else work.NO_KEYS for each in found]


def _planned(lots: Sequence[Lot]) -> int:
    return sum(len(lot.keys) for lot in lots)


def _done(
    doing: Doing,
    name: str,
    number: int,
    lots: Sequence[Lot],
    gone: Sequence[Keys],
    actor: Actor,
) -> StoreResult:
    counts: dict[tuple[str, str, str], int] = {}
    left = 0
    for at, (lot, keys) in enumerate(zip(lots, gone, strict=True)):
        there = work.lacking(actor, name, lot, keys)
        left += len(there)
        by = {
            ref: tuple(k for k in theirs if k not in there) if there else theirs
            for ref, theirs in lot.by
        }
        doing.gone[number, at] = Went(lot, by)
        for ref, theirs in by.items():
            what = (ref, lot.collection, lot.deed)
            counts[what] = counts.get(what, 0) + len(theirs)
    found = {what: count for what, count in counts.items() if count}
    if left:
        why = f"{left:,} records were changed or held meanwhile"
        return StoreResult(name, "pending", why, found, left)
    return StoreResult(name, "done", done=found)
