"""A ledger as a busy company has it: three years of daily sweeps, and people who asked.

Nine of ten entries are windows, which no verdict reads. The rest are recounts of twenty
collections a day, censuses, reads of personal data, and requests with what became of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2023, 3, 1, 2, tzinfo=UTC)
DAYS = 3 * 365
STORES, COLLECTIONS = 5, 20
RIGHTS = ("access", "erasure", "rectification", "restriction", "object", "portability", "complaint")
PROMISES = 42


def fill(entries: int, requests: int) -> datetime:
    """Fill an empty ledger; the moment after its newest entry."""
    from servanda import ledger, state

    windows = max(0, entries - requests * 6 - DAYS * (COLLECTIONS + 12)) // DAYS
    for day in range(DAYS):
        now = START + timedelta(days=day)
        with state.transaction():
            if day == 0:
                ledger.append([_policy()], now=now)
            batch = [_window(day, number) for number in range(windows)]
            ledger.append([*batch, *_daily(day)], now=now)
            for number, each in enumerate(_of_people(day, requests)):
                ledger.append([each], now=now + timedelta(hours=6, seconds=number))
    return START + timedelta(days=DAYS - 1, hours=18)


def recount(collection: int, overdue: int = 0) -> dict[str, Any]:
    """One more entry that the board must follow."""
    return {
        "kind": "recount", "run": "r", "collection": _name(collection), "overdue": overdue,
        "suspended": 0, "total": 12_345, "unstarted": 3, "reader": "recount",
    }  # fmt: skip


def _name(collection: int) -> str:
    return f"store{collection % STORES}.table{collection}"


def _policy() -> dict[str, Any]:
    kept = [f"activities.a{number}.retain" for number in range(COLLECTIONS // 2)]
    kept += [f"rights.{right}" for right in RIGHTS]
    kept += ["requests.refusals", "requests.complaints", "requests.routing", "policy.basis"]
    kept += ["access.purpose", "access.roles", "access.second-factor", "inventory.declared"]
    promises = [
        {
            "id": f"P-{number:02d}", "says": f"We promise the thing of number {number}.",
            "section": "all", "kept_by": [kept[number % len(kept)], kept[(number * 7) % len(kept)]],
            "planned": False, "how": "enforced", "owner": "privacy lead",
        }
        for number in range(PROMISES)
    ]  # fmt: skip
    collections: dict[str, list[str]] = {}
    for number in range(COLLECTIONS):
        collections.setdefault(f"a{number // 2}", []).append(_name(number))
    return {
        "kind": "policy", "digest": "0" * 64, "mapping": "0" * 64, "organisation": "Example",
        "zone": "Europe/London", "heartbeat_s": 2 * 86_400, "promises": promises,
        "collections": collections, "stores": [f"store{n}" for n in range(STORES)],
    }  # fmt: skip


def _window(day: int, number: int) -> dict[str, Any]:
    return {
        "kind": "window.prepared", "run": f"run-{day}", "step": "store0.table0:delete",
        "window": number, "collection": "store0.table0", "action": "delete", "count": 10_000,
        "encoding": "i8", "digest": f"{day * 100_000 + number:064x}",
    }  # fmt: skip


def _daily(day: int) -> Iterator[dict[str, Any]]:
    clean: dict[str, list[str]] = {"undeclared": [], "missing": [], "drifted": []}
    yield {"kind": "inventory", "stores": {f"store{n}": clean for n in range(STORES)}}
    for number in range(COLLECTIONS):
        yield recount(number, overdue=int(day % 97 == number))
    yield {"kind": "census", "occasion": "daily", "collections": {}, "unreachable": []}
    yield {"kind": "requests.census", "open": 9, "overdue": 0, "acting": 0, "restored": {}}
    counts = {"reads": 5, "refused": 1, "without_purpose": 0, "without_second_factor": 0}
    yield {"kind": "access.census", "roles": {"owner": 1, "support": 4}, **counts}
    up = ["portal", "corrections", "enquiries", "policy"]
    yield {"kind": "portal.census", "up": up, "requests": 3, "corrections": 1}
    yield {"kind": "incidents.census", "open": 1, "unanswered": 0}
    for number in range(5):
        yield {
            "kind": "access.read", "by": "1", "role": "support", "purpose": "rights",
            "scope": f"request:{number}", "what": "request", "task": "0" * 32,
        }  # fmt: skip


def _of_people(day: int, requests: int) -> Iterator[dict[str, Any]]:
    """What becomes of requests: six entries each, four days apart; one in 200 is answered late."""
    for age, event in ((0, 0), (4, 1), (8, 2), (12, 3), (16, 4), (40, 4)):
        then = day - age
        if then < 0:
            continue
        for ref in range(then * requests // DAYS, (then + 1) * requests // DAYS):
            late = ref % 200 == 0
            if event < 4 or late == (age == 40):
                due = (START + timedelta(days=then + 30)).date().isoformat()
                yield from _event(event, ref, due)


def _event(number: int, ref: int, due: str) -> Iterator[dict[str, Any]]:
    about = {"request": str(ref)}
    match number:
        case 0:
            yield {
                "kind": "request.received", **about, "right": RIGHTS[ref % len(RIGHTS)],
                "place": "GB", "via": "portal", "tenant": None, "due": due,
            }  # fmt: skip
        case 1:
            yield {"kind": "request.event", **about, "event": "identified"}
        case 2:
            yield {"kind": "request.event", **about, "event": "extended", "due": due}
        case 3:
            yield {"kind": "request.decided", **about, "decision": "grant", "grounds": []}
        case _:
            yield {"kind": "request.replied", **about, "letter": "d", "says": ["complaint"]}
            yield {"kind": "request.closed", **about, "outcome": "done"}
