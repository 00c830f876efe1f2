"""Windows that were recorded and perhaps not committed: find out what went, and finish.

The danger: evidence that claims what did not happen, or is silent on what did. What truly went
is found by asking the store which recorded keys are still there. Every manifest a window ever
had is considered, so that not even a worker that lost its lease and still committed leaves
a gap. The corrected manifest is recorded *before* the store commits, like any other.
Tests: tests/faults/test_kill.py, tests/faults/test_state_database.py.
"""

from __future__ import annotations

from functools import reduce

from servanda.apply import keysets, record, steps, transfer
from servanda.apply.boundaries import reach
from servanda.apply.claims import Claim
from servanda.apply.job import Job, facts_of
from servanda.apply.record import HoldsChanged
from servanda.apply.retry import patiently
from servanda.ledger import manifests
from servanda.plan.steps import Write
from servanda.state.models import Manifest
from servanda.stores.port import Keys


def settled(job: Job, step: Write, claim: Claim) -> int:
    """Confirm a prepared window, doing again what was rolled back; how many records went.

    Raises StoreBusy, StoreUnreachable, StoreRefused or LeaseLost, with the window still
    prepared and its evidence as true as it was.
    """
    latest, known = _recorded(job, claim)
    still = _present(job, step, claim, known)
    if still.count:
        latest, known = patiently(lambda: _again(job, step, claim, known, still), job.stop)
    return _corrected(job, step, claim, latest, known)


def reconciled(job: Job, step: Write, claim: Claim, why: str) -> int:
    """Do nothing more: make the evidence say what truly went, and count the rest as left."""
    latest, known = _recorded(job, claim)
    gone = _corrected(job, step, claim, latest, known)
    if known.count > gone:
        steps.leave(job.run, step.id, known.count - gone, why)
    return gone


def named(claim: Claim, keys: Keys) -> Keys:
    """A window's keys as evidence names them: a partition by its name."""
    return keysets.of_partition(claim.part, keys.count) if claim.part else keys


def _recorded(job: Job, claim: Claim) -> tuple[Keys, Keys]:
    """The keys of the window's latest manifest, and of all it ever had."""
    rows = Manifest.objects.filter(run=claim.run, step=claim.step, window=claim.number)
    by_digest = {
        digest: manifests.open_sealed(job.site.master, digest)
        for digest in rows.values_list("digest", flat=True)
    }
    latest = by_digest[_latest(claim)]
    return latest, reduce(keysets.union, by_digest.values(), latest)


def _latest(claim: Claim) -> str:
    """The manifest that stands: another may have been recorded since the window was claimed."""
    from servanda.state.models import Window

    return Window.objects.values_list("manifest", flat=True).get(pk=claim.pk)


def _present(job: Job, step: Write, claim: Claim, keys: Keys) -> Keys:
    if not keys.count:
        return keys
    work = job.work(step, claim.part)
    return patiently(lambda: job.store(step).present(work, keys), job.stop)


def _again(job: Job, step: Write, claim: Claim, known: Keys, still: Keys) -> tuple[Keys, Keys]:
    """Open the window once more; returns the manifest that stands now, and all keys known."""
    while True:
        holds = job.shield.now()
        if claim.part and not job.may_drop(step, holds):
            return _recorded(job, claim)  # the records' phase takes what is not held
        target = job.target(step, holds)
        work = job.work(step, claim.part)
        try:
            with job.store(step).open(work, claim.bounds, target) as window:
                reach("after-reopen")
                keys = named(claim, window.keys)
                truth = keysets.union(keysets.minus(known, still), keys)
                facts = facts_of(step, claim.part)
                facts |= transfer.copied(job, step, claim, window, keys)
                latest, _ = _recorded(job, claim)
                if keysets.equal(truth, latest):
                    record.still_ours(claim, holds.version)
                else:
                    record.superseded(
                        claim,
                        truth,
                        facts,
                        master=job.site.master,
                        now=job.site.now(),
                        holds_version=holds.version,
                    )
                reach("after-supersede")
                job.heart.check()
                window.commit()
                return truth, keysets.union(known, keys)
        except HoldsChanged:
            continue


def _corrected(job: Job, step: Write, claim: Claim, latest: Keys, known: Keys) -> int:
    """Compare what is recorded with what is gone; supersede where they differ."""
    gone = keysets.minus(known, _present(job, step, claim, known))
    if not keysets.equal(gone, latest):
        record.superseded(
            claim,
            gone,
            facts_of(step, claim.part),
            master=job.site.master,
            now=job.site.now(),
            holds_version=None,
        )
    return gone.count
