"""Jobs that look and change nothing: at the stores, at the ledger, and a bundle to take away."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servanda.runtime.jobs import Told
    from servanda.runtime.workspace import Workspace

_MOST_FINDINGS = 20
_TELL_EVERY = 100_000


def look_now(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """A fresh look at every store."""
    from servanda.runtime import look, record

    told.tell({"doing": "looking at every store"})
    workspace.use_state()
    record.policy(workspace, datetime.now(UTC))
    told.tell(look.data(look.take(workspace)))


def make_bundle(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Everything, as one file that anyone with the public key can check."""
    from servanda.runtime import bundles

    told.tell({"doing": "writing the entries"})

    def so_far(done: int) -> None:
        if done % _TELL_EVERY == 0:
            told.tell({"doing": f"writing the entries: {done:,} so far"})

    made = bundles.make(workspace, manifests=bool(payload.get("manifests")), progress=so_far)
    told.tell({"file": made.name, "entries": made.entries, "bytes": made.bytes})


def verify_now(workspace: Workspace, payload: Mapping[str, Any], told: Told) -> None:
    """Go through the whole ledger as the stand-alone verifier does."""
    from servanda.ledger import live

    told.tell({"doing": "going through every entry"})
    workspace.use_state()
    published = workspace.published / "checkpoint"
    earlier = published.read_text(encoding="utf-8") if published.is_file() else None
    started = time.monotonic()
    report = live.verify(workspace.signer.vkey, earlier)
    told.tell(
        {
            "ok": report.ok,
            "entries": report.entries,
            "checkpoints": report.checkpoints,
            "uncovered": report.uncovered,
            "manifests": report.manifests,
            "root": report.root,
            "findings": [str(each) for each in report.findings[:_MOST_FINDINGS]],
            "more": max(0, len(report.findings) - _MOST_FINDINGS) + report.more_findings,
            "seconds": round(time.monotonic() - started, 1),
        }
    )
