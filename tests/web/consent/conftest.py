"""`shop`: a site whose policy asks for consent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servanda.desk.consents import counting
from servanda.runtime import hub
from servanda.runtime.workspace import Workspace
from servanda.web.api import gatekeeping
from servanda.web.consent import choice, preferences
from servanda.web.kit import windows
from tests.web.conftest import browser, client, member, served, site, template
from tests.web.consent.world import asks

__all__ = ["browser", "client", "member", "served", "site", "template"]


@pytest.fixture(autouse=True)
def _nobody_counted() -> Iterator[None]:
    for window in (choice.taken, preferences.mailed, windows.guesses):
        window.clear()
    gatekeeping.forget()
    counting.forget()
    yield


@pytest.fixture
def shop(site: Workspace) -> Workspace:
    asks(site.folder)
    found = hub.workspace()
    assert hub.fault() is None, getattr(hub.fault(), "diagnostics", hub.fault())
    return found
