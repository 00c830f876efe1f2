"""A request's plan on disk: what is written is read back, whatever the keys are made of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.plan.find import Key
from servanda.plan.requests import data, dump, parse
from servanda.plan.requests.file import sealed
from servanda.plan.requests.model import Kept, RequestPlan

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "keys",
    [
        ((7,), (8,)),
        ((7, _NOW), (8, _NOW)),
        (("EX-1", 0, None), ("EX-1", 1, "b"), ("EX-2", 0, None)),
        (),
    ],
)
def test_what_stays_is_named_by_keys_of_any_number_of_parts(keys: tuple[Key, ...]) -> None:
    stays = Kept("2", "shop.payments", "ground", keys, ground="legal_obligation")
    other = Kept("3", "shop.people", "others", (("only",),))
    plan = sealed(
        RequestPlan(
            made_at=_NOW,
            policy="p",
            mapping="m",
            refs=("2", "3"),
            lots=(),
            kept=(stays, other),
            silent=(),
            unclear=(),
            gone=(),
            people=(),
            shapes=(),
            empty=(),
        )
    )
    assert parse(dump(plan)) == plan
    told = data(plan)["kept"]
    assert [len(each["keys"]) for each in told] == [len(keys), 1]
    assert all(len(each) == len(keys[0]) for each in told[0]["keys"])
