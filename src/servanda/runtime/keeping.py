"""What stays after an answer, and why, in words for the person; and what is still to be done.

The danger: keeping something without telling. So whatever evidence or a store says stays becomes a
line, with a reason for each; tests/cli/test_request_answers.py guards it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from servanda.kernel.errors import Drift, StoreBusy, StoreRefused, StoreUnreachable
from servanda.runtime import naming

if TYPE_CHECKING:
    from servanda.apply.requests import Actor, Stays
    from servanda.desk.requests import RequestView
    from servanda.plan.requests import Kept, Lot
    from servanda.publish.receipt import KeptLine
    from servanda.runtime.workspace import Workspace

_WHY = {
    "floor": "we have to keep this for a time",
    "hold": "this is needed for a legal matter that is not over",
    "others": "this may be somebody else's too",
    "ground": "we are allowed to keep this",
    "tenant": "we do not know yet on whose behalf we hold this",
    "customer": "we hold this for a customer of ours, who decides about it",
    "contested": "only an address of several people leads to this, so it may not be yours",
    "waits": "a system did not answer that may know who else this belongs to",
    "verify": "we may only read in this system",
    "shape": "this system has changed, so we only read in it for now",
    "fixed": "this cannot be changed where it lies",
}
"""Why records stay, in words for the person."""
_FOR_GOOD = ("floor", "fixed", "others", "ground")
"""Why records stay to which nothing of the person need lead any more."""


def kept(
    workspace: Workspace, view: RequestView, now: Iterable[Kept]
) -> Mapping[str, list[KeptLine]]:
    """What stays. A floor or another owner keeps records to which nothing of the person leads any
    more, so of those evidence tells; of all else the stores, as they are `now`."""
    from servanda.apply.requests import Stays, kept_for

    found = {
        (each.collection, each.reason, each.until, each.ground, each.fields): each.count
        for each in kept_for(view.ref)
        if each.reason in _FOR_GOOD
    }
    for each in now:
        if each.reason != "waits":  # told as the store that does not answer
            until = each.until.isoformat() if each.until else ""
            what = (each.collection, each.reason, until, each.ground, each.fields)
            found[what] = max(found.get(what, 0), len(each.keys))
    grounds = workspace.desk.grounds(view.ref)
    lines: dict[str, list[KeptLine]] = {}
    for (collection, reason, until, ground, fields), count in found.items():
        stays = Stays(collection, reason, count, until, grounds.get(ground, ground), fields)
        lines.setdefault(collection.partition(".")[0], []).append(_line(workspace, stays))
    return lines


def _line(workspace: Workspace, stays: Stays) -> KeptLine:
    from servanda.publish.receipt import KeptLine

    why = f"{naming.collection(workspace, stays.collection)}: {_WHY[stays.reason]}"
    if stays.ground:
        why += f" ({stays.ground.rstrip('.')})"
    if stays.fields:
        what = naming.fields(workspace, stays.collection, stays.fields)
        why += f", namely {', '.join(what)}"
    until = None
    if stays.until:
        last = datetime.fromisoformat(stays.until) - timedelta(microseconds=1)
        until = last.astimezone(workspace.zone).date()
    return KeptLine(stays.count, why, until)


def waiting(actor: Actor, lots: Iterable[Lot]) -> set[str]:
    """Stores in which something is still to be done. A record that stays in part is found again,
    so each is asked whether it is as it should be; one that cannot tell now waits."""
    from servanda.apply.requests import outstanding

    found: set[str] = set()
    for lot in lots:
        store = lot.collection.partition(".")[0]
        try:
            if store not in found and outstanding(actor, lot):
                found.add(store)
        except (StoreUnreachable, StoreBusy, StoreRefused, Drift):
            found.add(store)
    return found
