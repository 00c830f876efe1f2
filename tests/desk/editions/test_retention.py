"""A raised ceiling keeps the data of who accepted it, and of nobody else, in real databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from servanda.desk import editions
from servanda.kernel.errors import StalePlan
from servanda.plan.record import explain_record
from servanda.plan.steps import Delete
from servanda.runtime import plans
from servanda.runtime.sweep import run_plan
from servanda.runtime.workspace import Workspace
from tests.desk.editions.edition_world import policy, publish, written

TODAY = datetime.now(UTC)
STORES = """\
stores:
  pbx:
    connect: ${PBX}
    limit: {breaker: {share: 1.0, rows: 1000, floor: 100}}
    collections:
      calls:
        activity: calls
        key: [id]
        clocks: {recorded: made}
        fields: {id: [], made: [], terms: [], number: contact.phone}
        identify: {phone: [number]}
%(consent)s
"""
NAMED = "        consent: {terms: {field: terms}}"
OLD, NEW = TODAY - timedelta(days=500), TODAY - timedelta(days=40)
ROWS = (
    # Ann accepted edition 2 and Ben did not: three rows each, of which one is new.
    (1, OLD, 2, "028 9000 0001"),
    (2, OLD - timedelta(days=9), 2, "028 9000 0001"),
    (3, NEW, 2, "028 9000 0001"),
    (4, OLD, None, "028 9000 0002"),
    (5, OLD - timedelta(days=9), 1, "028 9000 0002"),
    (6, NEW, None, "028 9000 0002"),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pbx.sqlite3'}"
    found = request.getfixturevalue("postgres_db")
    assert isinstance(found, str)
    return found


def opened(folder: Path, url: str, consent: str = NAMED, kept: str = "24 months") -> Workspace:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as database:
        database.execute(sa.text("DROP TABLE IF EXISTS calls"))
        database.execute(
            sa.text(
                "CREATE TABLE calls (id integer PRIMARY KEY, made timestamp, terms integer, "
                "number varchar(40))"
            )
        )
        for row in ROWS:
            names = dict(zip(("id", "made", "terms", "number"), row, strict=True))
            names["made"] = row[1].replace(tzinfo=None)
            statement = "INSERT INTO calls VALUES (:id, :made, :terms, :number)"
            database.execute(sa.text(statement), names)
    engine.dispose()
    (folder / "policy.yaml").write_text(written(kept=kept))
    (folder / "stores.yaml").write_text(STORES % {"consent": consent})
    found = Workspace.open(folder, {"PBX": url})
    found.use_state()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    from servanda import state

    place = tmp_path / "acme"
    place.mkdir()
    yield place
    state.close()


def left(url: str) -> list[int]:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as database:
        found = [row[0] for row in database.execute(sa.text("SELECT id FROM calls ORDER BY id"))]
    engine.dispose()
    return found


def both(second_at: datetime) -> None:
    publish(policy(), now=TODAY - timedelta(days=90))
    publish(policy(kept="24 months"), material=True, now=second_at)


def swept(workspace: Workspace) -> None:
    plan = plans.make(workspace, datetime.now(UTC))
    assert run_plan(workspace, plan, by="member 1").result == "done"


def test_who_accepted_keeps_and_who_did_not_goes_at_the_old_date(folder: Path, url: str) -> None:
    with opened(folder, url) as workspace:
        both(TODAY - timedelta(days=60))
        assert left(url) == [1, 2, 3, 4, 5, 6]
        swept(workspace)
        assert left(url) == [1, 2, 3, 6], "Ben's old calls went, Ann's stay, new ones stay"
        swept(workspace)
        assert left(url) == [1, 2, 3, 6]


def test_where_no_field_says_so_the_older_limit_binds_all(folder: Path, url: str) -> None:
    with opened(folder, url, consent="") as workspace:
        both(TODAY - timedelta(days=60))
        said = plans.make(workspace, datetime.now(UTC))
        (why,) = [step.because for step in said.steps if isinstance(step, Delete)]
        assert any("no field here says who accepted it, so it binds all" in each for each in why)
        swept(workspace)
        assert left(url) == [3, 6]


def test_before_it_binds_and_while_it_is_only_written(folder: Path, url: str) -> None:
    with opened(folder, url) as workspace:
        publish(policy(), now=TODAY - timedelta(days=90))
        swept(workspace)
        assert left(url) == [3, 6], "only written: nobody can have accepted it"


def test_without_editions_the_policy_counts_as_written(folder: Path, url: str) -> None:
    with opened(folder, url) as workspace:
        swept(workspace)
        assert left(url) == [1, 2, 3, 4, 5, 6]


def test_explained_for_one_record(folder: Path, url: str) -> None:
    with opened(folder, url) as workspace:
        both(TODAY - timedelta(days=60))
        now = datetime.now(UTC)
        older = editions.older(now, workspace.policy)

        def told(key: int) -> tuple[str, list[str]]:
            found = explain_record(
                "pbx.calls", (key,), workspace.policy, workspace.configs, workspace.stores, now,
                plans.lead(workspace, now), older=older,
            )  # fmt: skip
            return found.decision.outcome, list(found.decision.because)

        outcome, why = told(1)
        assert outcome == "keep"
        assert any("accepted edition 2 of the policy, so this does not bind" in e for e in why)
        outcome, why = told(4)
        assert outcome == "delete"
        assert any("as before edition 2, for who has not accepted it" in each for each in why)


def test_a_plan_made_under_other_terms_is_stale(folder: Path, url: str) -> None:
    with opened(folder, url) as workspace:
        publish(policy(), now=TODAY - timedelta(days=90))
        plan = plans.make(workspace, datetime.now(UTC))
        publish(policy(kept="24 months"), material=True, now=TODAY - timedelta(days=60))
        with pytest.raises(StalePlan, match="which terms count"):
            run_plan(workspace, plan, by="member 1")
        assert left(url) == [1, 2, 3, 4, 5, 6]
