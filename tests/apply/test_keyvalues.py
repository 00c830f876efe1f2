"""Keys as they are packed come back as values the store compares equal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from servanda.apply import keyvalues
from servanda.kernel.errors import StoreRefused
from servanda.stores.port import Keys


def packed(*rows: list[object]) -> Keys:
    return Keys("json", "\n".join(json.dumps(row) for row in rows).encode(), len(rows))


def test_values_that_json_has_no_word_for_come_back() -> None:
    keys = packed(
        ["a", 1, {"int": "9007199254740993"}, {"hex": "00ff"}],
        ["b", 2, {"datetime": "2026-01-02T03:04:05+00:00"}, {"date": "2026-01-02"}],
        ["c", 3, {"datetime": "2026-01-02T03:04:05"}, {"decimal": "1.50"}],
    )
    assert list(keyvalues.values(keys)) == [
        ("a", 1, 9007199254740993, b"\x00\xff"),
        ("b", 2, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02"),
        ("c", 3, "2026-01-02T03:04:05", "1.50"),
    ]


def test_a_kind_we_do_not_know_is_refused() -> None:
    with pytest.raises(StoreRefused, match="newer version"):
        list(keyvalues.values(packed([{"moon": "full"}])))
