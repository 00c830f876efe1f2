"""Legal holds: what they cover is neither deleted nor changed until they are released.

The danger: a hold that a running sweep does not see, or whose subject leaks into the ledger.
What guards it: adding and releasing raise the holds' version in the same transaction, under the
lock that every window's recording takes, so a window recorded after this commit was computed
with it (tests/faults/test_holds_during_apply.py); subject and reason are sealed, and the ledger
gets a salted commitment only (tests/desk/test_holds.py).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.db.models import F, Q

from servanda import ledger, state
from servanda.desk.intake.freetext import refuse_cards
from servanda.kernel import predicate as predicates
from servanda.kernel.errors import UsageError
from servanda.kernel.identity import require
from servanda.kernel.keyring import Master, seal, unseal
from servanda.kernel.predicate import OneOf, Predicate, Scalar
from servanda.kernel.seal import commit, new_salt
from servanda.plan.holds import HoldSpec
from servanda.state.connection import guard
from servanda.state.models import Hold, HoldsVersion

_Kind = Literal["person", "record", "predicate"]
_KINDS: dict[str, _Kind] = {"person": "person", "record": "record", "predicate": "predicate"}


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold with its seal opened, for the people who may see it."""

    spec: HoldSpec
    reason: str
    by: str
    added_at: datetime
    released_at: datetime | None
    released_by: str


def add_person(
    master: Master,
    identities: Iterable[tuple[str, str]],
    *,
    reason: str,
    by: str,
    region: str | None = None,
    origin: str = "",
    now: datetime | None = None,
) -> str:
    """Hold everything of a person, named by pairs such as ("email", "jo@example.test").
    `region`: the country of numbers without one. `origin`: what it came from, such as
    `request 12`; then only that may release it."""
    pairs = ((kind, require(kind, value, region)) for kind, value in identities)
    found = tuple(dict.fromkeys(pairs))
    if not found:
        raise UsageError("a hold on a person needs an identity", "name an e-mail address or phone")
    return _add(
        master, HoldSpec(_new_id(), "person", identities=found, origin=origin), reason, by, now
    )


def add_record(
    master: Master,
    collection: str,
    key: Iterable[Scalar],
    *,
    reason: str,
    by: str,
    now: datetime | None = None,
) -> str:
    """Hold one record of `store.collection`, named by its key."""
    values = tuple(key)
    if not values:
        raise UsageError("a hold on a record needs its key", "name every part of the key")
    spec = HoldSpec(_new_id(), "record", collection=collection, key=values)
    return _add(master, spec, reason, by, now)


def add_predicate(
    master: Master,
    collection: str,
    where: Predicate,
    *,
    reason: str,
    by: str,
    now: datetime | None = None,
) -> str:
    """Hold all records of `store.collection` for which `where` is true."""
    spec = HoldSpec(_new_id(), "predicate", collection=collection, predicate=where)
    return _add(master, spec, reason, by, now)


def in_force(master: Master) -> tuple[int, list[HoldSpec]]:
    """The holds' version and the holds that are not released, of one moment."""
    with guard():
        while True:  # where readers do not wait for writers, a hold may slip in between
            before = version()
            rows = list(Hold.objects.filter(released_at=None).order_by("added_at", "id"))
            if version() == before:
                return before, [_spec(master, row) for row in rows]


def version() -> int:
    """Changes with every hold added or released."""
    with guard():
        return HoldsVersion.objects.values_list("version", flat=True).get(id=1)


def listed(master: Master, *, released: bool = False) -> list[HoldView]:
    """Holds in force, oldest first; with `released`, all there ever were."""
    rows = Hold.objects.order_by("added_at", "id")
    with guard():
        found = list(rows if released else rows.filter(released_at=None))
    return [_opened(master, row) for row in found]


def release(
    id_: str, *, by: str, reason: str, origin: str = "", now: datetime | None = None
) -> None:
    """End a hold. UsageError when there is none of that id, it has ended already, or it is a
    restriction, which only its request lifts (`origin` names it)."""
    moment = datetime.now(UTC) if now is None else now
    _need(by, reason)
    with state.transaction():
        _raise_version()
        row = Hold.objects.filter(id=id_).first()
        if row is None:
            raise UsageError(f'there is no hold "{id_[:40]}"', "see `servanda hold list`")
        if row.released_at is not None:
            raise UsageError(f"hold {row.id} was released already", "see `servanda hold list`")
        if row.origin != origin:
            raise UsageError(
                f"hold {row.id} restricts what {row.origin or 'nobody'} asked for",
                f"lift it there: servanda request lift {row.origin.removeprefix('request ')}",
            )
        Hold.objects.filter(id=id_).update(released_at=moment, released_by=by)
        ledger.append(
            [
                {
                    "kind": "hold.released",
                    "hold": row.id,
                    "hold_kind": row.kind,
                    "subject": row.commitment,
                    "reason": commit(reason.encode(), bytes(row.salt)),
                    "by": by,
                }
            ],
            now=now,
        )


