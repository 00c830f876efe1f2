"""The constraints that keep two workers apart, on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from servanda import state

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def refused(attempt: Callable[[], object]) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        attempt()


def test_what_must_be_unique_is(each_state: str) -> None:
    from servanda.state.models import Approval, HoldsVersion, Run, StepRun, Tree, Window

    def run(name: str, plan: str) -> Run:
        return Run.objects.create(id=name, plan_digest=plan, plan=b"{}", started_at=NOW)

    one, two = run("r1", "a"), run("r2", "b")
    refused(lambda: run("r3", "a"))
    refused(lambda: run("r1", "c"))
    Run.objects.filter(id="r1").update(state=Run.State.DONE, ended_at=NOW)
    run("r4", "a")  # the first has ended, so its plan may run again

    StepRun.objects.create(run=one, step_id="s")
    StepRun.objects.create(run=two, step_id="s")
    refused(lambda: StepRun.objects.create(run=one, step_id="s"))

    Window.objects.create(run=one, step="s", number=1, bounds={"low": 1})
    Window.objects.create(run=one, step="s", number=2, bounds={})
    Window.objects.create(run=two, step="s", number=1, bounds={})
    refused(lambda: Window.objects.create(run=one, step="s", number=1, bounds={}))
    assert Window.objects.get(run=one, number=1).bounds == {"low": 1}

    Approval.objects.create(plan_digest="a", by="alice", at=NOW, reason="checked")
    Approval.objects.create(plan_digest="a", by="bob", at=NOW, reason="checked")
    refused(lambda: Approval.objects.create(plan_digest="a", by="bob", at=NOW, reason="again"))

    refused(lambda: Tree.objects.create(id=2))
    refused(lambda: HoldsVersion.objects.create(id=2))
    assert Tree.objects.get().size == HoldsVersion.objects.get().version == 0


def test_an_integrity_error_is_not_disguised(each_state: str) -> None:
    from django.db import IntegrityError

    from servanda.state.models import Fact

    Fact.objects.create(key="a", value="1")
    with pytest.raises(IntegrityError), state.transaction():
        Fact.objects.create(key="a", value="2")
    assert Fact.objects.get().value == "1"
