"""`cli`: the commands, on a small workspace of its own. `firm`: on one with several stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.firm import Firm, build_firm
from tests.cli.shop import Cli, build, populate


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("USER", "ann")
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "acme"
    build(folder)
    found = Cli(folder, capsys)
    populate(found)
    return found


@pytest.fixture
def firm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Firm:
    monkeypatch.setenv("USER", "me")
    monkeypatch.setenv("COLUMNS", "200")
    return build_firm(tmp_path / "firm", capsys)
