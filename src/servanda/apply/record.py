"""The one commit per window in the state database.

The danger: evidence of a deletion that is not ours to make any more, or none of one that is. So
in one transaction: the window is still ours (fence), the holds are still those its target was
computed from (version, locked), and only then evidence and state are written. Everything raised
here leaves the state as it was, and the caller leaves the store as it was.
Tests: tests/faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from servanda import ledger, state
from servanda.apply import claims
from servanda.apply.boundaries import reach
from servanda.apply.claims import Claim
from servanda.kernel.errors import ServandaError
from servanda.kernel.keyring import Master
from servanda.ledger import manifests
from servanda.state.models import HoldsVersion, Window
from servanda.stores.port import Keys


class LeaseLost(ServandaError):
    """Another worker took the window over; ours was rolled back."""

    def __init__(self) -> None:
        super().__init__("another worker took this window over, so this one left it alone")


class HoldsChanged(ServandaError):
    """A hold was added or released since the window's target was computed."""

    def __init__(self) -> None:
        super().__init__("the legal holds changed while the window was open")


def prepared(
    claim: Claim,
    keys: Keys,
    facts: Mapping[str, Any],
    *,
    master: Master,
    now: datetime,
    holds_version: int,
    finished: Iterable[Claim] = (),
    following: Callable[[], Claim | None] = lambda: None,
) -> Claim | None:
    """Record that `keys` are about to go, and that `finished` windows are done.

    `facts`: collection, action and what else the entry says. Returns the claim that `following`
    takes in the same commit. Raises LeaseLost, HoldsChanged or StateFailed.
    """
    return _recorded(
        "window.prepared",
        claim,
        keys,
        facts,
        master=master,
        now=now,
        holds_version=holds_version,
        finished=finished,
        following=following,
    )


def still_ours(claim: Claim, holds_version: int) -> None:
    """Before the evidence that stands is acted upon again. Raises LeaseLost or HoldsChanged."""
    with state.transaction():
        if HoldsVersion.objects.select_for_update().get(id=1).version != holds_version:
            raise HoldsChanged
        if not Window.objects.filter(claims.mine(claim)).exists():
            raise LeaseLost


def superseded(
    claim: Claim,
    keys: Keys,
    facts: Mapping[str, Any],
    *,
    master: Master,
    now: datetime,
    holds_version: int | None,
) -> None:
    """Record that `keys`, not those of the earlier manifest, is what this window does.

    `holds_version` None: nothing further will go, this only states what went.
    """
    _recorded(
        "window.superseded",
        claim,
        keys,
        {**facts, "supersedes": claim.manifest},
        master=master,
        now=now,
        holds_version=holds_version,
    )


def _recorded(
    kind: str,
    claim: Claim,
    keys: Keys,
    facts: Mapping[str, Any],
    *,
    master: Master,
    now: datetime,
    holds_version: int | None,
    finished: Iterable[Claim] = (),
    following: Callable[[], Claim | None] = lambda: None,
) -> Claim | None:
    with state.transaction():
        # First, and by everyone: whoever waits here holds nothing another could be waiting for.
        holds = HoldsVersion.objects.select_for_update().get(id=1)
        if holds_version is not None and holds.version != holds_version:
            raise HoldsChanged
        claims.finish(finished)
        digest, sealed = manifests.seal(master, claim.run, claim.step, claim.number, keys)
        ours = Window.objects.filter(claims.mine(claim)).update(
            state=Window.State.PREPARED, count=keys.count, manifest=digest
        )
        if not ours:
            raise LeaseLost
        sealed.save(force_insert=True)
        taken = following()
        ledger.append(
            [
                {
                    "kind": kind,
                    "run": claim.run,
                    "step": claim.step,
                    "window": claim.number,
                    "count": keys.count,
                    "encoding": keys.encoding,
                    "manifest": digest,
                    **facts,
                }
            ],
            now=now,
        )
        reach("inside-record")
    return taken
