"""The forecast page shows what a job counted, and never asks a store itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from servanda.runtime import duties, forecast, hub, jobs
from servanda.runtime.workspace import Workspace
from servanda.state.models import Job
from tests.web.plans.conftest import Browse, change, fill, worked

DAY = timedelta(days=1)


def soon(days: int) -> str:
    """A call that will be a year old in so many days."""
    return f"{datetime.now(UTC) - timedelta(days=365 - days):%Y-%m-%d %H:%M:%S}"


def test_counted_by_a_job_and_shown(due: Workspace, client: Browse) -> None:
    engineer = client("engineer")
    fill(due.folder, [7], soon(5))
    fill(due.folder, [8, 9], soon(40))
    page = engineer.get("/console/forecast/").content.decode()
    assert "Nothing was counted yet" in page and '<svg class="drawn' not in page
    assert engineer.post("/console/forecast/renew/").status_code == 302
    assert "being counted" in engineer.get("/console/forecast/").content.decode()
    worked()
    assert engineer.get("/console/forecast/waiting/?poll").headers["HX-Refresh"] == "true"
    page = engineer.get("/console/forecast/").content.decode()
    assert "6 to go" in page
    row = re.search(r'<th scope="row">pbx.calls</th><td>gone</td>(.*?)</tr>', page)
    assert row is not None
    numbers = [int(each) for each in re.findall(r">(\d+)<", row[1])]
    assert numbers[:2] == [3, 4] and numbers[3] == 6
    assert re.search(r'<svg class="drawn.*?<title id="t1">pbx, week by week', page, re.DOTALL)
    assert "style=" not in page and "<script>" not in page


def test_the_page_asks_no_store(
    due: Workspace, client: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast.renew(due)

    def refused(*_: object) -> object:
        raise AssertionError("a store was opened for a page")

    auditor = client("auditor")
    with monkeypatch.context() as patched:
        patched.setattr(Workspace, "stores", property(refused))
        assert auditor.get("/console/forecast/").status_code == 200
    assert auditor.post("/console/forecast/renew/").status_code == 403
    assert client("support").get("/console/forecast/").status_code == 403
    assert not Job.objects.exists()


def test_says_what_it_does_not_know(due: Workspace, client: Browse) -> None:
    auditor = client("auditor")
    (due.folder / "crm.sqlite").rename(due.folder / "gone")
    change(
        due.folder, "stores.yaml", "connect: file:tapes", "connect: file:tapes\n    mode: verify"
    )
    forecast.renew(hub.workspace())
    page = auditor.get("/console/forecast/").content.decode()
    assert "crm did not answer" in page and "tapes is only measured" in page
    assert "pbx.calls" in page and "crm.clients" not in page
    change(due.folder, "policy.yaml", "at_most: 12 months", "at_most: 11 months")
    assert "count anew" in auditor.get("/console/forecast/").content.decode()


def test_it_is_kept_young_once_somebody_asked(due: Workspace) -> None:
    duties.renew_forecast(due)
    assert jobs.latest("forecast") is None
    forecast.renew(due)
    duties.renew_forecast(due)
    assert jobs.latest("forecast") is None
    forecast.renew(due, datetime.now(UTC) - 2 * DAY)
    duties.renew_forecast(due)
    worked()
    found = forecast.latest(due)
    assert found is not None and datetime.now(UTC) - found.at < DAY
