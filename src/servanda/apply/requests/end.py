"""The end of a run, in one commit: what went and must stay gone, and what is still outstanding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from servanda import ledger, state
from servanda.apply.record import LeaseLost
from servanda.apply.requests import marks
from servanda.apply.requests.actor import Actor
from servanda.apply.requests.hashes import Hashed, Hashes
from servanda.apply.requests.outcome import Acted, StoreResult
from servanda.apply.requests.record import Held
from servanda.kernel import seal as sealing
from servanda.kernel.digest import sha256_hex
from servanda.ledger import manifests
from servanda.plan.file import erasure_to_data
from servanda.plan.find import Key
from servanda.plan.requests import Kept, Lot, RequestPlan
from servanda.plan.requests.model import store_of
from servanda.state.models import Commitments, Erased, RequestPart, RequestRun, RequestRunOf

Then: TypeAlias = Callable[[Acted], None]


def nothing(_: Acted) -> None:
    """For those who do not need to know."""


@dataclass(frozen=True, slots=True)
class Went:
    """Of one lot: by request, the records that have the effect."""

    lot: Lot
    by: Mapping[str, tuple[Key, ...]]


def end(
    plan: RequestPlan,
    actor: Actor,
    held: Held,
    stores: Sequence[StoreResult],
    gone: Mapping[tuple[int, int], Went],
    hashes: Hashes,
    then: Then,
) -> Acted:
    """Record the end. `gone` by part and lot. `then` is called in the same transaction."""
    site, now = actor.site, actor.site.now()
    hashed = [hashes.of(went.lot, went.by) for went in gone.values()]
    committed = _commitments(plan.refs, hashed)
    digests = {ref: sha256_hex(data) for ref, data in committed.items()}
    suspended = frozenset(each.ref for each in plan.kept if each.reason == "hold")
    counts, kept = _counts(stores), _kept(plan.kept)
    acted = Acted(held.run, plan.refs, tuple(stores), digests, suspended)
    evidence = manifests.evidence_key(site.master, held.run)
    sealed_salt = sealing.seal(evidence, hashes.salt, f"request salt {held.run}".encode())
    with state.transaction():
        ended = RequestRun.objects.filter(held.mine, state=RequestRun.State.RUNNING).update(
            state=RequestRun.State.DONE if acted.complete else RequestRun.State.PENDING,
            ended_at=now,
            owner="",
            lease_until=None,
        )
        if not ended:
            raise LeaseLost
        RequestRunOf.objects.filter(run_id=held.run).update(running=False)
        for number, (name, _) in enumerate(plan.parts()):
            _part(held.run, number, next(each for each in stores if each.store == name))
        Erased.objects.bulk_create(_erased(held.run, hashed, now))
        Erased.objects.bulk_create(_known_by(held.run, hashes.key, plan, now))
        Commitments.objects.bulk_create(
            Commitments(
                run=held.run,
                ref=ref,
                digest=digests[ref],
                salt=sealed_salt,
                data=data,
                counts=counts.get(ref, []),
                kept=kept.get(ref, []),
            )
            for ref, data in committed.items()
        )
        if acted.complete:
            _nothing_outstanding(held.run, plan.refs)
        then(acted)
        ledger.append([_entry(acted)], now=now)
    if site.checkpoint is not None:
        site.checkpoint()
    return acted


def left_open(
    plan: RequestPlan, actor: Actor, held: Held, stores: Sequence[StoreResult], then: Then
) -> Acted:
    """A store was lost when it may have committed. The run ends when it answers again, and until
    then nothing is said of what went: whoever takes the run over asks the store."""
    acted = Acted(held.run, plan.refs, tuple(stores))
    with state.transaction():
        open_ = RequestRun.objects.filter(held.mine, state=RequestRun.State.RUNNING)
        if not open_.update(owner="", lease_until=None):
            raise LeaseLost
        then(acted)
    return acted


def _counts(stores: Sequence[StoreResult]) -> dict[str, list[list[object]]]:
    """By request: what was done, per collection and deed."""
    found: dict[str, list[list[object]]] = {}
    for each in stores:
        for (ref, collection, deed), count in sorted(each.done.items()):
            found.setdefault(ref, []).append([collection, deed, count])
    return found


def _kept(kept: Iterable[Kept]) -> dict[str, list[list[object]]]:
    """By request: what stays, how much of it, why and until when."""
    found: dict[str, list[list[object]]] = {}
    for each in kept:
        found.setdefault(each.ref, []).append(
            [
                each.collection,
                each.reason,
                len(each.keys),
                each.until.isoformat() if each.until else "",
                each.ground,
                list(each.fields),
            ]
        )
    return found


def _part(run: str, number: int, found: StoreResult) -> None:
    states = {"done": RequestPart.State.DONE, "failed": RequestPart.State.FAILED}
    RequestPart.objects.filter(run_id=run, number=number).update(
        state=states.get(found.state, RequestPart.State.OPEN),
        message=found.why,
        done=found.count,
        left=found.left,
    )


def _commitments(refs: Iterable[str], gone: Iterable[Hashed]) -> dict[str, bytes]:
    found: dict[str, list[bytes]] = {ref: [] for ref in refs}
    for each in gone:
        for ref, theirs in each.commitments.items():
            found[ref] += theirs
    return {ref: b"".join(sorted(theirs)) for ref, theirs in found.items()}


def _erased(run: str, gone: Iterable[Hashed], now: datetime) -> list[Erased]:
    return [
        Erased(
            run=run,
            store=store_of(each.lot.collection),
            collection=each.lot.collection,
            deed=each.lot.deed,
            changes=[[name, erasure_to_data(erasure)] for name, erasure in each.lot.erase],
            at=now,
            count=each.count,
            marks=each.marks,
        )
        for each in gone
        if each.lot.deed != "correct" and each.count
    ]


def _known_by(run: str, key: bytes, plan: RequestPlan, now: datetime) -> list[Erased]:
    """Who was erased, and by which values their records were tied together: without these, a key
    that is used again after a restore would be taken for a record that came back."""
    people = {marks.identity_named(kind, normal) for _, who in plan.people for kind, normal in who}
    ties = {
        marks.tie_named(gone.collection, gone.fields, row)
        for _, gone in plan.gone
        for row in gone.rows
    }
    return [
        Erased(
            run=run,
            store="",
            collection="",
            deed=deed,
            at=now,
            count=len(names),
            marks=marks.packed_marks(key, names),
        )
        for deed, names in (("identity", people), ("tie", ties))
        if names
    ]


def _nothing_outstanding(run: str, refs: Sequence[str]) -> None:
    """Plans name records, so they go as soon as nobody needs them: this run's, and those of
    earlier runs of the same requests."""
    RequestRun.objects.filter(id=run).update(sealed_plan=b"")
    others = RequestRunOf.objects.exclude(ref__in=refs).values("run_id")
    earlier = RequestRunOf.objects.filter(ref__in=refs).values("run_id")
    RequestRun.objects.filter(id__in=earlier, state=RequestRun.State.PENDING).exclude(
        id__in=others
    ).update(state=RequestRun.State.DONE, sealed_plan=b"")


def _entry(acted: Acted) -> dict[str, object]:
    return {
        "kind": "request.acted",
        "run": acted.run,
        "requests": list(acted.refs),
        "complete": acted.complete,
        "suspended": sorted(acted.suspended),
        "stores": [
            {"store": each.store, "state": each.state, "done": each.count, "left": each.left}
            for each in acted.stores
        ],
        "commitments": dict(acted.commitments),
    }


def forget_erased(before: datetime) -> None:
    """Drop the hashes of what was erased so long ago that no backup of then may come back."""
    with state.transaction():
        Erased.objects.filter(at__lt=before).delete()
