"""One function per kind of control: evidence in, checks out. Silence is never *kept*."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from servanda.status import request_checks
from servanda.status.evidence import Entry, Evidence, Fact
from servanda.status.verdict import Check, Verdict


def retention(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`activities.<id>.retain`: one check per collection mapped to the activity."""
    activity = control.split(".")[1]
    collections = policy["collections"].get(activity, ())
    if not collections:
        why = f"no collection is mapped to the activity {activity}"
        return [Check(control, activity, Verdict.UNPROVEN, why)]
    return [_collection(evidence, control, name, as_of) for name in collections]


def _collection(evidence: Evidence, control: str, name: str, as_of: datetime) -> Check:
    store = name.split(".")[0]
    heartbeat = evidence.heartbeat(as_of)
    recounts = evidence.recounts.get(name)
    recount = recounts.latest(as_of) if recounts else None
    if recount is None:
        return Check(control, name, Verdict.UNPROVEN, "never recounted")
    due = recount.at + heartbeat
    overdue, held = recount.entry["overdue"], recount.entry["suspended"]

    def check(verdict: Verdict, why: str) -> Check:
        return Check(control, name, verdict, why, recount.at, due, recount.index)

    if overdue:
        return check(Verdict.BROKEN, f"{overdue:,} past the ceiling at the last recount")
    drifted = _drift(evidence, name, store, as_of)
    if drifted:
        return check(Verdict.UNPROVEN, drifted)
    if as_of > due:
        return check(Verdict.UNPROVEN, f"last recount {_ago(as_of - recount.at)} ago, too old")
    silence = evidence.unreachable.get(store)
    silent = silence.latest(as_of) if silence else None
    if silent is not None and silent.at > recount.at:
        return check(Verdict.UNPROVEN, f"store {store} could not be reached since the last recount")
    traces = evidence.residues.get(name)
    trace = traces.latest(as_of) if traces else None
    if trace is not None and trace.entry["found"]:
        n = trace.entry["found"]
        return check(Verdict.UNPROVEN, f"{n:,} places still held erased values at the last scan")
    if held:
        return check(Verdict.SUSPENDED, f"{held:,} past the ceiling under a legal hold")
    why = f"none past the ceiling, of {recount.entry['total']:,}"
    unstarted = recount.entry.get("unstarted", 0)
    if unstarted:
        why += f"; the clock of {unstarted:,} has not started"
    return check(Verdict.KEPT, why)


def _drift(evidence: Evidence, collection: str, store: str, as_of: datetime) -> str:
    inventory = evidence.inventory.latest(as_of)
    if inventory is None:
        return ""
    report = inventory.entry["stores"].get(store, {})
    if collection in report.get("drifted", ()):
        return "the store's shape differs from the mapping, so nothing is written there"
    if collection in report.get("missing", ()):
        return "declared, but not there in the store"
    return ""


def declared(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`inventory.declared`: everything a store holds is mapped, or exempt for a reason."""
    inventory = evidence.inventory.latest(as_of)
    if inventory is None:
        return [Check(control, "inventory", Verdict.UNPROVEN, "no inventory was taken")]
    due = inventory.at + evidence.heartbeat(as_of)
    checks = []
    for store in policy["stores"]:
        report = inventory.entry["stores"].get(store)
        if report is None or report.get("unreachable"):
            verdict, why = Verdict.UNPROVEN, "could not be looked at"
        elif report.get("undeclared"):
            found = report["undeclared"]
            verdict, why = Verdict.BROKEN, f"{len(found)} undeclared: {', '.join(found[:3])}"
        elif report.get("missing") or report.get("drifted"):
            gone = [*report.get("missing", ()), *report.get("drifted", ())]
            verdict, why = Verdict.UNPROVEN, f"not as mapped: {', '.join(gone[:3])}"
        elif as_of > due:
            verdict, why = Verdict.UNPROVEN, f"looked at {_ago(as_of - inventory.at)} ago, too old"
        else:
            verdict, why = Verdict.KEPT, "every table and field is declared"
        checks.append(Check(control, store, verdict, why, inventory.at, due, inventory.index))
    return checks


def compiled(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`policy.*`: the checker refuses a policy that breaks this, so a policy in force keeps it."""
    fact = evidence.policy.latest(as_of)
    at, index = (fact.at, fact.index) if fact else (None, None)
    return [Check(control, "policy", Verdict.KEPT, _COMPILED[control], at, None, index)]


_COMPILED = {
    "policy.basis": "every activity states its legal basis, or the policy would not compile",
    "policy.roles": "every activity states its role, or the policy would not compile",
    "policy.transfers": "every recipient abroad has a transfer mechanism, or it would not compile",
    "policy.no-sale": "no activity names a sale, or the policy would not compile",
}


def ledger(evidence: Evidence, control: str, policy: Entry, as_of: datetime) -> list[Check]:
    """`evidence.ledger`: sweeps leave evidence, and the newest is young enough."""
    latest: list[Fact] = []
    for series in evidence.recounts.values():
        fact = series.latest(as_of)
        if fact is not None:
            latest.append(fact)
    if not latest:
        return [Check(control, "ledger", Verdict.UNPROVEN, "no run has left evidence yet")]
    newest = max(latest, key=lambda fact: fact.at)
    due = newest.at + evidence.heartbeat(as_of)
    if as_of > due:
        why = f"newest evidence is {_ago(as_of - newest.at)} old"
        verdict = Verdict.UNPROVEN
    else:
        verdict, why = Verdict.KEPT, f"evidence for {len(latest)} collections"
    return [Check(control, "ledger", verdict, why, newest.at, due, newest.index)]


Checker = Callable[[Evidence, str, Entry, datetime], list[Check]]

CHECKERS: dict[str, Checker] = {
    "activities.": retention,
    "inventory.declared": declared,
    "policy.": compiled,
    "evidence.ledger": ledger,
    "rights.": request_checks.right,
    "requests.refusals": request_checks.refusals,
    "requests.complaints": request_checks.complaints,
    "requests.children": request_checks.children,
    "requests.routing": request_checks.routing,
    "requests.replay": request_checks.replay,
}


def checker(control: str) -> Checker | None:
    """The function that judges this control; None when this version does not know it."""
    return next((found for prefix, found in CHECKERS.items() if control.startswith(prefix)), None)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
