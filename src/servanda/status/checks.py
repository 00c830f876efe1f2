"""One function per kind of control: evidence in, checks out. Silence is never *kept*."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from servanda.status import access_checks, public_checks, request_checks
from servanda.status.evidence import Entry, Evidence, of_collection, of_store
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
    recount = evidence.recounts.get(name)
    if recount is None:
        return Check(control, name, Verdict.UNPROVEN, "never recounted")
    due = recount.at + evidence.heartbeat
    overdue, held = recount.entry["overdue"], recount.entry["suspended"]

    def check(verdict: Verdict, why: str) -> Check:
        return Check(control, name, verdict, why, recount.at, due, recount.index)

    if overdue:
        return check(Verdict.BROKEN, f"{overdue:,} past the ceiling at the last recount")
    drifted = _drift(evidence, name, store)
    if drifted:
        return check(Verdict.UNPROVEN, drifted)
    if as_of > due:
        return check(Verdict.UNPROVEN, f"last recount {_ago(as_of - recount.at)} ago, too old")
    silent = evidence.unreachable.get(store)
    if silent is not None and silent.at > recount.at:
        return check(Verdict.UNPROVEN, f"store {store} could not be reached since the last recount")
    trace = evidence.residues.get(name)
    if trace is not None and trace.entry["found"]:
        n = trace.entry["found"]
        return check(Verdict.UNPROVEN, f"{n:,} places still held erased values at the last scan")
    if held:
        return check(Verdict.SUSPENDED, f"{held:,} past the ceiling under a legal hold")
    why = f"none past the ceiling, of {recount.entry['total']:,}"
    unstarted = recount.entry.get("unstarted", 0)
    if unstarted:
        why += f"; the clock of {unstarted:,} has not started"
    if recount.entry.get("reader") == "same":
        why += "; counted with the same login as the sweep"
    return check(Verdict.KEPT, why)


def _drift(evidence: Evidence, collection: str, store: str) -> str:
    inventory = evidence.inventory
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
    inventory = evidence.inventory
    if inventory is None:
        return [Check(control, "inventory", Verdict.UNPROVEN, "no inventory was taken")]
    if not policy["stores"]:
        return [Check(control, "inventory", Verdict.UNPROVEN, "no store is declared")]
    due = inventory.at + evidence.heartbeat
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
    fact = evidence.policy
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
    newest = evidence.newest_recount
    if newest is None:
        return [Check(control, "ledger", Verdict.UNPROVEN, "no run has left evidence yet")]
    due = newest.at + evidence.heartbeat
    if as_of > due:
        why = f"newest evidence is {_ago(as_of - newest.at)} old"
        verdict = Verdict.UNPROVEN
    else:
        verdict, why = Verdict.KEPT, f"evidence for {len(evidence.recounts)} collections"
    return [Check(control, "ledger", verdict, why, newest.at, due, newest.index)]


Checker: TypeAlias = Callable[[Evidence, str, Entry, datetime], list[Check]]
Reads: TypeAlias = Callable[[str, Entry], tuple[str, ...]]


def _of_collections(control: str, policy: Entry) -> tuple[str, ...]:
    names = policy["collections"].get(control.split(".")[1], ())
    stores = dict.fromkeys(name.split(".")[0] for name in names)
    return (*map(of_collection, names), *map(of_store, stores), "inventory")


def _just(*topics: str) -> Reads:
    return lambda control, policy: topics


# By control, or what it begins with: what judges it, and the topics it reads. A topic that is
# left out here leaves a verdict as it was; tests/status/test_chronicle.py would find it.
CHECKERS: dict[str, tuple[Checker, Reads]] = {
    "activities.": (retention, _of_collections),
    "inventory.declared": (declared, _just("inventory")),
    "policy.": (compiled, _just()),
    "evidence.ledger": (ledger, _just("recount")),
    "rights.": (request_checks.right, request_checks.of_right),
    "requests.refusals": (request_checks.refusals, request_checks.of_all),
    "requests.complaints": (request_checks.complaints, request_checks.of_all),
    "requests.children": (request_checks.children, request_checks.of_all),
    "requests.routing": (request_checks.routing, request_checks.of_all),
    "requests.replay": (request_checks.replay, request_checks.of_replays),
    "access.second-factor": (access_checks.second_factor, _just("access.census")),
    "access.roles": (access_checks.roles, _just("access.census")),
    "access.purpose": (access_checks.purpose, _just("access.census", "access.read")),
    "access.recordings": (access_checks.recordings, _just("access.census", "access.read")),
    "callers.verified": (
        access_checks.callers,
        _just("access.census", "access.read", "caller.checked"),
    ),
    "enquiries.erased": (access_checks.enquiries, _just("portal.census", "enquiry.closed")),
    "portal.corrections": (access_checks.corrections, _just("portal.census")),
    "incidents.register": (access_checks.incidents, _just("incidents.census")),
    "publish.current": (public_checks.current, _just("publish.census")),
    "publish.archive": (public_checks.archive, _just("publish.census")),
    "publish.notices": (public_checks.notices, _just("publish.census")),
    "publish.acceptance": (public_checks.acceptance, _just("publish.census")),
    "publish.review": (public_checks.review, _just("publish.census")),
    "publish.officer": (public_checks.officer, _just("publish.census")),
    "publish.complete": (public_checks.complete, _just("publish.census")),
    "publish.standards": (public_checks.standards, _just("publish.census")),
    "consent.banner": (public_checks.banner, _just("consent.census")),
    "consent.records": (public_checks.records, _just("consent.census")),
    "consent.gate": (public_checks.gate, _just("consent.census")),
    "consent.unsubscribe": (public_checks.unsubscribe, _just("consent.census")),
    "intake.declared": (public_checks.declared, _just("intake.census")),
    "intake.sensitive": (public_checks.sensitive, _just("intake.census")),
    "intake.cards": (public_checks.cards, _just("intake.census")),
    "intake.age": (public_checks.age, _just("intake.census")),
    "intake.sources": (public_checks.sources, _just("intake.census")),
}


def checker(control: str) -> Checker | None:
    """The function that judges this control; None when this version does not know it."""
    found = _found(control)
    return found[0] if found else None


def topics(control: str, policy: Entry) -> tuple[str, ...]:
    """What a control reads; a change of the policy concerns every one besides."""
    found = _found(control)
    return found[1](control, policy) if found else ()


def _found(control: str) -> tuple[Checker, Reads] | None:
    return next((found for prefix, found in CHECKERS.items() if control.startswith(prefix)), None)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
