"""A visitor of the small firm; its letters go into a folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servanda.runtime.workspace import Workspace
from tests.web.portal.visitor import Visitor


@pytest.fixture
def visitor(site: Workspace) -> Callable[..., Visitor]:
    def made(**more: Any) -> Visitor:
        return Visitor(site, **more)

    return made
