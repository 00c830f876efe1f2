"""Deleting through a program: chosen again, said once, and looked at afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.kernel.errors import Drift, StoreRefused
from servanda.stores.mapping import SetNull
from servanda.stores.port import RedactRows, Work
from tests.connectors.command.customers import EXPIRED, Crm, customer, deletion

OLD, NEW = datetime(2024, 3, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    return Crm.make(tmp_path, [customer(n, OLD if n < 4 else NEW) for n in range(7)])


def test_one_call_for_a_window_or_one_for_a_record(crm: Crm) -> None:
    for delete, calls in ((("delete",), [["delete", 4]]), (("remove", "--", "{id}"), None)):
        crm.file.write_text(json.dumps([customer(n, OLD if n < 4 else NEW) for n in range(7)]))
        work = deletion(crm.collection(delete=delete))
        (bounds,) = crm.store().split(work, 100)
        with crm.store().open(work, bounds, EXPIRED) as window:
            window.commit()
        assert [each["id"] for each in crm.raw()] == [4, 5, 6]
        if calls is not None:
            assert crm.calls() == calls
    assert crm.calls()[1:] == [["remove", 1]] * 4


def test_a_record_that_is_no_longer_meant_stays(crm: Crm) -> None:
    work = deletion(crm.collection())
    (bounds,) = crm.store().split(work, 100)
    with crm.store().open(work, bounds, EXPIRED) as window:
        rows = crm.raw()
        rows[1]["times"]["recorded"] = NEW.isoformat()
        crm.file.write_text(json.dumps(rows))
        with pytest.raises(StoreRefused, match="1 of 4 records"):
            window.commit()
    assert [each["id"] for each in crm.raw()] == [1, 4, 5, 6]
    assert crm.store().present(work, window.keys).count == 1


def test_a_program_that_says_done_and_did_nothing_is_not_believed(crm: Crm) -> None:
    work = deletion(crm.collection(delete=("fault", "0")))
    (bounds,) = crm.store().split(work, 100)
    before = crm.raw()
    with (
        crm.store().open(work, bounds, EXPIRED) as window,
        pytest.raises(StoreRefused, match=r"4 of 4 records .* are still listed"),
    ):
        window.commit()
    assert crm.raw() == before


def test_what_cannot_be_done_is_said_before_anything_is(crm: Crm) -> None:
    before = crm.raw()
    redact = Work(crm.collection(), RedactRows((("note", SetNull()),)), EXPIRED)
    with pytest.raises(StoreRefused, match="cannot be overwritten"):
        crm.store().split(redact, 100)
    with pytest.raises(StoreRefused, match="does not say how its program deletes"):
        crm.store().split(deletion(crm.collection(delete=())), 100)
    with pytest.raises(Drift, match="has no key"):
        crm.store().split(deletion(replace(crm.collection(), key=())), 100)
    with pytest.raises(Drift, match="two records have the same key"):
        crm.store().split(deletion(replace(crm.collection(), key=("person",))), 100)
    assert crm.raw() == before
