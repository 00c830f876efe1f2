"""A plan as bytes: read back it is the same; whatever is changed in it, its digest tells."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.kernel.canonical import canonical
from servanda.kernel.errors import ServandaError
from servanda.kernel.predicate import Compare
from servanda.plan.find import Gone
from servanda.plan.requests import Kept, Lot, RequestPlan, Silent, data, dump, parse
from servanda.plan.requests.file import sealed
from servanda.stores.mapping import Generalise, Pseudonym, SetNull, SetText
from tests.apply.requests.house import ANN, BOB, CID, planned, wish
from tests.plan.requests.reading import change, opened

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAN = sealed(
    RequestPlan(
        AT,
        "policy",
        "mapping",
        ("1", "2"),
        (
            Lot(
                "pbx.calls",
                "redact",
                ("made", "src", "n"),  # a record without a key is named by all its fields
                (("1", ((AT, None, 1), (AT, "x", 2))), ("2", ((AT, "y", 3),))),
                (
                    ("src", SetText("")),
                    ("dst", SetNull()),
                    ("day", Generalise("number", 10)),
                    ("who", Pseudonym()),
                ),
                condition=Compare("n", "=", "1"),
            ),
            Lot("crm.clients", "correct", ("id",), (("2", ((7,),)),), correct=(("name", "Bo"),)),
        ),
        (
            Kept("1", "pbx.calls", "floor", ((AT, None, 1),), AT + timedelta(9), "law", ("src",)),
            Kept("2", "crm.clients", "hold", ((7,), (8,))),
        ),
        (Silent("mail", "no route"),),
        gone=(("1", Gone("crm.clients", ("id", "mail"), ((1, "a"), (2, None)))),),
        people=(("1", (("email", "ann@example.test"),)),),
        shapes=(("crm", "s"),),
        empty=("2",),
    )
)


def test_what_is_written_is_read_again() -> None:
    assert parse(dump(PLAN)) == PLAN
    assert dump(parse(dump(PLAN))) == dump(PLAN)


def test_a_plan_of_the_firm_is_read_again(house: Path) -> None:
    change(house, "stores.yaml", ("key: [id]", "key: [id, email]"))
    (house / "tapes").rename(house / "away")
    wishes = [
        wish("1", ANN),
        wish(
            "2", BOB, "rectification", corrections=(("name", "Bo"), ("contact.email", "b@x.test"))
        ),
        wish("3", CID, "withdraw"),
    ]
    with opened(house) as workspace:
        plan = planned(workspace, wishes)
    assert plan.lots
    assert plan.kept
    assert plan.silent
    assert plan.gone
    assert parse(dump(plan)) == plan


def test_keys_of_several_parts_may_be_kept(house: Path) -> None:
    change(house, "stores.yaml", ("key: [id]", "key: [id, email]"))
    with opened(house) as workspace:
        asked = wish("1", ANN, "rectification", corrections=(("contact.email", "b@x.test"),))
        plan = planned(workspace, [asked])
    (kept,) = data(plan)["kept"]
    assert (kept["reason"], kept["keys"]) == ("fixed", [[1, "ann@example.test"]])


_OTHERS: dict[str, Any] = {
    "made_at": AT + timedelta(seconds=1),
    "policy": "other",
    "mapping": "other",
    "refs": ("1",),
    "lots": PLAN.lots[::-1],
    "kept": PLAN.kept[:1],
    "silent": (),
    "gone": (),
    "people": (),
    "shapes": (("crm", "t"),),
    "empty": (),
}
_LOT, _KEPT = PLAN.lots[0], PLAN.kept[0]
_LOTS: dict[str, Any] = {
    "collection": "pbx.call",
    "deed": "delete",
    "fields": ("made", "src", "m"),
    "by": _LOT.by[:1],
    "erase": _LOT.erase[1:],
    "correct": (("src", ""),),
    "condition": Compare("n", "=", "2"),
}
_STAYING: dict[str, Any] = {
    "ref": "2",
    "collection": "pbx.call",
    "reason": "hold",
    "keys": ((AT, None, 2),),
    "until": None,
    "ground": "",
    "fields": (),
}


def _changed() -> dict[str, RequestPlan]:
    plans = {name: replace(PLAN, **{name: other}) for name, other in _OTHERS.items()}
    for name, other in _LOTS.items():
        lot = replace(_LOT, **{name: other})
        plans[f"lots.{name}"] = replace(PLAN, lots=(lot, *PLAN.lots[1:]))
    for name, other in _STAYING.items():
        kept = replace(_KEPT, **{name: other})
        plans[f"kept.{name}"] = replace(PLAN, kept=(kept, *PLAN.kept[1:]))
    return plans


def test_nothing_is_forgotten_here() -> None:
    """A field added later has to be written, and to be tried here."""
    told = {"digest", "unclear"}  # the first covers the rest; an unclear request is not acted on
    assert {each.name for each in fields(RequestPlan)} - told == set(_OTHERS)
    assert {each.name for each in fields(Lot)} == set(_LOTS)
    assert {each.name for each in fields(Kept)} == set(_STAYING)


@pytest.mark.parametrize("what", list(_changed()))
def test_any_change_changes_the_digest(what: str) -> None:
    other = _changed()[what]
    assert sealed(other).digest != PLAN.digest
    with pytest.raises(ServandaError, match="changed after it was made"):
        parse(dump(other))  # it still bears the old digest


def test_another_version_is_refused() -> None:
    raw = {**json.loads(dump(PLAN)), "version": 0}
    with pytest.raises(ServandaError, match="another version"):
        parse(canonical(raw))
