"""Holds from the command line: by person, by record, by condition; they stop an apply."""

from __future__ import annotations

import pytest

from tests.cli.shop import Cli

KEPT = [11, 12, 13, 14, 15]
WAYS = {
    "person": (["--email", "ADA@example.test "], [1, 3]),
    "record": (["--collection", "shop.messages", "--key", "2"], [2]),
    "predicate": (["--collection", "shop.messages", "--where", "name = Name 3"], [3]),
}


@pytest.mark.parametrize("kind", WAYS)
def test_what_is_held_stays_until_it_is_released(cli: Cli, kind: str) -> None:
    way, held = WAYS[kind]
    added = cli("hold", "add", *way, "--reason", "dispute 17")
    assert added.code == 0
    id_ = added.out.split()[1]
    plan = cli.plan()
    done = cli("apply", plan, "--yes")
    assert (done.code, done.err) == (0, "")
    assert cli.ids() == held + KEPT
    status = cli("status")
    assert status.code == 0
    assert "1 suspended" in status.out
    (listed,) = cli("hold", "list", "--json").json()
    assert (listed["id"], listed["kind"], listed["by"]) == (id_, kind, "ann")
    assert cli("hold", "release", id_, "--reason", "settled").code == 0
    assert cli("hold", "list").out == "no holds\n"
    assert "released" in cli("hold", "list", "--released").out
    assert cli("run", "--once").code == 0
    assert cli.ids() == KEPT
    assert "1 kept" in cli("status").out


def test_a_hold_added_after_the_plan_wins(cli: Cli) -> None:
    plan = cli.plan()
    cli("hold", "add", "--email", "max@example.test", "--reason", "dispute")
    assert cli("apply", plan, "--yes").code == 0
    assert cli.ids() == [2, *KEPT]


def test_conditions(cli: Cli) -> None:
    for condition in ("name contains 2", "id = 2", "email != ada@example.test"):
        added = cli(
            "hold", "add", "--collection", "shop.messages", "--where", condition, "--reason", "x"
        )
        assert added.code == 0, added.err
    cli("run", "--once")
    assert cli.ids() == [2, *KEPT]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "by person, by record, or by condition"),
        (["--email", "a@b.test", "--collection", "shop.messages", "--key", "1"], "by person"),
        (["--collection", "shop.messages", "--where", "name"], "not a condition"),
        (["--collection", "shop.messages", "--where", "nam = x"], 'did you mean "name"?'),
        (["--collection", "shop.messages", "--key", "1", "--key", "2"], "has 1 part"),
    ],
)
def test_holds_that_say_too_little_or_too_much(cli: Cli, words: list[str], said: str) -> None:
    found = cli("hold", "add", *words, "--reason", "x")
    assert found.code == 2
    assert said in found.err
    assert cli("hold", "list", "--json").json() == []


def test_release_of_what_is_no_hold(cli: Cli) -> None:
    found = cli("hold", "release", "hold-00000000", "--reason", "x")
    assert found.code == 2
    assert "hold-00000000" in found.err
