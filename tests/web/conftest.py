"""A small firm behind the web faces, members of every role, and a real browser.

`site`: the workspace of tests/cli/firm.py, its state migrated for the web, served by this process.
`member(role)`: somebody with that role and a second factor. `client(member)`: their browser, signed
in, without a network. `served`: the real `servanda serve` as a process. `browser`: Chromium.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from servanda import state
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.models import Member
from servanda.web.start import configure_django
from tests.web.world import Served, build_site, factor, migrated

# A browser that runs keeps an event loop in this thread; Django would refuse to work beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state database with every table, made once."""
    return migrated(tmp_path_factory.mktemp("template") / "state.sqlite3")


@pytest.fixture
def site(tmp_path: Path, template: Path) -> Iterator[Workspace]:
    folder = tmp_path / "firm"
    build_site(folder)
    (folder / ".servanda").mkdir(mode=0o700, exist_ok=True)
    shutil.copy(template, folder / ".servanda" / "state.sqlite3")
    workspace = Workspace.open(folder)
    configure_django(workspace.settings.web, workspace.master)
    workspace.use_state(every=True)
    hub.begin(workspace)
    yield workspace
    workspace.close()


@pytest.fixture
def member(site: Workspace) -> Callable[[str], Member]:
    def made(role: str, tenant: str = "") -> Member:
        name = role.replace("_", " ").title()
        found = Member.objects.create_user(
            f"{role}@firm.test", PASSWORD, name=name, role=role, tenant=tenant
        )
        factor(found)
        return found

    return made


@pytest.fixture
def client(member: Callable[[str], Member]) -> Callable[[str | Member | None], Client]:
    """Somebody's browser: of a new member with that role, of a member, or of a stranger."""

    def made(of: str | Member | None = "owner") -> Client:
        found = Client(SERVER_NAME="localhost")
        if of is not None:
            found.force_login(member(of) if isinstance(of, str) else of)
        return found

    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while it runs, Django takes this thread for an asynchronous one."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: run `sudo tools/install-services --browser`")
    # Playwright leaves an event loop in this thread for as long as it is open, which Django takes
    # for asynchronous code of ours in every test that follows.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-background-networking", "--disable-sync"],
        )
        yield found
        found.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The firm behind a real server of its own."""
    folder = tmp_path / "served"
    build_site(folder)
    with Served(folder) as found:
        yield found


@pytest.fixture(autouse=True)
def _no_state_left() -> Iterator[None]:
    yield
    state.close()
