"""The mark of a scheduled occasion, made even when there was nothing to do.

A sweep that silently does not run looks like one that found nothing. A census entry for each
occasion makes the difference visible: no entry, no sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from servanda import ledger


def census(
    occasion: datetime,
    looked_at: Mapping[str, int],
    *,
    unreachable: Iterable[str] = (),
    waiting: Iterable[str] = (),
    removed: int = 0,
    run: str | None = None,
    now: datetime | None = None,
) -> None:
    """Append the entry of one occasion (its scheduled moment, aware).

    `looked_at`: collections with how many records they held; `unreachable`: stores that did not
    answer; `waiting`: digests of plans that a person must approve; `removed`: records that went;
    `run`: the run that did and recounted. StateFailed when the state database refuses.
    """
    entry: dict[str, object] = {
        "kind": "census",
        "occasion": occasion.astimezone(UTC).isoformat(),
        "collections": dict(looked_at),
        "unreachable": sorted(unreachable),
        "waiting": sorted(waiting),
        "removed": removed,
        "nothing_to_do": removed == 0,
    }
    if run is not None:
        entry["run"] = run
    ledger.append([entry], now=now)
