"""The forecast of a workspace: counted by a job, kept with its moment, and shown from there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from servanda.kernel.errors import StoreUnreachable
from servanda.plan.forecast import DAYS, Outlook, outlook

if TYPE_CHECKING:
    from servanda.kernel.predicate import Predicate
    from servanda.plan.older import Older
    from servanda.runtime.workspace import Workspace
    from servanda.stores.mapping import StoreConfig

_KEY = "forecast"
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Forecast:
    """`measured`: stores that are never written, so nothing will be deleted there by us.
    `current`: made from the policy and mapping in force."""

    at: datetime
    outlooks: tuple[Outlook, ...]
    unreachable: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    current: bool = True


def renew(workspace: Workspace, now: datetime | None = None) -> Forecast:
    """Count anew, every store at the same time and each collection once, and keep it."""
    from servanda.desk import editions, holds
    from servanda.plan.holds import hold_predicates
    from servanda.state.connection import guard
    from servanda.state.models import Fact

    moment = now or datetime.now(UTC)
    workspace.use_state()
    _, in_force = holds.in_force(workspace.master)
    held = hold_predicates(in_force, workspace.configs, workspace.stores)
    older = editions.older(moment, workspace.policy)
    written = [each for each in workspace.configs if each.mode == "direct"]
    with ThreadPoolExecutor(max_workers=max(1, min(_AT_ONCE, len(written)))) as pool:
        seen = list(pool.map(lambda each: _of_store(workspace, each, held, older, moment), written))
    found = Forecast(
        moment,
        tuple(each for some in seen for each in some or ()),
        tuple(c.name for c, some in zip(written, seen, strict=True) if some is None),
        tuple(each.name for each in workspace.configs if each.mode != "direct"),
    )
    value = {
        **asdict(found),
        "at": moment.isoformat(),
        "days": list(DAYS),
        "policy": workspace.policy.digest,
        "mapping": workspace.mapping,
    }
    with guard():
        Fact.objects.update_or_create(key=_KEY, defaults={"value": json.dumps(value)})
    return found


def latest(workspace: Workspace) -> Forecast | None:
    """The one that was kept last; None where there is none that can be shown."""
    from servanda.state.connection import guard
    from servanda.state.models import Fact

    with guard():
        kept = Fact.objects.filter(key=_KEY).values_list("value", flat=True).first()
    data: dict[str, Any] = json.loads(kept) if kept else {}
    if tuple(data.get("days", ())) != DAYS:
        return None
    return Forecast(
        datetime.fromisoformat(data["at"]),
        tuple(
            Outlook(o["collection"], tuple(o["leaving"]), tuple(o["changing"]), o["trouble"])
            for o in data["outlooks"]
        ),
        tuple(data["unreachable"]),
        tuple(data["measured"]),
        (data["policy"], data["mapping"]) == (workspace.policy.digest, workspace.mapping),
    )


def _of_store(
    workspace: Workspace,
    config: StoreConfig,
    held: Mapping[str, Predicate],
    older: Sequence[Older],
    now: datetime,
) -> list[Outlook] | None:
    """None where it does not answer."""
    from servanda.plan.retention import compile_rules
    from servanda.runtime import plans

    store = workspace.stores[config.name]
    if isinstance(store, StoreUnreachable):
        return None
    found = []
    try:
        for each in config.collections:
            if each.exempt is None:
                lead = plans.lead(workspace, now)
                rules = compile_rules(workspace.policy, each, lead, workspace.tenants, older)
                found.append(outlook(store, each, rules, held.get(each.id), now))
    except StoreUnreachable:
        return None
    return found