def _add(master: Master, spec: HoldSpec, reason: str, by: str, now: datetime | None) -> str:
    _need(by, reason)
    subject = json.dumps(_to_data(spec), sort_keys=True).encode()
    salt = new_salt()
    with state.transaction():
        _raise_version()
        row = Hold(
            id=spec.id,
            kind=spec.kind,
            collection=spec.collection,
            subject=seal(master, subject, place(spec.id, "subject")),
            salt=salt,
            commitment=commit(subject, salt),
            reason=seal(master, reason.encode(), place(spec.id, "reason")),
            origin=spec.origin,
            by=by,
            added_at=datetime.now(UTC) if now is None else now,
        )
        row.save(force_insert=True)
        ledger.append(
            [
                {
                    "kind": "hold.added",
                    "hold": spec.id,
                    "hold_kind": spec.kind,
                    "subject": row.commitment,
                    "reason": commit(reason.encode(), salt),
                    "by": by,
                }
            ],
            now=now,
        )
    return spec.id


def _raise_version() -> None:
    HoldsVersion.objects.filter(id=1).update(version=F("version") + 1)


def _need(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise UsageError("a hold needs who decided and why", "give --by and --reason")
    refuse_cards("the reason", reason)


def _new_id() -> str:
    return f"hold-{secrets.token_hex(4)}"


def place(id_: str, part: str) -> bytes:
    """To which row and part a sealed text belongs."""
    return f"hold {id_} {part}".encode()


def _to_data(spec: HoldSpec) -> dict[str, object]:
    data: dict[str, object] = {"identities": [list(pair) for pair in spec.identities]}
    if spec.key:
        data["key"] = predicates.to_data(OneOf("key", spec.key))
    if spec.predicate is not None:
        data["predicate"] = predicates.to_data(spec.predicate)
    return data


def _spec(master: Master, row: Hold) -> HoldSpec:
    data = json.loads(unseal(master, bytes(row.subject), place(row.id, "subject")))
    key = predicates.from_data(data["key"]) if "key" in data else OneOf("key", ())
    where = predicates.from_data(data["predicate"]) if "predicate" in data else None
    return HoldSpec(
        id=row.id,
        kind=_KINDS[row.kind],
        identities=tuple((kind, value) for kind, value in data["identities"]),
        collection=row.collection,
        key=key.values if isinstance(key, OneOf) else (),
        predicate=where,
        origin=row.origin,
    )


@dataclass(frozen=True, slots=True)
class HoldLine:
    """What may be seen of a hold without opening its seal."""

    id: str
    kind: _Kind
    collection: str
    origin: str
    by: str
    added_at: datetime
    released_at: datetime | None
    released_by: str


def overview(*, released: bool = False, after: str = "", limit: int = 50) -> list[HoldLine]:
    """Holds in force, or those released, the newest first; `after`: from below that one on."""
    rows = Hold.objects.filter(released_at__isnull=not released).order_by("-added_at", "-id")
    with guard():
        if after and (last := Hold.objects.filter(id=after).first()) is not None:
            at = last.added_at
            rows = rows.filter(Q(added_at__lt=at) | Q(added_at=at, id__lt=last.id))
        found = list(rows.defer("subject", "reason")[:limit])
    return [
        HoldLine(
            row.id,
            _KINDS[row.kind],
            row.collection or "",
            row.origin,
            row.by,
            row.added_at,
            row.released_at,
            row.released_by,
        )
        for row in found
    ]


def kinds(master: Master, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By which kinds of identity (`email`, `phone`) these hold a person; nobody's identity."""
    with guard():
        rows = list(Hold.objects.filter(id__in=list(ids), kind=Hold.Kind.PERSON))
    found = {row.id: [kind for kind, _ in _spec(master, row).identities] for row in rows}
    return {id_: tuple(dict.fromkeys(each)) for id_, each in found.items()}


def one(master: Master, id_: str) -> HoldView:
    """One hold with its seal opened. UsageError where there is none."""
    with guard():
        row = Hold.objects.filter(id=id_).first()
    if row is None:
        raise UsageError("there is no such hold", "see the list of holds")
    return _opened(master, row)


def _opened(master: Master, row: Hold) -> HoldView:
    return HoldView(
        _spec(master, row),
        unseal(master, bytes(row.reason), place(row.id, "reason")).decode(),
        row.by,
        row.added_at,
        row.released_at,
        row.released_by,
    )
