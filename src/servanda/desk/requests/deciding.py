"""Decide a request: act, act in part, or refuse on a ground that the law of the place knows.

The danger: a refusal nobody may give. What guards it: grounds come from the law's own table for
that right and day; what may never be refused is not (tests/desk/requests/test_deciding.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from servanda import law, ledger
from servanda.desk.requests import restriction, suppression
from servanda.desk.requests.book import Book, need
from servanda.kernel.errors import UsageError
from servanda.state.models import Request

DECISIONS = ("act", "part", "refuse")


def decide(
    book: Book,
    ref: str,
    decision: str,
    *,
    grounds: Sequence[str] = (),
    spare: Sequence[tuple[str, str]] = (),
    by: str,
    now: datetime | None = None,
) -> None:
    """`spare`: what of a part is kept, as pairs of an activity and the ground for it."""
    need(by)
    if decision not in DECISIONS:
        raise UsageError(f'"{decision[:20]}" is no decision', f"one of {', '.join(DECISIONS)}")
    moment = now or datetime.now(UTC)
    with book.change(ref, decision) as row:
        told = book.told(row)
        used = tuple(dict.fromkeys((*grounds, *(ground for _, ground in spare))))
        _check(book, row, decision, used, spare)
        if decision == "refuse":
            if suppression.absolute(row, told):
                raise UsageError(
                    "this may not be refused: it takes effect whenever a person says so",
                    "decide to act",
                )
            suppression.end(book, row, told, moment)
        row.decision, row.grounds, row.decided_by = decision, list(used), by
        book.write(row, replace(told, spare=tuple(spare)))
        row.waiting_for = ""
        hold = restriction.begin(book, row, told, by, now) if decision != "refuse" else None
        entry = {
            "kind": "request.decided",
            "request": str(row.id),
            "decision": decision,
            "grounds": list(used),
            "spare": [list(pair) for pair in spare],
            "hold": hold,
            "by": by,
        }
        ledger.append([entry], now=now)
        book.noted(row, "decided", by, now)


def known_grounds(book: Book, row: Request) -> dict[str, str]:
    """The grounds of the laws that apply, by id, in words for the letter."""
    found: dict[str, str] = {}
    for place in book.places(row.place, row.received):
        for each in law.grounds(place, row.right, row.received):
            found.setdefault(each.id, each.says)
    return found


def _check(
    book: Book,
    row: Request,
    decision: str,
    used: Sequence[str],
    spare: Sequence[tuple[str, str]],
) -> None:
    if decision == "act":
        if used:
            raise UsageError("acting in full needs no ground", "decide --part keeps something")
        return
    known = known_grounds(book, row)
    unknown = [each for each in used if each not in known]
    if not used or unknown:
        said = f'"{unknown[0][:40]}" is none' if unknown else "a refusal needs a ground"
        raise UsageError(
            f"{said} for {row.right} in the law that applies here",
            f"give one of: {', '.join(known)}" if known else "the law knows no ground: act",
        )
    for activity, _ in spare:
        if book.policy.activity(activity) is None:
            raise UsageError(f'there is no activity "{activity[:40]}"', "see policy.yaml")
    if decision == "part" and not spare:
        raise UsageError("acting in part needs to say what is kept", "give --keep ACTIVITY=GROUND")
