"""A plan's file gives back the plan; anything else is an error, never half a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.canonical import canonical
from servanda.kernel.digest import digest_of
from servanda.plan.file import BadPlan, dump, parse
from tests.plan.samples import EMPTY, FULL

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("plan", [FULL, EMPTY], ids=["full", "empty"])
def test_a_plan_survives_its_file(plan: Any) -> None:
    assert parse(dump(plan)) == plan
    assert json.loads(dump(plan))["digest"] == plan.digest


def test_every_kind_of_step_is_in_the_sample() -> None:
    kinds = {step["step"] for step in json.loads(dump(FULL))["steps"]}
    assert kinds == {"delete", "redact", "archive", "return", "keep", "verify"}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["steps"][0]["tally"].__setitem__(0, 12_346),
        lambda d: d["steps"][0].__setitem__("where", {"everything": True}),
        lambda d: d["steps"].pop(0),
        lambda d: d["steps"].reverse(),
        lambda d: d.__setitem__("policy", "q" * 64),
        lambda d: d.__setitem__("digest", "0" * 64),
        lambda d: d.pop("digest"),
    ],
)
def test_a_changed_plan_is_refused(change: Change) -> None:
    document = json.loads(dump(FULL))
    change(document)
    with pytest.raises(BadPlan, match="digest does not match"):
        parse(canonical(document))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["steps"][0].pop("where"),
        lambda d: d["steps"][0].__setitem__("extra", 1),
        lambda d: d["steps"][0].__setitem__("step", "destroy"),
        lambda d: d["steps"][0].__setitem__("total", -1),
        lambda d: d["steps"][0].__setitem__("where", {"sql": "1=1"}),
        lambda d: d["steps"][0].__setitem__("where", [1]),
        lambda d: d["steps"][2]["changes"].append(["ip", ["rot13"]]),
        lambda d: d["steps"][0].__setitem__("promises", "JT-06"),
        lambda d: d.__setitem__("made_at", "2026-03-04T02:30:00"),
        lambda d: d.__setitem__("steps", 5),
        lambda d: d.__setitem__("more", 5),
    ],
)
def test_a_plan_of_the_wrong_form_is_refused_even_with_a_right_digest(change: Change) -> None:
    document = json.loads(dump(FULL))
    document.pop("digest")
    change(document)
    document["digest"] = digest_of(document)
    with pytest.raises(BadPlan):
        parse(canonical(document))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"null", b'{"servanda_plan":2}', b"{}"])
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(BadPlan):
        parse(data)


def test_a_name_that_stands_twice_is_refused() -> None:
    data = dump(FULL)
    with pytest.raises(BadPlan, match="twice"):
        parse(data[:-1] + b',"steps":[]}')


@given(st.integers(0, len(dump(FULL)) - 1), st.integers(1, 255))
def test_no_changed_byte_gives_another_plan(place: int, flip: int) -> None:
    data = bytearray(dump(FULL))
    data[place] ^= flip
    try:
        found = parse(bytes(data))
    except BadPlan:
        return
    assert found == FULL
