"""Four eyes hold wherever a run begins: command line, jobs, sweeps. Three messages are due."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from servanda.desk import approvals
from servanda.kernel.errors import BreakerOpen
from servanda.runtime import plans
from servanda.runtime.sweep import run_plan, sweep
from servanda.runtime.workspace import Workspace
from servanda.state.models import Run
from tests.cli.shop import Cli, build, populate

ANN, BOB = "member 1", "member 2"
DUE, FRESH = [1, 2, 3], [11, 12, 13, 14, 15]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    folder = tmp_path / "acme"
    build(folder)
    (folder / "servanda.toml").write_text("[web]\nfour_eyes = true\n")
    found = Cli(folder, capsys)
    populate(found)
    assert found.ids() == DUE + FRESH
    return found


def test_the_command_line_obeys(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = cli.plan()
    told = cli("apply", plan, "--yes")
    assert told.code == 1 and "four eyes" in told.err
    for by in ("bob", BOB):  # whoever types may type any name
        assert cli("approve", plan, "--reason", "so", "--by", by).code == 2
    monkeypatch.setenv("LOGNAME", BOB)
    assert cli("apply", plan, "--yes").code == 1
    assert cli.ids() == DUE + FRESH
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        digest = plans.read(plan).digest
        for by in (ANN, BOB):
            assert cli.ids() == DUE + FRESH
            approvals.approve(digest, by=by, reason="looked", four_eyes=True)
    assert cli("apply", plan, "--yes").code == 0
    assert cli.ids() == FRESH


def test_a_run_needs_a_second_person(cli: Cli) -> None:
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        plan = plans.make(workspace, datetime.now(UTC))
        for by in ("", ANN, BOB):
            with pytest.raises(BreakerOpen):
                run_plan(workspace, plan, by=by)
        plans.write(workspace, plan, by=ANN)
        approvals.approve(plan.digest, by=BOB, reason="looked", four_eyes=True)
        with pytest.raises(BreakerOpen):
            run_plan(workspace, plan, by=BOB)
        assert cli.ids() == DUE + FRESH and not Run.objects.exists()
        assert run_plan(workspace, plan, by=ANN).count == 3
        assert cli.ids() == FRESH
        assert Run.objects.get().by == ANN


def test_the_schedule_goes_on_and_a_person_waits(cli: Cli) -> None:
    assert cli("run", "--once").code == 1
    assert cli.ids() == DUE + FRESH
    with Workspace.open(cli.folder) as workspace:
        workspace.use_state()
        asked = sweep(workspace, datetime.now(UTC), by=ANN)
        assert asked.waiting is not None and cli.ids() == DUE + FRESH
        assert sweep(workspace, datetime.now(UTC)).outcome.count == 3
        assert cli.ids() == FRESH
        assert sweep(workspace, datetime.now(UTC), by=ANN).waiting is None  # it writes nothing
