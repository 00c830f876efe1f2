"""Everything under the old master key is put under the new one, batch by batch.

The danger: a key that was destroyed meanwhile comes back with a batch that was read before. What
guards it: rows are read and written in one transaction that locks them, and destroyed ones are
not among them. Killed at any point, the next pass goes over all rows again and changes those that
are still under the old key. Tests: tests/runtime/keys/test_rotation.py, test_kill.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from servanda import state
from servanda.desk import holds
from servanda.kernel import seal as sealing
from servanda.kernel.seal import SealBroken
from servanda.state.models import ConsentSubject, EvidenceKey, Hold, KeyRoot, Person

BATCH = 500


@dataclass(slots=True)
class Tally:
    """`under`: rows under the new key, `changed` of them in this pass; `closed`: rows neither key
    opens, which were unreadable before."""

    under: int = 0
    changed: int = 0
    closed: int = 0


Told = Callable[[str, Tally], None]


def rewrap(old: bytes, new: bytes, told: Told | None = None) -> dict[str, Tally]:
    """One pass over everything; by kind what it came to."""
    say = told or (lambda _kind, _tally: None)
    return {
        "people": _keys(Person.objects.filter(destroyed_at=None), old, new, "people", say),
        "consents": _keys(
            ConsentSubject.objects.filter(destroyed_at=None), old, new, "consents", say
        ),
        "evidence": _keys(EvidenceKey.objects.filter(destroyed_at=None), old, new, "evidence", say),
        "roots": _keys(KeyRoot.objects.all(), old, new, "roots", say),
        "holds": _holds(old, new, say),
    }


def _keys(rows: Any, old: bytes, new: bytes, kind: str, say: Told) -> Tally:
    def again(row: Any) -> bool:
        wrapped = bytes(row.wrapped)
        try:
            sealing.unwrap(new, wrapped)
        except SealBroken:
            row.wrapped = sealing.wrap(new, sealing.unwrap(old, wrapped))
            return True
        return False

    return _pass(rows, again, ["wrapped"], lambda tally: say(kind, tally))


def _holds(old: bytes, new: bytes, say: Told) -> Tally:
    """Released ones too: they are told in lists."""

    def again(row: Any) -> bool:
        changed = False
        for part in ("subject", "reason"):
            sealed, place = bytes(getattr(row, part)), holds.place(row.id, part)
            try:
                sealing.unseal(new, sealed, place)
            except SealBroken:
                plain = sealing.unseal(old, sealed, place)
                setattr(row, part, sealing.seal(new, plain, place))
                changed = True
        return changed

    rows = Hold.objects.all()
    return _pass(rows, again, ["subject", "reason"], lambda tally: say("holds", tally))


def _pass(
    rows: Any, again: Callable[[Any], bool], fields: list[str], say: Callable[[Tally], None]
) -> Tally:
    tally, last = Tally(), ""
    while True:
        with state.transaction():
            batch = list(rows.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])
            if not batch:
                return tally
            changed = []
            for row in batch:
                try:
                    if again(row):
                        changed.append(row)
                    tally.under += 1
                except SealBroken:
                    tally.closed += 1
            if changed:
                rows.model.objects.bulk_update(changed, fields)
            tally.changed += len(changed)
        last = batch[-1].pk
        say(tally)
