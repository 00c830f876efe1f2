"""Which promises carry which standard: by what keeps them, and a standard without any shows."""

from __future__ import annotations

import dataclasses
from datetime import date

from servanda import law
from servanda.policy import controls
from servanda.policy.rules import Policy, Promise
from servanda.publish.standards import mapping, standards
from tests.publish.policy.world import full

TODAY = date(2026, 11, 28)


def promising(*kept: tuple[str, str], jurisdictions: tuple[str, ...] = ("JM",)) -> Policy:
    place = full().activities[0].place
    made = tuple(
        Promise(id_, "We do.", "", (control,), False, "enforced", place) for id_, control in kept
    )
    return dataclasses.replace(full(), jurisdictions=jurisdictions, promises=made)


def test_a_promise_carries_the_standards_of_what_keeps_it() -> None:
    found = mapping(
        promising(
            ("A", "policy.basis"),
            ("B", "activities.enquiries.retain"),
            ("C", "rights.rectification"),
            ("D", "policy.transfers"),
        ),
        TODAY,
    )
    assert found["JM"]["1"] == ["A"]
    assert found["JM"]["5"] == ["B"]
    assert found["JM"]["4"] == ["C"]
    assert found["JM"]["6"] == ["C"]
    assert found["JM"]["8"] == ["D"]


def test_there_are_eight_and_one_that_nothing_carries_is_empty_not_absent() -> None:
    found = mapping(promising(("A", "policy.basis")), TODAY)
    assert list(found["JM"]) == [str(n) for n in range(1, 9)]
    assert found["JM"]["7"] == []


def test_only_laws_that_apply_are_reported() -> None:
    assert set(mapping(full(), TODAY)) == {"EU", "GB"}
    assert set(mapping(promising(("A", "policy.basis"), jurisdictions=("KE",)), TODAY)) == {"GB"}


def test_every_control_that_is_named_exists() -> None:
    known = controls.known(["x"], law.RIGHTS)
    for listed in standards().values():
        for each in listed:
            for control in each.controls:
                bare = control.removesuffix("*")
                assert any(k == bare or (bare != control and k.startswith(bare)) for k in known)
