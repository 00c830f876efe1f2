"""Customers' instructions: they may only shorten, and never break a floor."""

from __future__ import annotations

from servanda.kernel.located import Findings, Where
from servanda.kernel.period import Period
from servanda.kernel.suggest import did_you_mean
from servanda.policy.rules import Activity, Ceiling, Policy
from servanda.policy.types import brief
from servanda.stores.document import StoresDoc, TightenDoc
from servanda.stores.mapping import Tenant, Tightening


def read_tenants(doc: StoresDoc, policy: Policy, findings: Findings) -> tuple[Tenant, ...]:
    found = []
    for id_, tenant in doc.tenants.items():
        tighten = []
        for name, each in tenant.tighten.items():
            where: Where = ("tenants", id_, "tighten", name)
            activity = policy.activity(name)
            if activity is None:
                findings.error(
                    where,
                    "unknown-activity",
                    f'unknown activity "{brief(name)}"',
                    did_you_mean(name, [a.id for a in policy.activities]),
                    key=True,
                )
                continue
            one = _tightening(activity, each, findings, where)
            if one is not None:
                tighten.append(one)
        found.append(Tenant(id_, tenant.name, tuple(tighten)))
    return tuple(found)


def _tightening(
    activity: Activity, doc: TightenDoc, findings: Findings, where: Where
) -> Tightening | None:
    ceilings = activity.retention.ceilings if activity.retention else ()
    events = list(dict.fromkeys(each.event for each in ceilings))
    event = doc.after or (events[0] if len(events) == 1 else None)
    if event not in events:
        findings.error(
            (*where, "after") if doc.after else where,
            "tighten-event",
            f'activity "{activity.id}" has no one ceiling that this shortens',
            f"say `after:` {' or '.join(events)}" if events else "the activity has no ceiling",
            key=doc.after is None,
        )
        return None
    period = Period.parse(doc.at_most)
    _check_shorter(activity, [c for c in ceilings if c.event == event], period, findings, where)
    return Tightening(activity.id, event, period)


def _check_shorter(
    activity: Activity, ceilings: list[Ceiling], period: Period, findings: Findings, where: Where
) -> None:
    for ceiling in ceilings:
        if not ceiling.period.at_least_as_long_as(period):
            findings.error(
                (*where, "at_most"),
                "tighten-longer",
                f"{period} is longer than the policy's {ceiling.period}",
                "an instruction may only shorten a ceiling",
            )
            break
    for floor in activity.retention.floors if activity.retention else ():
        if floor.event == ceilings[0].event and not period.at_least_as_long_as(floor.period):
            findings.error(
                (*where, "at_most"),
                "tighten-below-floor",
                f"{period} is shorter than the floor of {floor.period}",
                "an instruction may not break a floor",
            )
            break
