"""A plan for people to read: what would happen, why, for which promise, and what stays.

`explain` gives plain text, `explain_data` the same as JSON data; both only look at the plan, so
what is read is what `apply` will do. With the policy, promises are quoted in their own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from servanda.plan import words
from servanda.plan.breaker import needs_approval
from servanda.plan.steps import Archive, Delete, Keep, Plan, Redact, Return, Step, Verify, Write
from servanda.policy.rules import Policy
from servanda.stores.mapping import StoreConfig
from servanda.stores.port import Tally

WRITES = (Delete, Redact, Archive, Return)


def explain(plan: Plan, policy: Policy | None = None, configs: Sequence[StoreConfig] = ()) -> str:
    """Plain text; lines are not wrapped."""
    zone: tzinfo = ZoneInfo(policy.zone) if policy is not None else UTC
    said = _promises(policy)
    writes = [step for step in plan.steps if isinstance(step, WRITES)]
    kept = [step for step in plan.steps if isinstance(step, Keep)]
    lines = [f"Plan {plan.digest[:12]}, made {_minute(plan.made_at)}", ""]
    lines += ["What would happen" if writes else "Nothing is due: this plan changes nothing."]
    for number, step in enumerate(writes, 1):
        lines += [
            f"  {number}. {each}" if not n else f"     {each}"
            for n, each in enumerate(_write_lines(step, zone, said, plan))
        ]
    if kept:
        lines += ["", "What stays, and why"]
        for each in kept:
            lines += [f"  {line}" for line in _keep_lines(each, zone, said)]
    lines += _quiet(plan)
    for finding in needs_approval(plan, configs):
        share = _share(finding.count, finding.total)
        lines += [
            "",
            f"Needs approval: {finding.collection} would lose or change "
            f"{words.count(finding.count)}{share}, {finding.why}.",
        ]
    lines += [f"\nNot reached, so nothing is planned there: {s}" for s in plan.unreachable]
    return "\n".join(lines) + "\n"


def explain_data(
    plan: Plan, policy: Policy | None = None, configs: Sequence[StoreConfig] = ()
) -> dict[str, Any]:
    """The same as data. Counts are records; times ISO 8601 in UTC."""
    said = _promises(policy)
    return {
        "digest": plan.digest,
        "made_at": _iso(plan.made_at),
        "policy": plan.policy,
        "mapping": plan.mapping,
        "empty": not any(isinstance(step, WRITES) for step in plan.steps),
        "steps": [_step_data(step, said) for step in plan.steps],
        "nothing_due": _idle(plan),
        "unreachable": list(plan.unreachable),
        "needs_approval": [
            {"step": f.step, "collection": f.collection, "count": f.count, "total": f.total,
             "why": f.why}
            for f in needs_approval(plan, configs)
        ],
    }  # fmt: skip


def _promises(policy: Policy | None) -> dict[str, str]:
    return {p.id: p.says for p in policy.promises} if policy is not None else {}


def verb(step: Write) -> str:
    """`delete`, `anonymise`, `pseudonymise`, `redact`, `archive`, `return`."""
    match step:
        case Delete():
            return "delete"
        case Archive():
            return "archive"
        case Return():
            return "return"
        case Redact(kind=kind):
            return {"anonymised": "anonymise", "pseudonymised": "pseudonymise"}.get(kind, "redact")
        case _:
            assert_never(step)


def _write_lines(step: Write, zone: tzinfo, said: dict[str, str], plan: Plan) -> Iterator[str]:
    to = f" to {step.to}" if isinstance(step, Archive | Return) else ""
    counted = f"{words.count(step.tally.count)} of {step.total:,}"
    share = _share(step.tally.count, step.total)
    yield f"{verb(step)} {step.collection}{to}: {counted}{share}{_ages(step.tally, zone)}"
    yield from (f"because {sentence}" for sentence in step.because)
    if isinstance(step, Delete) and step.partitions:
        yield f"drops whole partitions: {', '.join(step.partitions)}"
    if step.after:
        order = [each.id for each in plan.steps if isinstance(each, WRITES)]
        numbers = [str(order.index(each) + 1) for each in step.after if each in order]
        yield f"only after {words.names(numbers)} has ended well"
    yield from _promise_lines(step.promises, said)


def _keep_lines(step: Keep, zone: tzinfo, said: dict[str, str]) -> Iterator[str]:
    label = {"hold": "suspended", "shape": "read-only", "verify": "only measured"}
    state = label.get(step.reason, "kept")
    yield f"{state}  {step.collection}: {words.count(step.tally.count)}{_ages(step.tally, zone)}"
    yield from (f"   {sentence}" for sentence in step.because)
    if step.reason in ("hold", "shape", "verify", "partner", "tenant"):
        yield from (f"   {line}" for line in _promise_lines(step.promises, said))


def _promise_lines(promises: Sequence[str], said: dict[str, str]) -> Iterator[str]:
    for each in promises:
        yield f'promise {each}: "{said[each]}"' if each in said else f"promise {each}"


def _quiet(plan: Plan) -> Iterator[str]:
    idle, checks = _idle(plan), [s for s in plan.steps if isinstance(s, Verify)]
    if idle:
        yield from ("", f"Nothing due: {', '.join(idle)}")
    if checks:
        yield from ("", f"Afterwards {words.count(len(checks), 'collection')} will be recounted.")


def _idle(plan: Plan) -> list[str]:
    busy = {s.collection for s in plan.steps if isinstance(s, WRITES)}
    busy |= {
        s.collection
        for s in plan.steps
        if isinstance(s, Keep) and s.reason in ("hold", "shape", "verify", "partner")
    }
    return sorted(
        s.collection for s in plan.steps if isinstance(s, Verify) and s.collection not in busy
    )


def _share(count: int, total: int) -> str:
    if not total or not count:
        return ""
    share = 100 * count / total
    return f" ({share:.0f} %)" if share >= 1 else " (below 1 %)"


def _ages(tally: Tally, zone: tzinfo) -> str:
    if tally.oldest is None or tally.newest is None:
        return ""
    oldest, newest = words.day(tally.oldest, zone), words.day(tally.newest, zone)
    return f", of {oldest}" if oldest == newest else f", oldest {oldest}, newest {newest}"


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _step_data(step: Step, said: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {"id": step.id, "collection": step.collection}
    data["promises"] = [{"id": p, "says": said.get(p)} for p in step.promises]
    if isinstance(step, Verify):
        return {"do": "verify", **data}
    data |= {
        "count": step.tally.count,
        "oldest": _iso(step.tally.oldest),
        "newest": _iso(step.tally.newest),
        "because": list(step.because),
    }
    if isinstance(step, Keep):
        return {"do": "keep", **data, "reason": step.reason}
    data |= {"total": step.total, "after": list(step.after)}
    match step:
        case Delete():
            data["partitions"] = list(step.partitions)
        case Redact():
            data["fields"] = [field for field, _ in step.changes]
        case Archive() | Return():
            data["to"] = step.to
        case _:
            assert_never(step)
    return {"do": verb(step), **data}
