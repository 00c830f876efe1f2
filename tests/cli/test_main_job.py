"""check, inventory, plan, apply, status, run: the main job from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.shop import NEW, OLD, Cli

KEPT = [11, 12, 13, 14, 15]


def test_check_says_what_is_there(cli: Cli) -> None:
    found = cli("check")
    assert (found.code, found.err) == (0, "")
    assert found.out == "sound: 2 promises (1 not yet built), 1 activity, 1 collection\n"
    assert cli("check", "--json").json() == {"sound": True, "findings": []}


def test_inventory_tells_mapped_from_undeclared(cli: Cli) -> None:
    assert "mapped      shop.messages" in cli("inventory").out
    cli.change("stores.yaml", ", name: name", "")
    found = cli("inventory")
    assert found.code == 1
    assert "undeclared" in found.out and "name" in found.out
    assert [each["store"] for each in cli("inventory", "--json").json()["stores"]] == ["shop"]


def test_plan_counts_and_changes_nothing(cli: Cli) -> None:
    found = cli("plan", "-o", cli.file("plan.json"))
    assert found.code == 0
    assert f"delete shop.messages: {OLD} records of {OLD + NEW}" in found.out
    assert 'promise A-1: "Messages are deleted after thirty days."' in found.out
    assert f"servanda apply {cli.file('plan.json')}" in found.out
    data = cli("plan", "--json").json()
    assert Path(data["file"]).is_file()
    assert cli.ids() == [1, 2, 3, *KEPT]


def test_apply_does_the_plan_once(cli: Cli) -> None:
    plan = cli.plan()
    done = cli("apply", plan, "--yes")
    assert done.code == 0
    assert f"✓ shop.messages: deleted {OLD} of {OLD}" in done.out
    assert f"recounted shop.messages: 0 of {NEW} overdue" in done.out
    assert cli.ids() == KEPT
    again = cli("apply", plan, "--yes")
    assert again.code == 1
    assert "applied already" in again.err and "servanda plan" in again.err
    assert "Nothing is due" in cli("plan").out


def test_apply_json(cli: Cli) -> None:
    found = cli("apply", cli.plan(), "--yes", "--json")
    data = found.json()
    assert (found.code, data["result"]) == (0, "done")
    assert [(each["collection"], each["count"]) for each in data["steps"]] == [
        ("shop.messages", OLD)
    ]


def test_apply_asks_and_nobody_answers(cli: Cli) -> None:
    found = cli("apply", cli.plan())
    assert found.code == 2
    assert "add --yes" in found.err
    assert cli.ids() == [1, 2, 3, *KEPT]


def test_apply_asks_and_hears_no(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = cli.plan()
    monkeypatch.setattr("sys.stdin", _Terminal("n\n"))
    found = cli("apply", plan)
    assert found.code == 130
    assert f"{OLD} records in 1 collection " in found.out
    assert "nothing more was done" in found.err
    assert cli.ids() == [1, 2, 3, *KEPT]


def test_only_plans_what_is_named(cli: Cli) -> None:
    assert "delete shop.messages" in cli("plan", "--only", "shop").out
    refused = cli("plan", "--only", "shop.mesages")
    assert refused.code == 2
    assert "shop.mesages" in refused.err


def test_explain_one_record(cli: Cli) -> None:
    assert "deleted with the next run" in cli("explain", "shop.messages", "2").out
    assert cli("explain", "shop.messages", "12").out.startswith("It stays")
    json.loads(cli("explain", "shop.messages", "12", "--json").out)


def test_breaker_needs_an_approval_of_exactly_this_plan(cli: Cli) -> None:
    for id_ in range(21, 31):
        cli.add(id_, 100)
    plan = cli.plan()
    refused = cli("apply", plan, "--yes")
    assert refused.code == 1
    assert "approve" in refused.err
    assert len(cli.ids()) == OLD + NEW + 10
    assert "servanda approve" in cli("plan").out  # another plan, not approved below
    given = cli("approve", plan, "--reason", "ten old ones were imported", "--by", "bob")
    assert given.code == 0
    assert "approved by bob" in given.out
    assert cli("apply", plan, "--yes").code == 0
    assert cli.ids() == KEPT


def test_status_before_and_after_and_as_of(cli: Cli) -> None:
    assert "nothing recorded yet" in cli("status").out
    cli("inventory")
    assert "1 unproven" in cli("status").out
    cli("apply", cli.plan(), "--yes")
    page = cli.file("board.html")
    found = cli("status", "--html", page)
    assert found.code == 0
    assert "1 kept, 1 not yet built" in found.out
    assert "Messages are deleted after thirty days." in page.read_text(encoding="utf-8")
    before = datetime.now(UTC) - timedelta(days=2)
    assert "nothing recorded yet" in cli("status", "--as-of", before.date().isoformat()).out
    later = datetime.now(UTC) + timedelta(days=10)  # no sweep came: silence is not kept
    assert "1 unproven" in cli("status", "--as-of", later.isoformat()).out
    assert cli("status", "--all").out.count("A-2") == 1
    assert {each["id"] for each in cli("status", "--json").json()["promises"]} == {"A-1", "A-2"}


def test_run_once_leaves_a_census(cli: Cli) -> None:
    found = cli("run", "--once", "--json")
    data = found.json()
    assert (found.code, data["result"], data["waiting"]) == (0, "done", None)
    assert cli.ids() == KEPT
    assert cli.kinds()[-1] == "census"
    assert cli("run", "--once").code == 0
    assert cli.kinds().count("census") == 2


def test_run_once_waits_for_an_approval(cli: Cli) -> None:
    for id_ in range(21, 31):
        cli.add(id_, 100)
    found = cli("run", "--once")
    assert found.code == 1
    assert "waits for approval" in found.out
    assert len(cli.ids()) == OLD + NEW + 10
    assert cli("status").code == 1  # the recount saw them: broken
    plan = found.out.split("servanda approve ")[1].split(" --reason")[0]
    assert cli("approve", plan, "--reason", "yes").code == 0
    assert cli("apply", plan, "--yes").code == 0
    assert cli.ids() == KEPT


class _Terminal:
    """A standard input that says it is a terminal."""

    def __init__(self, text: str) -> None:
        self._lines = iter(text.splitlines(keepends=True))

    def isatty(self) -> bool:
        return True

    def readline(self, _: int = -1) -> str:
        return next(self._lines, "")
