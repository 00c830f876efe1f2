"""A plan for requests is the same plan when it is read again, whatever keys its records have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from servanda.plan.find import Key
from servanda.plan.requests import Kept, Lot, RequestPlan, dump, parse
from servanda.plan.requests.file import sealed

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "keys",
    [
        ((1,), (2,), (3,)),
        (("Larne", 3), ("Newry", 3), ("Newry", None)),  # of two parts
        (("Ann", "a lamp", 2.5), ("Bob", "a lamp", None), ("Cid", "", 0)),  # no key: all fields
        (),
    ],
)
def test_what_stays_is_named_by_keys_of_any_width(keys: tuple[Key, ...]) -> None:
    fields = tuple(f"f{at}" for at, _ in enumerate(keys[0] if keys else ("",)))
    plan = sealed(
        RequestPlan(
            made_at=NOW,
            policy="p",
            mapping="m",
            refs=("1", "2"),
            lots=(Lot("crm.orders", "delete", fields, (("1", keys), ("2", keys[:1]))),),
            kept=(
                Kept("1", "crm.orders", "floor", keys, NOW, "tax law", ("name",)),
                Kept("2", "crm.orders", "hold", keys[:1]),
            ),
        )
    )
    again = parse(dump(plan))
    assert again == plan
    assert again.kept[0].keys == keys
