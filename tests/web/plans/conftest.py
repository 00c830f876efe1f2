"""The firm with calls past their ceiling: 4 and 6 are Ann's, 5 is Bob's; 1 to 3 are not due."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from servanda.plan.steps import Plan
from servanda.runtime import hub, jobs, plans, standing
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member

# The browser of the session keeps a loop in this thread, which Django takes for an asynchronous
# caller; nothing here is one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DUE, FRESH = [4, 5, 6], [1, 2, 3]
Browse = Callable[[str | Member | None], Client]


def calls(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / "pbx.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT id FROM calls ORDER BY id")]


def fill(folder: Path, ids: list[int], at: str = "2024-01-05 10:00:00") -> None:
    with closing(sqlite3.connect(folder / "pbx.sqlite")) as database, database:
        for id_ in ids:
            who = "02890000002" if id_ % 2 else "02890000001"
            database.execute("INSERT INTO calls VALUES (?, ?, '100', NULL, ?)", (id_, who, at))


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def limit(folder: Path, rows: int) -> None:
    """Calls above so many need an approval."""
    breaker = f"limit: {{breaker: {{share: 1.0, rows: {rows}, floor: 1}}}}"
    connect = "connect: sqlite:///pbx.sqlite\n"
    change(folder, "stores.yaml", connect, f"{connect}    {breaker}\n")


def four_eyes(folder: Path) -> None:
    with (folder / "servanda.toml").open("a") as file:
        file.write("[web]\nfour_eyes = true\n")


def worked() -> None:
    """What the worker would do with the jobs that wait."""
    while jobs.work(hub.workspace(), threading.Event()):
        pass


@pytest.fixture
def due(site: Workspace) -> Workspace:
    fill(site.folder, DUE)
    assert calls(site.folder) == FRESH + DUE
    return site


def made(browser: Client) -> Plan:
    """A plan, made by pressing the button."""
    assert browser.post("/console/plans/make/").status_code == 302
    worked()
    return plans.listed(hub.workspace())[0]


def run(browser: Client, plan: Plan, confirm: str | None = None) -> int:
    """The answer to the button; then the worker works."""
    typed = str(standing.count(plan)) if confirm is None else confirm
    told = browser.post(f"/console/plans/{plan.digest}/run/", {"confirm": typed})
    worked()
    return told.status_code
