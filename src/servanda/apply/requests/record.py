"""The commits in the state database while requests are acted on.

The danger: evidence of what is not ours to do any more, or none of what is. Each commit says whose
run it is (owner and fence) and, where records are about to go, that the holds are still those the
work was computed with. Whatever is raised here leaves the state as it was.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Q

from servanda import ledger, state
from servanda.apply.boundaries import reach
from servanda.apply.identity import surely_dead
from servanda.apply.record import HoldsChanged, LeaseLost
from servanda.kernel import seal as sealing
from servanda.kernel.errors import StalePlan, UsageError
from servanda.kernel.keyring import Master
from servanda.ledger import manifests
from servanda.plan.requests import RequestPlan, dump, parse
from servanda.plan.requests.model import Lot
from servanda.state.connection import guard
from servanda.state.models import HoldsVersion, Manifest, RequestPart, RequestRun, RequestRunOf
from servanda.stores.port import Keys

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Held:
    """A run that is ours until its fence rises."""

    run: str
    owner: str
    fence: int

    @property
    def mine(self) -> Q:
        return Q(id=self.run, owner=self.owner, fence=self.fence)


def begin(plan: RequestPlan, master: Master, owner: str, now: datetime) -> Held:
    """Record the run and its parts. UsageError where one of its requests is being acted on,
    StalePlan where one was since the plan was made: what went then would be told twice."""
    run = f"request-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    parts = [
        RequestPart(run_id=run, number=number, store=store)
        for number, (store, _) in enumerate(plan.parts())
    ]
    try:
        with state.transaction():
            key = manifests.make_key(master, run)
            RequestRun.objects.create(
                id=run,
                plan_digest=plan.digest,
                sealed_plan=sealing.seal(key, dump(plan), _place(run)),
                started_at=now,
                owner=owner,
                lease_until=now + LEASE,
            )
            RequestRunOf.objects.bulk_create(RequestRunOf(run_id=run, ref=r) for r in plan.refs)
            RequestPart.objects.bulk_create(parts)
            others = RequestRunOf.objects.filter(ref__in=plan.refs).exclude(run_id=run)
            if others.filter(run__started_at__gte=plan.made_at).exists():
                raise StalePlan(
                    "a request of this plan was acted on since the plan was made",
                    "plan again: `servanda request act`",
                )
    except IntegrityError:
        raise UsageError(
            "a request of this plan is being acted on already, or a store was lost while it was",
            "wait for it; the scheduled run goes on when the store answers",
        ) from None
    return Held(run, owner, 1)


def take_over(run: str, owner: str, now: datetime) -> Held:
    """Go on with a run whose worker is gone. UsageError while it works."""
    with state.transaction():
        row = RequestRun.objects.filter(id=run, state=RequestRun.State.RUNNING).first()
        if row is None:
            raise UsageError(f"run {run[:64]} has ended", "see `servanda request list`")
        over = row.lease_until is None or not now <= row.lease_until <= now + 2 * LEASE
        if not (over or surely_dead(row.owner)):
            raise UsageError(f"run {run} is being worked on", "wait for it to end")
        taken = RequestRun.objects.filter(id=run, fence=row.fence).update(
            owner=owner, fence=F("fence") + 1, lease_until=now + LEASE
        )
        if not taken:
            raise UsageError(f"run {run} is being worked on", "wait for it to end")
        return Held(run, owner, row.fence + 1)


def plan_of(run: str, master: Master) -> RequestPlan | None:
    """The plan of a run; None once nothing of it is outstanding."""
    with guard():
        row = RequestRun.objects.get(id=run)
    if not row.sealed_plan:
        return None
    key = manifests.evidence_key(master, run)
    return parse(sealing.unseal(key, bytes(row.sealed_plan), _place(run)))


def prepared(
    held: Held,
    part: int,
    lots: Sequence[Lot],
    keys: Sequence[Keys],
    *,
    master: Master,
    now: datetime,
    holds_version: int,
) -> None:
    """Evidence of what is about to go. Raises HoldsChanged, LeaseLost, StateFailed."""
    with state.transaction():
        if HoldsVersion.objects.select_for_update().get(id=1).version != holds_version:
            raise HoldsChanged
        _renew(held, now)
        row = RequestPart.objects.get(run_id=held.run, number=part)
        entries = _sealed("request.prepared", master, held.run, row, lots, keys)
        RequestPart.objects.filter(pk=row.pk).update(
            state=RequestPart.State.PREPARED, strokes=row.strokes + 1
        )
        ledger.append(entries, now=now)
        reach("inside-record")


def superseded(
    held: Held,
    part: int,
    lots: Sequence[Lot],
    keys: Sequence[Keys],
    *,
    master: Master,
    now: datetime,
) -> None:
    """What truly went, where that is not what was prepared."""
    with state.transaction():
        _renew(held, now)
        row = RequestPart.objects.get(run_id=held.run, number=part)
        entries = _sealed("request.superseded", master, held.run, row, lots, keys)
        RequestPart.objects.filter(pk=row.pk).update(strokes=row.strokes + 1)
        ledger.append(entries, now=now)


def still_ours(held: Held, holds_version: int) -> None:
    """Before a store commits what was prepared earlier. Raises HoldsChanged or LeaseLost."""
    with guard():
        if HoldsVersion.objects.get(id=1).version != holds_version:
            raise HoldsChanged
        if not RequestRun.objects.filter(held.mine).exists():
            raise LeaseLost


def known(run: str, part: int, lots: Sequence[Lot], master: Master) -> list[list[Keys]]:
    """For each lot, the keys of every manifest the part ever had, the latest last."""
    with guard():
        rows = list(Manifest.objects.filter(run=run, window=part).values_list("step", "digest"))
    found: list[list[Keys]] = [[] for _ in lots]
    for step, digest in sorted(rows, key=lambda row: int(row[0].rsplit(":", 1)[1])):
        found[_lot_number(step)].append(manifests.open_sealed(master, digest))
    return found


def _sealed(
    kind: str,
    master: Master,
    run: str,
    part: RequestPart,
    lots: Sequence[Lot],
    keys: Sequence[Keys],
) -> list[dict[str, Any]]:
    """An entry for each lot; where nothing goes, none but for what it supersedes."""
    entries = []
    for number, (lot, found) in enumerate(zip(lots, keys, strict=True)):
        if not found.count and kind == "request.prepared":
            continue
        step = f"{lot.collection}:{lot.deed}:{number}:{part.strokes}"
        digest, sealed = manifests.seal(master, run, step, part.number, found)
        sealed.save(force_insert=True)
        entries.append(
            {
                "kind": kind,
                "run": run,
                "store": part.store,
                "collection": lot.collection,
                "action": lot.deed,
                "step": step,
                "window": part.number,
                "count": found.count,
                "encoding": found.encoding,
                "manifest": digest,
                "fields": [name for name, _ in (*lot.erase, *lot.correct)],
            }
        )
    return entries


def _lot_number(step: str) -> int:
    return int(step.rsplit(":", 2)[1])


def _renew(held: Held, now: datetime) -> None:
    if not RequestRun.objects.filter(held.mine).update(lease_until=now + LEASE):
        raise LeaseLost


def _place(run: str) -> bytes:
    return f"request plan {run}".encode()
