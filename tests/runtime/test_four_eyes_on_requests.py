"""Where four eyes are wanted, who decided an erasure does not act on it, by whichever way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from servanda.kernel.errors import UsageError
from servanda.runtime import deeds, jobs, requests
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job
from tests.apply.requests.house import ANN, BOB, build_house, rows

CLIENTS = "SELECT id FROM clients WHERE id < 4 ORDER BY id"


def opened(folder: Path, four_eyes: bool) -> Workspace:
    build_house(folder)
    (folder / "servanda.toml").write_text(f"[web]\nfour_eyes = {str(four_eyes).lower()}\n")
    return Workspace.open(folder)


def decided(workspace: Workspace, who: tuple[tuple[str, str], ...], right: str = "erasure") -> str:
    from servanda.desk.requests import identity

    desk = workspace.desk
    ref = desk.new(
        right,
        who,
        received=desk.book.today(),
        via="post",
        by="Ann Decider",
        corrections=[("name", "Anne")] if right == "rectification" else [],
    )
    identity.seen(desk.book, ref, "passport", by="Ann Decider")
    desk.decide(ref, "act", by="Ann Decider")
    return ref


def acted(workspace: Workspace, ref: str, by: str) -> None:
    with requests.acting(workspace) as actor:
        plan = requests.plan(workspace, [workspace.desk.get(ref)], actor)
        requests.act(workspace, plan, actor, by=by)


@pytest.mark.parametrize("by", ["", "Ann Decider", " ann  decider "])
def test_who_decided_does_not_act(tmp_path: Path, by: str) -> None:
    with opened(tmp_path, four_eyes=True) as workspace:
        workspace.use_state()
        ref = decided(workspace, ANN)
        with pytest.raises(UsageError, match="somebody"):
            acted(workspace, ref, by)
        assert rows(tmp_path, "crm", CLIENTS) == [(1,), (2,), (3,)]
        with pytest.raises(UsageError):
            deeds.ask(workspace, ref, 1, by=by)
        assert not Job.objects.exists()


def test_somebody_else_does(tmp_path: Path) -> None:
    with opened(tmp_path, four_eyes=True) as workspace:
        workspace.use_state()
        ref, other = decided(workspace, ANN), decided(workspace, BOB)
        acted(workspace, ref, "Bo Actor")
        assert rows(tmp_path, "crm", CLIENTS) == [(2,), (3,)]
        view = workspace.desk.get(ref)
        assert [(e.kind, e.by) for e in view.events][-1] == ("act_begun", "Bo Actor")
        with pytest.raises(UsageError):
            acted(workspace, other, "Ann Decider")
        assert rows(tmp_path, "crm", CLIENTS) == [(2,), (3,)]


def test_a_job_without_a_name_does_nothing(tmp_path: Path) -> None:
    """Whoever puts down a job by another way than `deeds.ask`."""
    with opened(tmp_path, four_eyes=True) as workspace:
        workspace.use_state()
        ref = decided(workspace, ANN)
        job = jobs.ask("act", {"requests": [ref]}, about="x", by="Bo Actor")
        jobs.work(workspace, threading.Event())
        job.refresh_from_db()
        assert job.state == "failed" and "by name" in job.error
        assert rows(tmp_path, "crm", CLIENTS) == [(1,), (2,), (3,)]


def test_what_is_no_erasure_needs_none(tmp_path: Path) -> None:
    with opened(tmp_path, four_eyes=True) as workspace:
        workspace.use_state()
        ref = decided(workspace, ANN, "rectification")
        acted(workspace, ref, "Ann Decider")
        assert rows(tmp_path, "crm", "SELECT name FROM clients WHERE id < 3") == [
            ("Anne",),
            ("Bob",),
        ]


def test_it_is_off_unless_wanted(tmp_path: Path) -> None:
    with opened(tmp_path, four_eyes=False) as workspace:
        workspace.use_state()
        acted(workspace, decided(workspace, ANN), "")
        assert rows(tmp_path, "crm", CLIENTS) == [(2,), (3,)]


def test_the_scheduled_run_goes_on_with_what_was_begun(tmp_path: Path) -> None:
    """A store that was away when somebody allowed to act did so."""
    with opened(tmp_path, four_eyes=True) as workspace:
        workspace.use_state()
        ref = decided(workspace, ANN)
        (tmp_path / "tapes").rename(tmp_path / "away")
        acted(workspace, ref, "Bo Actor")
        assert workspace.desk.get(ref).state == "acting"
    (tmp_path / "away").rename(tmp_path / "tapes")
    with Workspace.open(tmp_path) as workspace:
        workspace.use_state()
        assert requests.go_on(workspace) == []
        assert workspace.desk.get(ref).state == "acted"
