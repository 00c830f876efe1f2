"""One sweep: does what is due, waits where a person must decide, and always leaves a census.

Each world has two people and five messages, of which three are past their ceiling.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servanda.desk import approvals, holds
from servanda.kernel.errors import CheckFailed, ServandaError, UsageError
from servanda.kernel.predicate import Everything
from servanda.ledger import history
from servanda.runtime import plans
from servanda.runtime.judge import judge
from servanda.runtime.registry import open_store
from servanda.runtime.sweep import Sweep, run_plan, sweep
from servanda.runtime.workspace import Workspace
from servanda.status.verdict import Verdict
from servanda.stores.port import DeleteRows, Work
from tests.cli.shop import STORES, build

OCCASION = datetime(2026, 1, 14, 2, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "acme"
    build(place)
    fill(place, {1: 90, 2: 80, 3: 70, 4: 5, 5: 1})
    return place


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder) as opened:
        opened.use_state()
        yield opened


def fill(folder: Path, ages: dict[int, int]) -> None:
    now = datetime.now(UTC)
    with sqlite3.connect(folder / "shop.sqlite3") as database:
        for id_, days in ages.items():
            at = (now - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
            email = "ada@example.test" if id_ % 2 else "max@example.test"
            row = (id_, at, "open", f"Name {id_}", email)
            database.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", row)


def ids(folder: Path) -> list[int]:
    with sqlite3.connect(folder / "shop.sqlite3") as database:
        return [row[0] for row in database.execute("SELECT id FROM messages ORDER BY id")]


def censuses() -> list[dict[str, Any]]:
    return [dict(each.data) for each in history.entries(("census",))]


def verdict() -> Verdict:
    return next(row.verdict for row in judge(datetime.now(UTC)).rows if row.id == "A-1")


def test_does_what_is_due_and_says_so(folder: Path, workspace: Workspace) -> None:
    done = sweep(workspace, OCCASION)
    assert ids(folder) == [4, 5]
    assert (done.outcome.result, done.outcome.count, done.waiting) == ("done", 3, None)
    (census,) = censuses()
    assert datetime.fromisoformat(census["occasion"]) == OCCASION
    assert (census["removed"], census["collections"]) == (3, {"shop.messages": 2})
    assert verdict() is Verdict.KEPT


def test_nothing_to_do_leaves_a_census_too(folder: Path, workspace: Workspace) -> None:
    sweep(workspace, OCCASION)
    again = sweep(workspace, OCCASION + timedelta(days=1))
    assert (again.outcome.count, ids(folder)) == (0, [4, 5])
    assert [each["removed"] for each in censuses()] == [3, 0]
    published = (workspace.published / "checkpoint").read_text(encoding="utf-8")
    assert published.split("\n")[0] == "acme-shop"


def test_waits_for_an_approval_of_that_plan(folder: Path, workspace: Workspace) -> None:
    fill(folder, dict.fromkeys(range(11, 21), 100))
    waiting = sweep(workspace, OCCASION)
    assert len(ids(folder)) == 15
    assert waiting.waiting is not None
    assert (waiting.outcome.count, waiting.outcome.steps) == (0, ())
    assert censuses()[-1]["waiting"] == [waiting.plan.digest]
    assert verdict() is Verdict.BROKEN  # it is measured meanwhile
    found = plans.read(waiting.waiting)
    assert found.digest == waiting.plan.digest
    approvals.approve("f" * 64, by="ann", reason="another plan")
    assert len(ids(_swept(workspace, folder))) == 15
    approvals.approve(found.digest, by="ann", reason="an import")
    assert run_plan(workspace, found).result == "done"
    assert ids(folder) == [4, 5]
    sweep(workspace, OCCASION)
    assert (verdict(), censuses()[-1]["waiting"]) == (Verdict.KEPT, [])


def test_holds_are_kept_and_suspended(folder: Path, workspace: Workspace) -> None:
    id_ = holds.add_person(
        workspace.master, [("email", "max@example.test")], reason="dispute", by="ann"
    )
    for _ in range(2):  # the second plan meets what the first left
        assert sweep(workspace, OCCASION).outcome.result == "done"
        assert ids(folder) == [2, 4, 5]
        assert verdict() is Verdict.SUSPENDED
    holds.release(id_, by="ann", reason="settled")
    sweep(workspace, OCCASION)
    assert (ids(folder), verdict()) == ([4, 5], Verdict.KEPT)


def test_a_store_that_does_not_answer(folder: Path) -> None:
    (folder / "shop.sqlite3").rename(folder / "gone")
    with Workspace.open(folder) as workspace:
        done = sweep(workspace, OCCASION)
        assert censuses()[-1]["unreachable"] == ["shop"]
        assert done.plan.unreachable == ("shop",)
        assert verdict() is Verdict.UNPROVEN
    (folder / "gone").rename(folder / "shop.sqlite3")
    with Workspace.open(folder) as workspace:
        sweep(workspace, OCCASION)
        assert (ids(folder), verdict()) == ([4, 5], Verdict.KEPT)


def test_goes_on_with_what_was_interrupted(folder: Path, workspace: Workspace) -> None:
    from servanda.apply import run

    plan = plans.make(workspace, datetime.now(UTC))
    started = run.start(plan, workspace.site)
    assert ids(folder) == [1, 2, 3, 4, 5]
    sweep(workspace, OCCASION)
    assert ids(folder) == [4, 5]
    ended = {each.data["run"]: each.data for each in history.entries(("run.ended",))}
    assert ended[started]["outcome"] == "done"  # finished, not given up for a new one
    assert sum(each["count"] for each in ended[started]["steps"]) == 3


def test_old_evidence_keys_are_destroyed(folder: Path, workspace: Workspace) -> None:
    first = sweep(workspace, OCCASION)
    (folder / "servanda.toml").write_text('[evidence]\nkeep = "0 days"\n', encoding="utf-8")
    assert list(history.entries(("key.destroyed",))) == []
    with Workspace.open(folder) as again:
        sweep(again, OCCASION)
        destroyed = [each.data["run"] for each in history.entries(("key.destroyed",))]
    assert first.outcome.run in destroyed


def test_a_lead_that_breaks_promises_stops_the_sweep(folder: Path) -> None:
    (folder / "servanda.toml").write_text('[schedule]\nsweep = "0 2 * * 0"\n', encoding="utf-8")
    with Workspace.open(folder) as workspace, pytest.raises(UsageError):
        sweep(workspace, OCCASION)
    assert ids(folder) == [1, 2, 3, 4, 5]


def test_mode_verify_measures_and_cannot_write(folder: Path) -> None:
    text = STORES.replace("    limit:", "    mode: verify\n    limit:")
    (folder / "stores.yaml").write_text(text, encoding="utf-8")
    with Workspace.open(folder) as workspace:
        sweep(workspace, OCCASION)
        assert ids(folder) == [1, 2, 3, 4, 5]
        assert verdict() is Verdict.BROKEN


def test_a_reader_and_mode_verify_cannot_write(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        (direct,) = workspace.configs
        messages = workspace.collection("shop.messages")
    work = Work(messages, DeleteRows(), Everything())
    for config, reader in ((replace(direct, mode="verify"), False), (direct, True)):
        store = open_store(config, reader=reader)
        (bounds,) = store.split(work, 100)
        with pytest.raises(ServandaError), store.open(work, bounds, work.target) as window:
            window.commit()
        store.close()
        assert ids(folder) == [1, 2, 3, 4, 5]
    store = open_store(direct)  # the same, allowed
    (bounds,) = store.split(work, 100)
    with store.open(work, bounds, work.target) as window:
        window.commit()
    store.close()
    assert ids(folder) == []


def test_the_reader_uses_the_credential_of_the_recount(folder: Path) -> None:
    text = STORES.replace("    limit:", "    recount: sqlite:///copy.sqlite3\n    limit:")
    (folder / "stores.yaml").write_text(text, encoding="utf-8")
    (folder / "copy.sqlite3").write_bytes((folder / "shop.sqlite3").read_bytes())
    fill(folder, {9: 1})
    with Workspace.open(folder) as workspace:
        (found,) = workspace.configs
        messages = workspace.collection("shop.messages")
        for reader, count in ((False, 6), (True, 5)):
            store = open_store(found, reader=reader)
            assert store.tally(messages, Everything()).count == count
            store.close()


def test_an_unsound_workspace_does_not_open(folder: Path) -> None:
    (folder / "stores.yaml").write_text(STORES.replace("clocks", "clock"), encoding="utf-8")
    with pytest.raises(CheckFailed) as refused:
        Workspace.open(folder)
    assert all(each.file.endswith("stores.yaml") for each in refused.value.diagnostics)
    (folder / "stores.yaml").unlink()
    with pytest.raises(UsageError):
        Workspace.open(folder)
    assert not (folder / ".servanda").exists()


def _swept(workspace: Workspace, folder: Path) -> Path:
    done: Sweep = sweep(workspace, OCCASION)
    assert done.outcome.count == 0
    return folder
