"""A request's plan as bytes, for keeping it sealed and for its digest. Inverse: `parse`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from servanda.kernel.canonical import canonical
from servanda.kernel.digest import sha256_hex
from servanda.kernel.errors import ServandaError
from servanda.kernel.predicate import Among, from_data, to_data
from servanda.plan.file import erasure_from_data, erasure_to_data
from servanda.plan.find import Gone, Key
from servanda.plan.requests.model import Kept, Lot, RequestPlan, Silent

_VERSION = 1


def sealed(plan: RequestPlan) -> RequestPlan:
    """The plan with its digest."""
    body = canonical(_data(plan))
    made = replace(plan, digest=sha256_hex(body))
    _last[:] = [(made, body)]  # most plans are kept as soon as they are made
    return made


_last: list[tuple[RequestPlan, bytes]] = []


def dump(plan: RequestPlan) -> bytes:
    """As JSON: what the digest is of, and the digest."""
    known = [body for made, body in _last if made is plan]
    _last.clear()
    body = known[0] if known else canonical(_data(plan))
    return body[:-1] + b',"digest":"' + plan.digest.encode() + b'"}'


def parse(raw: bytes) -> RequestPlan:
    """ServandaError where the bytes are not a plan, or not the one the digest names."""
    data = json.loads(raw)
    if data.get("version") != _VERSION:
        raise ServandaError("the plan was made by another version", "make it again")
    plan = RequestPlan(
        made_at=datetime.fromisoformat(data["made_at"]),
        policy=data["policy"],
        mapping=data["mapping"],
        refs=tuple(data["refs"]),
        lots=tuple(_lot(each) for each in data["lots"]),
        kept=tuple(_kept(each) for each in data["kept"]),
        silent=tuple(Silent(store, why) for store, why in data["silent"]),
        gone=tuple(
            (ref, Gone(collection, tuple(fields), _rows(fields, rows)))
            for ref, collection, fields, rows in data["gone"]
        ),
        people=tuple(
            (ref, tuple((kind, value) for kind, value in who)) for ref, who in data["people"]
        ),
        shapes=tuple((store, shape) for store, shape in data["shapes"]),
        empty=tuple(data["empty"]),
    )
    if sealed(plan).digest != data["digest"]:
        raise ServandaError("the plan was changed after it was made", "make it again")
    return replace(plan, digest=data["digest"])


def _lot(data: dict[str, Any]) -> Lot:
    return Lot(
        data["collection"],
        data["deed"],
        tuple(data["fields"]),
        tuple((ref, _rows(data["fields"], rows)) for ref, rows in data["by"]),
        tuple((name, erasure_from_data(erasure)) for name, erasure in data["erase"]),
        tuple((name, value) for name, value in data["correct"]),
        from_data(data["condition"]),
    )


def _kept(data: dict[str, Any]) -> Kept:
    until = data["until"]
    return Kept(
        data["ref"],
        data["collection"],
        data["reason"],
        _rows(_parts(data["keys"]), data["keys"]),
        datetime.fromisoformat(until) if until else None,
        data["ground"],
        tuple(data["fields"]),
    )


def keys_to_data(keys: tuple[Key, ...]) -> list[Any]:
    """Keys as JSON data, however many parts they have."""
    return rows_to_data(_parts(keys), keys)


def _parts(keys: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """Names for the parts of keys that stand without their fields."""
    return tuple(f"part {n}" for n in range(len(keys[0]) if keys else 1))


def rows_to_data(fields: tuple[str, ...], rows: tuple[Key, ...]) -> list[Any]:
    """Rows of scalars as JSON data."""
    return cast(list[Any], to_data(Among(fields, rows))["among"][1])


def _rows(fields: Sequence[str], rows: list[Any]) -> tuple[Key, ...]:
    found = from_data({"among": [list(fields), rows]})
    assert isinstance(found, Among)
    return found.rows


def _data(plan: RequestPlan) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "made_at": plan.made_at.isoformat(),
        "policy": plan.policy,
        "mapping": plan.mapping,
        "refs": list(plan.refs),
        "lots": [
            {
                "collection": lot.collection,
                "deed": lot.deed,
                "fields": list(lot.fields),
                "by": [[ref, rows_to_data(lot.fields, keys)] for ref, keys in lot.by],
                "erase": [[name, erasure_to_data(erasure)] for name, erasure in lot.erase],
                "correct": [list(each) for each in lot.correct],
                "condition": to_data(lot.condition),
            }
            for lot in plan.lots
        ],
        "kept": [
            {
                "ref": kept.ref,
                "collection": kept.collection,
                "reason": kept.reason,
                "keys": keys_to_data(kept.keys),
                "until": kept.until.isoformat() if kept.until else None,
                "ground": kept.ground,
                "fields": list(kept.fields),
            }
            for kept in plan.kept
        ],
        "silent": [[each.store, each.why] for each in plan.silent],
        "gone": [
            [ref, gone.collection, list(gone.fields), rows_to_data(gone.fields, gone.rows)]
            for ref, gone in plan.gone
        ],
        "people": [[ref, [list(each) for each in who]] for ref, who in plan.people],
        "shapes": [list(each) for each in plan.shapes],
        "empty": list(plan.empty),
    }
